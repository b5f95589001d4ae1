/**
 * A container runtime that is made up, for what a real one cannot be brought to
 * do: lists beyond 16 MiB, hundreds of pods, methods that are not there.
 *
 *     fake_runtime.ts SOCKET [--pods N] [--containers N] [--too-large]
 *       [--without-streams] [--without-containerd] [--log FILE]
 *
 * It runs as a process of its own (`startFakeRuntime`): a gRPC server in the
 * test process keeps Deno from ending. It prints one line when it listens.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { criMessages, ImageService, RuntimeService } from "../../mod/cri/mod.ts";
import { Containers } from "../../mod/cri/gen/containerd_containers.ts";
import { Tasks } from "../../mod/cri/gen/containerd_tasks.ts";
import { TaskStatus } from "../../mod/cri/gen/containerd_types.ts";
import { GrpcCode, GrpcError } from "../../mod/grpc/mod.ts";
import { createGrpcServer, type GrpcRoute, route } from "./grpc_server.ts";

const { ContainerState, PodSandboxState } = criMessages;

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    pods: { type: "string", default: "2" },
    containers: { type: "string", default: "2" },
    "too-large": { type: "boolean", default: false },
    "without-streams": { type: "boolean", default: false },
    "without-containerd": { type: "boolean", default: false },
    /** The log of every container. */
    log: { type: "string", default: "" },
  },
});
const podCount = Number(values.pods);
const containerCount = Number(values.containers);

const hex = (kind: number, number: number) =>
  (kind * 1_000_000 + number).toString(16).padStart(12, "0").padEnd(64, "f");
const createdAt = 1_767_225_600_000_000_000n;

const sandboxes = Array.from({ length: podCount }, (_, index) => {
  const name = `pod-${index}-node`;
  return {
    id: hex(1, index),
    metadata: { name, namespace: "default", uid: `uid-${index}`, attempt: 0 },
    state: index % 10 === 9 ? PodSandboxState.SANDBOX_NOTREADY : PodSandboxState.SANDBOX_READY,
    createdAt,
    labels: {
      "io.kubernetes.pod.name": name,
      "io.kubernetes.pod.namespace": "default",
      "io.kubernetes.pod.uid": `uid-${index}`,
      app: "demo",
    },
    annotations: {
      "kubernetes.io/config.hash": `uid-${index}`,
      "kubernetes.io/config.seen": "2026-01-01T00:00:00.000000000Z",
      "kubernetes.io/config.source": "http",
    },
  };
});
const containers = sandboxes.flatMap((sandbox, index) =>
  Array.from({ length: containerCount }, (_, part) => ({
    id: hex(2, index * containerCount + part),
    podSandboxId: sandbox.id,
    metadata: { name: `app-${part}`, attempt: 0 },
    image: { image: "sha256:1" },
    imageRef: "sha256:1",
    state: sandbox.state === PodSandboxState.SANDBOX_READY
      ? ContainerState.CONTAINER_RUNNING
      : ContainerState.CONTAINER_EXITED,
    createdAt,
    labels: {
      "io.kubernetes.container.name": `app-${part}`,
      "io.kubernetes.pod.name": sandbox.metadata.name,
      "io.kubernetes.pod.namespace": "default",
      "io.kubernetes.pod.uid": sandbox.metadata.uid,
    },
    annotations: {
      "io.kubernetes.container.hash": "1a2b3c4d",
      "io.kubernetes.container.restartCount": "0",
      "io.kubernetes.container.terminationMessagePath": "/dev/termination-log",
      "io.kubernetes.container.terminationMessagePolicy": "File",
      "io.kubernetes.pod.terminationGracePeriod": "30",
    },
  }))
);
const images = [{
  id: "sha256:1",
  repoTags: ["docker.io/library/demo:1"],
  repoDigests: [],
  size: 1000n,
}];
const pidOf = (id: string) => Number.parseInt(id.slice(0, 12), 16) % 4_000_000 + 1;

/** The number of calls of each method, which a test asks for as the runtime's version. */
const calls: Record<string, number> = {};
function counted(method: string): void {
  calls[method] = (calls[method] ?? 0) + 1;
}
function refuseWhole(): void {
  if (values["too-large"]) {
    throw new GrpcError(
      GrpcCode.resourceExhausted,
      "grpc: trying to send message larger than max (20000000 vs. 16777216)",
    );
  }
}
function refuseStream(): void {
  if (values["without-streams"]) throw new GrpcError(GrpcCode.unimplemented, "unknown method");
}
function* batches<T>(items: readonly T[]): Iterable<T[]> {
  for (let start = 0; start < items.length; start += 100) yield items.slice(start, start + 100);
}

// The same value each time: the server encodes it once.
const allSandboxes = { items: sandboxes };
const allContainers = { containers };
const allTasks = {
  tasks: [...sandboxes, ...containers].map(({ id }) => ({
    id,
    pid: pidOf(id),
    status: TaskStatus.TASK_RUNNING,
  })),
};
const allRecords = {
  containers: sandboxes.map(({ id }) => ({ id, image: "registry.k8s.io/pause:3.6" })),
};

const runtime = RuntimeService.method;
const routes: GrpcRoute[] = [
  route(runtime.version, () => ({ runtimeName: "fake", runtimeVersion: JSON.stringify(calls) })),
  route(runtime.listPodSandbox, ({ filter }) => {
    counted("ListPodSandbox");
    const state = filter?.state?.state;
    if (state === undefined) refuseWhole();
    if (state === undefined) return allSandboxes;
    return { items: sandboxes.filter((item) => item.state === state) };
  }),
  route(runtime.listContainers, ({ filter }) => {
    counted("ListContainers");
    const sandboxId = filter?.podSandboxId;
    if (!sandboxId) refuseWhole();
    if (!sandboxId) return allContainers;
    return { containers: containers.filter((item) => item.podSandboxId === sandboxId) };
  }),
  route(runtime.streamPodSandboxes, function* () {
    counted("StreamPodSandboxes");
    refuseStream();
    for (const podSandboxes of batches(sandboxes)) yield { podSandboxes };
  }),
  route(runtime.streamContainers, function* () {
    counted("StreamContainers");
    refuseStream();
    for (const part of batches(containers)) yield { containers: part };
  }),
  route(runtime.podSandboxStatus, ({ podSandboxId }) => {
    counted("PodSandboxStatus");
    return { info: { info: JSON.stringify({ pid: pidOf(podSandboxId) }) } };
  }),
  route(runtime.containerStatus, ({ containerId }) => {
    counted("ContainerStatus");
    const container = containers.find(({ id }) => id === containerId);
    if (container === undefined) throw new GrpcError(GrpcCode.notFound, "not found");
    const { id, metadata, state } = container;
    return {
      status: {
        ...{ id, metadata, state, createdAt, startedAt: createdAt, finishedAt: createdAt },
        logPath: values.log,
      },
      info: { info: JSON.stringify({ pid: pidOf(id) }) },
    };
  }),
  route(ImageService.method.listImages, () => {
    counted("ListImages");
    return { images };
  }),
  // What crictl asks first, to see that there is a runtime.
  route(ImageService.method.imageFsInfo, () => ({})),
];
if (!values["without-containerd"]) {
  routes.push(
    route(Tasks.method.list, () => {
      counted("Tasks.List");
      return allTasks;
    }),
    route(Containers.method.list, () => {
      counted("Containers.List");
      return allRecords;
    }),
  );
}

createGrpcServer(routes).listen(positionals[0], () => {
  process.stdout.write("listening\n");
});
