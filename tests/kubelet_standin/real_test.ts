import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, it } from "@std/testing/bdd";
import { criMessages, RuntimeService } from "../../mod/cri/mod.ts";
import { skipReason, startContainerd, type TestContainerd } from "../support/containerd.ts";
import { BUSYBOX_IMAGE } from "../support/images.ts";
import {
  createCertificate,
  type KubeletProcess,
  spawnKubelet,
  type StandInOptions,
} from "../support/kubelet/mod.ts";
import { kubeletClient } from "../../mod/kubelet/mod.ts";
import { describeUnless } from "../support/unless.ts";

/** The parts of a pod in `/pods` that these tests look at. */
interface PodView {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly containerID?: string;
      readonly state: { readonly waiting?: { readonly reason: string } };
    }[];
  };
}

const authority = createCertificate({ commonName: "test-ca", isAuthority: true });
const server509 = createCertificate({
  commonName: "node-1",
  issuer: authority,
  subjectAltNames: ["node-1"],
});
const client509 = createCertificate({ commonName: "podstead", issuer: authority });

const shell = (script: string) => ["/bin/sh", "-c", script];
const WAIT = "trap 'exit 0' TERM; sleep 2147483647 & wait $!";

function pod(name: string, container: object = {}, spec: object = {}) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: name } },
    spec: {
      containers: [{
        name: "main",
        image: BUSYBOX_IMAGE,
        command: shell(`echo started; ${WAIT}`),
        ...container,
      }],
      ...spec,
    },
  };
}

describeUnless(skipReason(), "kubelet stand-in on real containerd", () => {
  let containerd: TestContainerd;
  let kubelet: KubeletProcess;
  let options: Omit<StandInOptions, "log">;
  let body = "";
  const server = createServer((_, response) => response.end(body));

  const serve = (...items: readonly unknown[]) => {
    body = JSON.stringify({ apiVersion: "v1", kind: "PodList", items });
  };
  const pods = async (): Promise<ReadonlyMap<string, PodView>> => {
    const response = await fetch(`http://127.0.0.1:${kubelet.ports.readOnly}/pods`);
    const { items } = await response.json();
    return new Map((items ?? []).map((item: PodView) => [item.metadata.name, item]));
  };
  const until = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
    const limitMs = Date.now() + 120_000;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > limitMs) {
        throw new Error(`never seen: ${what}\n${kubelet.log.join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const ready = (name: string) =>
    until(`${name} ready`, async () => {
      const found = (await pods()).get(name);
      const condition = found?.status.conditions?.find(({ type }) => type === "Ready");
      return condition?.status === "True" ? found : undefined;
    });
  const sandboxes = async () =>
    (await containerd.runtime.call(RuntimeService.method.listPodSandbox, {})).items;

  before(async () => {
    containerd = await startContainerd();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    options = {
      url: `http://127.0.0.1:${port}/manifests`,
      pollIntervalMs: 100,
      nodeName: "node-1",
      criEndpoint: containerd.endpoint,
      logRoot: join(containerd.directory, "logs"),
      rootDir: join(containerd.directory, "kubelet"),
      timeFactor: 0.1,
      crashFactor: 0.1,
      readOnlyPort: 0,
      controlPort: 0,
      healthzPort: 0,
      api: {
        tls: {
          certificate: server509.certificate,
          key: server509.key,
          clientAuthority: authority.certificate,
        },
      },
    };
    for (
      const [name, text] of Object.entries({
        "ca.crt": authority.certificate,
        "client.crt": client509.certificate,
        "client.key": client509.key,
      })
    ) await writeFile(join(containerd.directory, name), text);
    serve();
    kubelet = await spawnKubelet(options);
  });

  after(async () => {
    await kubelet?.stop();
    server.closeAllConnections();
    server.close();
    await containerd?.cleanUp();
  });

  it("runs a pod with the kubelet's labels, annotations, directories and logs", async () => {
    serve(pod("a"));
    const { metadata, status } = await ready("a-node-1");
    assert.equal(status.phase, "Running");
    const [sandbox] = await sandboxes();
    assert.deepEqual(sandbox?.labels, {
      app: "a",
      "io.kubernetes.pod.name": "a-node-1",
      "io.kubernetes.pod.namespace": "default",
      "io.kubernetes.pod.uid": metadata.uid,
    });
    assert.equal(sandbox?.annotations["kubernetes.io/config.source"], "http");
    assert.equal(sandbox?.annotations["kubernetes.io/config.hash"], metadata.uid);
    const { containers } = await containerd.runtime.call(RuntimeService.method.listContainers, {});
    assert.deepEqual(containers[0]?.labels, {
      "io.kubernetes.container.name": "main",
      "io.kubernetes.pod.name": "a-node-1",
      "io.kubernetes.pod.namespace": "default",
      "io.kubernetes.pod.uid": metadata.uid,
    });
    const log = join(options.logRoot, `default_a-node-1_${metadata.uid}`, "main", "0.log");
    await until("log line", async () => {
      const text = await readFile(log, "utf8");
      return / stdout F started\n$/.test(text) ? true : undefined;
    });
    assert.deepEqual(await readdir(join(options.rootDir, "pods")), [metadata.uid]);
  });

  it("answers over TLS to a client that shows its certificate", async () => {
    const file = (name: string) => join(containerd.directory, name);
    const client = kubeletClient({
      endpoint: `https://127.0.0.1:${kubelet.ports.api}`,
      healthzEndpoint: `http://127.0.0.1:${kubelet.ports.healthz}`,
      certificateAuthority: file("ca.crt"),
      clientCertificate: file("client.crt"),
      clientKey: file("client.key"),
      nodeName: "node-1",
    });
    await client.healthz();
    const [found] = await client.pods();
    assert.equal(found?.name, "a-node-1");
    assert.equal(found.source, "http");
    assert.equal(found.phase, "Running");
    assert.equal(found.containers[0]?.state.kind, "running");
    assert.deepEqual(await client.runningPods(), [
      { namespace: "default", name: "a-node-1", uid: found.uid },
    ]);
    const config = await client.configz();
    assert.equal(config["staticPodURL"], options.url);
    assert.equal(config["httpCheckFrequency"], "100ms");
  });

  it("keeps its pods over a restart of the runtime", async () => {
    const before = await ready("a-node-1");
    await containerd.restart();
    serve(pod("a"), pod("late"));
    await ready("late-node-1");
    const after = await ready("a-node-1");
    assert.equal(after.metadata.uid, before.metadata.uid);
    assert.equal(
      after.status.containerStatuses?.[0]?.containerID,
      before.status.containerStatuses?.[0]?.containerID,
    );
  });

  it("keeps its pods over a restart of its own, and ends what is gone by then", async () => {
    serve(pod("a"), pod("b"));
    await ready("b-node-1");
    const kept = (await ready("a-node-1")).status.containerStatuses?.[0]?.containerID;
    await kubelet.kill();
    serve(pod("a"));
    kubelet = await spawnKubelet(options);
    const again = await ready("a-node-1");
    assert.equal(again.status.containerStatuses?.[0]?.containerID, kept);
    await until("b ended", async () => {
      const running = (await sandboxes()).filter(({ state }) =>
        state === criMessages.PodSandboxState.SANDBOX_READY
      );
      return running.length === 1 ? true : undefined;
    });
  });

  it("replaces a changed pod and clears the old one away", async () => {
    const { metadata } = await ready("a-node-1");
    serve(pod("a", { env: [{ name: "X", value: "1" }] }));
    const next = await until("another UID", async () => {
      const found = (await pods()).get("a-node-1");
      return found?.metadata.uid === metadata.uid ? undefined : found;
    });
    assert.equal(next.status.phase, "Pending");
    await ready("a-node-1");
    assert.deepEqual(await readdir(join(options.rootDir, "pods")), [next.metadata.uid]);
  });

  it("restarts a crashing container with a log of its own, and says why it waits", async () => {
    serve(pod("crash", { command: shell("echo bye; exit 3") }));
    const found = await until("CrashLoopBackOff", async () => {
      const one = (await pods()).get("crash-node-1");
      const status = one?.status.containerStatuses?.[0];
      return status?.state.waiting?.reason === "CrashLoopBackOff" && status.restartCount > 1
        ? one
        : undefined;
    });
    const logs = join(options.logRoot, `default_crash-node-1_${found.metadata.uid}`, "main");
    await until("old logs removed", async () => {
      const files = (await readdir(logs)).sort();
      return files.length <= 2 && !files.includes("0.log") ? true : undefined;
    });
  });

  it("names an absent image, a bad command and a host path that is missing", async () => {
    serve(
      pod("absent", { image: "docker.io/library/absent:1" }),
      pod("bad", { command: ["/no/such/program"] }),
      pod("path", {}, {
        volumes: [{ name: "v", hostPath: { path: "/no/such/path", type: "Directory" } }],
      }),
    );
    const reason = async (name: string) =>
      (await pods()).get(name)?.status.containerStatuses?.[0]?.state.waiting?.reason;
    await until("image reason", async () =>
      /^(ErrImagePull|ImagePullBackOff)$/.exec(
        await reason("absent-node-1") ?? "",
      ) ?? undefined);
    await until("command reason", async () =>
      /^(RunContainerError|CrashLoopBackOff)$/.exec(
        await reason("bad-node-1") ?? "",
      ) ?? undefined);
    await until("mount error in the log", () =>
      Promise.resolve(
        kubelet.log.find((line) => line.includes("/no/such/path is not a directory")),
      ));
    assert.equal(await reason("path-node-1"), "ContainerCreating");
  });

  it("mounts host paths and emptyDirs, runs init containers, waits for readiness", async () => {
    serve(pod("vol", {
      command: shell(`cat /shared/greeting; touch /tmp/ready; ${WAIT}`),
      volumeMounts: [{ name: "shared", mountPath: "/shared" }],
      readinessProbe: { exec: { command: ["test", "-e", "/tmp/ready"] }, periodSeconds: 1 },
    }, {
      volumes: [{ name: "shared", emptyDir: {} }],
      initContainers: [{
        name: "init",
        image: BUSYBOX_IMAGE,
        command: shell("echo hello > /shared/greeting"),
        volumeMounts: [{ name: "shared", mountPath: "/shared" }],
      }],
    }));
    const { metadata } = await ready("vol-node-1");
    const log = join(options.logRoot, `default_vol-node-1_${metadata.uid}`, "main", "0.log");
    await until(
      "greeting",
      async () => (await readFile(log, "utf8")).includes("hello") ? true : undefined,
    );
  });

  it("rotates logs on command: renamed, reopened, the older compressed", async () => {
    serve(
      pod("talk", { command: shell("trap 'exit 0' TERM; while :; do echo x; sleep 0.05; done") }),
    );
    const { metadata } = await ready("talk-node-1");
    const directory = join(options.logRoot, `default_talk-node-1_${metadata.uid}`, "main");
    for (let round = 0; round < 2; round += 1) {
      await until(
        "output",
        async () =>
          (await readFile(join(directory, "0.log"), "utf8")).length > 0 ? true : undefined,
      );
      await kubelet.control("/rotate?pod=default/talk-node-1");
    }
    const files = (await readdir(directory)).sort();
    assert.equal(files.length, 3);
    assert.equal(files[0], "0.log");
    assert.match(files[1] ?? "", /^0\.log\.\d{8}-\d{6}\.gz$/);
    assert.match(files[2] ?? "", /^0\.log\.\d{8}-\d{6}$/);
  });

  it("ends every pod for a zero-length answer", async () => {
    body = "";
    await until("nothing running", async () => {
      const running = (await sandboxes()).filter(({ state }) =>
        state === criMessages.PodSandboxState.SANDBOX_READY
      );
      return running.length === 0 ? true : undefined;
    });
  });
});
