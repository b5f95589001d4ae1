/** A made-up node whose pods are as well as a test wants: what its agent would answer. */
import { hostname } from "node:os";
import type {
  CauseLine,
  Link,
  NodePods,
  NodeUsage,
  Overview,
  PodReport,
  PodSummary,
  ReloadOutcome,
  Resource,
  RevisionView,
} from "../../mod/api/contract/mod.ts";
import type { Handlers } from "../../mod/api/server/mod.ts";

/**
 * Ages are so large that the time a test takes does not show in them: two units, of which
 * the smaller one is in the middle of its span.
 */
const STARTED_MS_AGO = (4 * 24 + 3.5) * 3_600_000;

/** Every answer of one test is of one moment. */
const NOW_MS = Date.now();

/** A pod of the node. */
export interface StoryPod {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly unwell?: "crash" | "image";
  readonly labels?: Readonly<Record<string, string>>;
  readonly log?: readonly string[];
}

/** The pods of a control plane node: five. */
export const USUAL_PODS: readonly StoryPod[] = [
  {
    namespace: "default",
    name: "nginx",
    image: "docker.io/library/nginx:1.27",
    labels: { app: "web" },
  },
  ...["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"].map((name) => ({
    namespace: "kube-system",
    name,
    image: `registry.k8s.io/${name}:v1.36.2`,
    labels: { tier: "control-plane" },
  })),
];

/** Those pods with so many unwell ones beside them. */
export function podsWith(unwell: number): readonly StoryPod[] {
  return [
    ...USUAL_PODS,
    ...Array.from({ length: unwell }, (_, at): StoryPod => ({
      namespace: "apps",
      name: `worker-${at + 1}`,
      image: `registry.example.org/team/worker:2.${at}`,
      unwell: at % 2 === 0 ? "crash" : "image",
      log: [
        "starting",
        `cannot reach the queue at \u001b[31mamqp://queue-${at + 1}.example.org:5672\u001b[0m`,
      ],
    })),
  ];
}

function fail(message: string): never {
  throw new Error(message);
}

const NODE = "node-1";
const ADDRESS = "172.20.0.3";
const idOf = ({ namespace, name }: StoryPod) => `${namespace}/${name}-${NODE}`;
const isoAgo = (ms: number) => new Date(NOW_MS - ms).toISOString();

const REASONS = { crash: "CrashLoopBackOff", image: "ImagePullBackOff" } as const;

/** What the agent of that node answers. */
export function storyHandlers(pods: readonly StoryPod[]): Partial<Handlers> {
  return {
    agent: () => ({
      pid: 1,
      version: "0.1.0",
      node: { name: NODE, address: ADDRESS },
      runtime: { endpoint: `unix:///nonexistent-${hostname()}.sock`, timeoutMs: 1000 },
      configPath: "/etc/podstead/config.yaml",
      manifestUrl: "http://127.0.0.1:10261/manifests",
      startedAt: isoAgo(STARTED_MS_AGO),
    }),
    overview: () => overviewOf(pods),
    resources: ({ type }) => ({
      apiVersion: "podstead.dev/v1",
      items: type === "StaticPod"
        ? pods.map(declared)
        : type === "StaticPodStatus"
        ? pods.map(status)
        : [],
    }),
    async *watch(_input, signal) {
      for (const one of pods) {
        yield await Promise.resolve({ event: "created" as const, resource: status(one) });
      }
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
    history: () => HISTORY,
    images: () => ({
      node: ADDRESS,
      images: pods.map((pod, at) => ({
        id: `sha256:${at}`,
        tags: [pod.image],
        digests: [],
        sizeBytes: (at + 1) * 1_000_000,
        isPinned: false,
      })),
    }),
    find: () => {
      const { pods: [pod] } = nodePods(pods);
      const [container] = pod?.containers ?? [];
      return pod === undefined || container === undefined
        ? fail("No pod")
        : { node: ADDRESS, pod, container };
    },
    inspect: () => ({ status: { state: "CONTAINER_RUNNING" }, info: {} }),
    cancel: () => ({ revision: 2, backTo: 1, result: "reverted" as const, at: isoAgo(0) }),
    reload: () => RELOADED,
    plan: () => RELOADED,
    describe: ({ pod }) =>
      reportOf(pods.find((one) => idOf(one).startsWith(pod)) ?? fail(`No pod "${pod}"`)),
    containers: () => nodePods(pods),
    async *usage(): AsyncGenerator<NodeUsage> {
      yield await Promise.resolve(usageOf(pods));
    },
    async *events({ pod }) {
      for (const one of pods) {
        if (pod !== undefined && pod !== idOf(one)) continue;
        yield await Promise.resolve({
          at: isoAgo(STARTED_MS_AGO),
          type: "started",
          namespace: one.namespace,
          name: one.name,
          message: `The container of ${one.name} started`,
        });
      }
    },
    logs: ({ references }) =>
      Promise.resolve(frames(pods.find((one) => references[0] === idOf(one))?.log ?? ["ready"])),
  };
}

const RELOADED: ReloadOutcome = {
  result: "unchanged",
  trigger: "request",
  at: isoAgo(0),
  durationMs: 1,
  revision: 2,
  pods: [],
  problems: [],
  needRestart: [],
  served: { pods: 0, bytes: 0, etag: "" },
};

/** Two revisions, the newer one first. */
const HISTORY: readonly RevisionView[] = [
  {
    number: 2,
    current: true,
    at: isoAgo(STARTED_MS_AGO / 2),
    trigger: "apply",
    callerUid: 0,
    message: "a newer nginx",
    result: "applied",
    files: [],
    pods: [
      { key: "default/nginx", hash: "b".repeat(16), change: "changed" },
      { key: "kube-system/etcd", hash: "c".repeat(16), change: "unchanged" },
    ],
  },
  {
    number: 1,
    current: false,
    at: isoAgo(STARTED_MS_AGO),
    trigger: "start",
    result: "applied",
    files: [],
    pods: [
      { key: "default/nginx", hash: "a".repeat(16), change: "added" },
      { key: "kube-system/etcd", hash: "c".repeat(16), change: "added" },
    ],
  },
];

async function* frames(lines: readonly string[]) {
  yield await Promise.resolve({
    kind: "data" as const,
    bytes: new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")),
  });
}

function resource(content: Pick<Resource, "type" | "id" | "spec" | "status">) {
  const created = isoAgo(STARTED_MS_AGO);
  return { node: ADDRESS, version: 1, created, updated: created, ...content } as Resource;
}

function declared(pod: StoryPod): Resource {
  const { namespace, name, image, labels = {} } = pod;
  return resource({
    type: "StaticPod",
    id: `${namespace}-${name}`,
    spec: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { namespace, name, labels },
      spec: { containers: [{ name: "main", image }] },
    },
    status: { state: "Served" },
  });
}

function status(pod: StoryPod): Resource {
  const { namespace, name, image, unwell, labels = {} } = pod;
  return resource({
    type: "StaticPodStatus",
    id: idOf(pod),
    spec: {
      ready: unwell === undefined ? "True" : "False",
      phase: unwell === "image" ? "Pending" : "Running",
      containers: unwell === undefined ? "1/1" : "0/1",
      restarts: unwell === "crash" ? 12 : 0,
      reason: unwell === undefined ? "" : REASONS[unwell],
      drift: "Current",
      origin: "podstead",
    },
    status: {
      namespace,
      name,
      images: [image],
      labels,
      startedAtMs: NOW_MS - STARTED_MS_AGO,
      seenAtMs: NOW_MS,
    },
  });
}

function summary(pod: StoryPod): PodSummary {
  const { unwell, log = [] } = pod;
  const { ready, phase, reason, drift, containers, restarts } = status(pod).spec;
  return {
    id: idOf(pod),
    ready: ready as "True",
    phase: String(phase),
    reason: String(reason),
    drift: drift as "Current",
    containers: String(containers),
    restarts: Number(restarts),
    well: unwell === undefined,
    state: unwell === undefined ? "holds" : "broken",
    text: unwell === undefined ? "ready" : REASONS[unwell],
    startedAtMs: NOW_MS - STARTED_MS_AGO,
    images: [pod.image],
    ...(unwell === undefined ? {} : { explanation: explanationOf(pod) }),
    ...(unwell === "crash" ? { logTail: { container: "main", attempt: 12, lines: log } } : {}),
  };
}

function explanationOf(pod: StoryPod) {
  const id = idOf(pod);
  return pod.unwell === "crash"
    ? {
      code: "crash-loop",
      cause: `The container "main" of ${id} ends again and again, last with exit code 1 (Error)`,
      nextStep: `See what it says: \`podstead logs ${id}:main\``,
    }
    : {
      code: "image-pull",
      cause: `The image "${pod.image}" of ${id} cannot be pulled: the registry does not answer`,
      nextStep: "Check its name, and whether this node reaches the registry",
    };
}

function overviewOf(pods: readonly StoryPod[]): Overview {
  const unwell = pods.filter((pod) => pod.unwell !== undefined);
  const links = ["config", "agent", "kubelet", "polls", "runtime"]
    .map((name): Link => ({ name, state: "holds", text: "as it should be" }));
  return {
    state: unwell.length === 0 ? "well" : "unwell",
    links,
    causes: unwell.map((pod): CauseLine => ({
      level: "broken",
      ...explanationOf(pod),
      pods: [idOf(pod)],
    })),
    pods: pods.map(summary),
  };
}

function nodePods(pods: readonly StoryPod[]): NodePods {
  return {
    node: ADDRESS,
    nodeName: NODE,
    pods: pods.map((pod, at) => ({
      sandboxId: `${at}`.padStart(64, "5"),
      namespace: pod.namespace,
      name: `${pod.name}-${NODE}`,
      uid: `uid-${at}`,
      attempt: 0,
      state: "SANDBOX_READY",
      createdAt: isoAgo(STARTED_MS_AGO),
      image: "registry.k8s.io/pause:3.10",
      pid: 4000 + at,
      isStatic: true,
      source: "http",
      labels: pod.labels ?? {},
      annotations: {},
      containers: [{
        id: `${at}`.padStart(64, "7"),
        name: "main",
        type: "container",
        attempt: 0,
        restartCount: pod.unwell === "crash" ? 12 : 0,
        state: pod.unwell === undefined ? "CONTAINER_RUNNING" : "CONTAINER_EXITED",
        createdAt: isoAgo(STARTED_MS_AGO),
        image: pod.image,
        imageId: `sha256:${at}`,
        labels: {},
        annotations: {},
      }],
    })),
  };
}

function usageOf(pods: readonly StoryPod[]): NodeUsage {
  return {
    node: ADDRESS,
    cpus: 2,
    containers: pods.filter(({ unwell }) => unwell === undefined).map((pod, at) => ({
      namespace: pod.namespace,
      pod: `${pod.name}-${NODE}`,
      sandboxId: `${pods.indexOf(pod)}`.padStart(64, "5"),
      container: "main",
      containerId: `${pods.indexOf(pod)}`.padStart(64, "7"),
      cpuCores: 0.125 * (at + 1),
      memoryBytes: (at + 1) * 32 * 1024 * 1024,
    })),
  };
}

function reportOf(pod: StoryPod): PodReport {
  const { ready, phase, reason } = summary(pod);
  return {
    id: idOf(pod),
    namespace: pod.namespace,
    name: `${pod.name}-${NODE}`,
    ready,
    confirmedBy: "kubelet",
    drift: "Current",
    phase,
    reason,
    restarts: 0,
    origin: "podstead",
    delivery: { url: "http://127.0.0.1:10261/manifests", fetched: true },
    kubelet: { accepted: true, conditions: [] },
    sandboxes: [],
    containers: [],
    badHostPaths: [],
    events: [],
    explanation: pod.unwell === undefined
      ? { code: "none", cause: "Nothing is wrong with it", nextStep: "" }
      : explanationOf(pod),
  };
}
