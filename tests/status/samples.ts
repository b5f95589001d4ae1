import type { ContainerView, PodView } from "../../mod/cri/mod.ts";
import type { KubeletContainer, KubeletPod } from "../../mod/kubelet/mod.ts";
import { DEFAULT_LIMITS, type DesiredPod, type StatusInput } from "../../mod/status/mod.ts";

/** Now, in every sample. */
export const NOW = Date.parse("2026-01-01T01:00:00Z");

/** RFC 3339. */
export const ago = (ms: number): string => new Date(NOW - ms).toISOString();

export function desired(change: Partial<DesiredPod> = {}): DesiredPod {
  return {
    id: "default-web",
    namespace: "default",
    name: "web",
    state: "Served",
    pod: { spec: { containers: [{ name: "main", image: "busybox" }] } },
    servedHash: "h1",
    servedSinceMs: NOW - 600_000,
    source: { file: "/etc/podstead/config.yaml", line: 3 },
    ...change,
  };
}

export function kubeletContainer(change: Partial<KubeletContainer> = {}): KubeletContainer {
  return {
    name: "main",
    ready: true,
    restartCount: 0,
    image: "busybox",
    containerId: "c1",
    state: { kind: "running", startedAt: ago(500_000) },
    lastTermination: undefined,
    ...change,
  };
}

export function kubeletPod(change: Partial<KubeletPod> = {}): KubeletPod {
  const containers = change.containers ?? [kubeletContainer()];
  const ready = containers.every((one) => one.ready);
  return {
    namespace: "default",
    name: "web-node-1",
    uid: "u1",
    source: "http",
    annotations: { "podstead.dev/spec-hash": "h1" },
    phase: "Running",
    reason: "",
    message: "",
    startTime: ago(500_000),
    conditions: [{
      type: "Ready",
      status: ready ? "True" : "False",
      reason: "",
      message: "",
      since: ago(490_000),
    }],
    initContainers: [],
    containers,
    ...change,
  };
}

export function container(change: Partial<ContainerView> = {}): ContainerView {
  return {
    id: "c1",
    name: "main",
    type: "container",
    attempt: 0,
    restartCount: 0,
    state: "CONTAINER_RUNNING",
    createdAt: ago(500_000),
    image: "busybox",
    imageId: "sha256:1",
    labels: {},
    annotations: {},
    ...change,
  };
}

/** A container that has ended. */
export function exited(exitCode: number, change: Partial<ContainerView> = {}): ContainerView {
  return container({
    state: "CONTAINER_EXITED",
    status: {
      startedAt: ago(20_000),
      finishedAt: ago(10_000),
      exitCode,
      reason: exitCode === 0 ? "Completed" : "Error",
      message: "",
      logPath: "",
    },
    ...change,
  });
}

export function sandbox(change: Partial<PodView> = {}): PodView {
  return {
    sandboxId: "s1",
    namespace: "default",
    name: "web-node-1",
    uid: "u1",
    attempt: 0,
    state: "SANDBOX_READY",
    createdAt: ago(500_000),
    isStatic: true,
    source: "http",
    specHash: "h1",
    labels: {},
    annotations: {},
    containers: [container()],
    ...change,
  };
}

/** A node on which all is well, but for the changes. */
export function input(change: Partial<StatusInput> = {}): StatusInput {
  return {
    nowMs: NOW,
    nodeName: "Node-1",
    desired: [desired()],
    fetches: {
      listeningSinceMs: NOW - 3_600_000,
      lastGood: { atMs: NOW - 500, status: 200, userAgent: "Go-http-client/1.1" },
      intervalMs: 1000,
    },
    kubelet: { value: [kubeletPod()], atMs: NOW - 3000 },
    runtime: { value: [sandbox()], atMs: NOW - 2000 },
    limits: DEFAULT_LIMITS,
    ...change,
  };
}
