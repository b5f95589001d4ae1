import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { KubeletContainer, KubeletTermination } from "../../mod/kubelet/mod.ts";
import { type CauseCode, type Evidence, explain } from "../../mod/explain/mod.ts";
import { DEFAULT_LIMITS, joinStatus, NEVER_READ, type StatusInput } from "../../mod/status/mod.ts";
import {
  ago,
  desired,
  exited,
  input,
  kubeletContainer,
  kubeletPod,
  NOW,
  sandbox,
} from "../status/samples.ts";

const failure = { atMs: NOW, message: "No kubelet at 127.0.0.1:10250", problem: "refused" };
const kubeletOff = { ...NEVER_READ, failure };
const runtimeEmpty = { value: [], atMs: NOW - 1000 };
const url = "http://127.0.0.1:10261/manifests";
const listening = { listeningSinceMs: NOW - 3_600_000 };
const goUser = "Go-http-client/1.1";

function evidence(status: Partial<StatusInput>, change: Partial<Evidence>): Evidence {
  const whole = input(status);
  const [row] = joinStatus(whole);
  assert.ok(row);
  return { nowMs: NOW, row, fetches: whole.fetches, limits: DEFAULT_LIMITS, url, ...change };
}

const ended = (exitCode: number, reason: string, message = ""): KubeletTermination => ({
  kind: "terminated",
  exitCode,
  signal: 0,
  reason,
  message,
  startedAt: undefined,
  finishedAt: undefined,
});
/** A pod whose one container waits. */
const waits = (
  reason: string,
  message = "",
  change: Partial<KubeletContainer> = {},
): Partial<StatusInput> => ({
  kubelet: {
    value: [kubeletPod({
      containers: [kubeletContainer({
        ready: false,
        state: { kind: "waiting", reason, message },
        ...change,
      })],
    })],
    atMs: NOW - 1000,
  },
  runtime: { value: [sandbox({ containers: [] })], atMs: NOW - 2000 },
});
const crashes = (exitCode: number, reason = "Error", message = "") =>
  waits("CrashLoopBackOff", "back-off 40s restarting failed container=main", {
    restartCount: 5,
    lastTermination: ended(exitCode, reason, message),
  });
/** Twice in a row is too much for it. */
const livenessOf = (command: readonly string[]) =>
  desired({
    pod: {
      spec: {
        containers: [{ name: "main", livenessProbe: { exec: { command }, failureThreshold: 2 } }],
      },
    },
  });
const livenessCount = (failed: number) => ({
  ...{ namespace: "default", pod: "web-node-1", container: "main" },
  ...{ kind: "liveness" as const, passed: 2, failed },
});
const podFails = (reason: string, message = ""): Partial<StatusInput> => ({
  kubelet: {
    value: [kubeletPod({ phase: "Failed", reason, message, containers: [], conditions: [] })],
    atMs: NOW - 1000,
  },
  runtime: runtimeEmpty,
});
/** It runs, after an end with code 3 that long ago. */
const restartedAgo = (agoMs: number): Partial<StatusInput> => ({
  kubelet: {
    value: [kubeletPod({
      containers: [
        kubeletContainer({
          restartCount: 2,
          lastTermination: {
            ...ended(3, "Error"),
            finishedAt: new Date(NOW - agoMs).toISOString(),
          },
        }),
      ],
    })],
    atMs: NOW,
  },
});
/** Fetched long ago, and the kubelet does not list it. */
const untaken: Partial<StatusInput> = {
  kubelet: { value: [], atMs: NOW - 1000 },
  runtime: runtimeEmpty,
};
/** The kubelet lists it, and there is no sandbox. */
const noSandbox: Partial<StatusInput> = { ...waits("ContainerCreating"), runtime: runtimeEmpty };
const neverFetched: Partial<StatusInput> = {
  fetches: listening,
  kubelet: kubeletOff,
  runtime: runtimeEmpty,
};
const refusedWith = (status: number, path?: string): Partial<StatusInput> => ({
  ...neverFetched,
  fetches: { ...listening, lastRefused: { atMs: NOW - 100, status, path, userAgent: goUser } },
});

const cases: readonly (readonly [
  string,
  CauseCode,
  Partial<StatusInput>,
  Partial<Evidence>,
  RegExp,
])[] = [
  ["all well", "none", {}, {}, /^default\/web runs and is ready$/],
  [
    "all well, after an end not long ago",
    "none",
    restartedAgo(60_000),
    {},
    /is ready, but its container main ended with exit code 3 1m ago/,
  ],
  [
    "all well, long after an end",
    "none",
    restartedAgo(700_000),
    {},
    /^default\/web runs and is ready$/,
  ],
  [
    "a pod that has done its work",
    "none",
    {
      kubelet: {
        value: [kubeletPod({
          phase: "Succeeded",
          containers: [kubeletContainer({ ready: false, state: ended(0, "Completed") })],
        })],
        atMs: NOW,
      },
      runtime: {
        value: [sandbox({ state: "SANDBOX_NOTREADY", containers: [exited(0)] })],
        atMs: NOW,
      },
    },
    {},
    /has done its work/,
  ],
  [
    "a rejected pod",
    "rejected",
    { desired: [desired({ state: "Rejected", reason: "spec.containers: Required value" })] },
    {},
    /config\.yaml:3 would be refused.*Required value.*last good version stays/,
  ],
  [
    "a rejected pod with the line, text and hint of its reload",
    "rejected",
    {
      desired: [desired({
        state: "Rejected",
        error: {
          text: "spec.containers[0].image: Required value",
          line: 9,
          column: 5,
          hint: 'Add "image"',
          others: 2,
        },
      })],
    },
    {},
    /config\.yaml:9:5: spec\.containers\[0\]\.image: Required value, and 2 more errors; its last/,
  ],
  [
    "a rejected pod that never ran",
    "rejected",
    { desired: [desired({ state: "Rejected", servedHash: undefined })], ...untaken },
    {},
    /nothing of it is served/,
  ],
  [
    "a rejected pod whose fault looks like an image's",
    "rejected",
    { desired: [desired({ state: "Rejected", reason: 'image "": Required value' })] },
    {},
    /would be refused/,
  ],
  [
    "a new version whose image cannot be pulled",
    "image-pull",
    { desired: [desired({ state: "Blocked", reason: 'image "nginx:2": not found' })] },
    {},
    /image "nginx:2": not found.*last good version stays/,
  ],
  [
    "an unreadable file",
    "config-unreadable",
    { desired: [desired({ state: "Kept", reason: "line 3: bad indentation" })] },
    {},
    /bad indentation/,
  ],
  [
    "a held pod",
    "held",
    { desired: [desired({ state: "Held", reason: "no ca.crt" })] },
    {},
    /ca\.crt/,
  ],
  [
    "a pod that waits for another",
    "waiting-for-others",
    { desired: [desired({ state: "Waiting", reason: "default/db is not ready" })] },
    {},
    /default\/db/,
  ],
  [
    "a replacement",
    "replacing",
    { desired: [desired({ state: "Replacing", servedHash: undefined })] },
    {},
    /old version is taken down/,
  ],
  ["a wrong token", "token-wrong", refusedWith(401), {}, /answered 401/],
  ["another path", "other-url", refusedWith(404, "/pods"), {}, /polls \/pods, not http/],
  [
    "another URL in the kubelet's config",
    "other-url",
    neverFetched,
    { kubeletConfig: { staticPodURL: "http://127.0.0.1:9999/x" } },
    /polls http:\/\/127\.0\.0\.1:9999\/x, not/,
  ],
  [
    "no URL in the kubelet's config",
    "other-url",
    neverFetched,
    { kubeletConfig: { httpCheckFrequency: "20s" } },
    /polls no URL at all/,
  ],
  ["a kubelet that is down", "kubelet-down", neverFetched, { kubeletAlive: false }, /does not run/],
  [
    "a kubelet that is down, by its API alone",
    "kubelet-down",
    neverFetched,
    { kubeletFailure: failure },
    /does not run/,
  ],
  [
    "a kubelet that lives and never polls",
    "kubelet-not-polling",
    neverFetched,
    { kubeletAlive: true },
    /never fetched the list in the 1h/,
  ],
  [
    "a kubelet that polls no more",
    "kubelet-not-polling",
    {
      fetches: { ...listening, lastGood: { atMs: NOW - 300_000, status: 200, userAgent: goUser } },
      desired: [desired({ servedHash: "h2", servedSinceMs: NOW - 200_000 })],
    },
    { kubeletAlive: true },
    /has not fetched the list for 5m/,
  ],
  [
    "a kubelet that polls no more, while the pod is well",
    "kubelet-not-polling",
    {
      fetches: { ...listening, lastGood: { atMs: NOW - 300_000, status: 200, userAgent: goUser } },
    },
    {},
    /has not fetched the list for 5m/,
  ],
  [
    "a runtime that is down",
    "runtime-down",
    {
      kubelet: kubeletOff,
      runtime: { ...NEVER_READ, failure: { atMs: NOW, message: "No container runtime" } },
    },
    { runtimeFailure: { atMs: NOW, message: "No container runtime" } },
    /No container runtime/,
  ],
  [
    "an eviction",
    "evicted",
    podFails("Evicted", "The node was low on resource: memory"),
    {},
    /low on resource: memory/,
  ],
  [
    "a refusal by the node",
    "admission-refused",
    podFails("NodeAffinity", "does not match"),
    {},
    /NodeAffinity, does not match/,
  ],
  ["too few resources", "admission-refused", podFails("OutOfcpu"), {}, /OutOfcpu/],
  ["a host port of another pod", "host-port-taken", podFails("NodePorts"), {}, /has its host port/],
  [
    "a file with a pod of the same name",
    "same-name-file",
    {
      kubelet: { value: [kubeletPod({ source: "file" })], atMs: NOW - 3000 },
      runtime: { value: [sandbox({ source: "file" })], atMs: NOW - 2000 },
    },
    {},
    /default\/web from a file of its staticPodPath too/,
  ],
  [
    "a mirror pod in the way",
    "mirror-pod-conflict",
    crashes(1),
    { kubeletLog: ['E "Failed creating a mirror pod for" err="pods already exists"'] },
    /mirror pod of default\/web/,
  ],
  [
    "a kubelet that deletes nothing, because its API server is away",
    "sources-not-ready",
    { desired: [desired({ servedHash: "h2", servedSinceMs: NOW - 90_000 })] },
    {
      kubeletLog: [
        'E1130 "Failed to delete pod" pod="default/web-node-1" err="skipping delete because sources aren\'t ready yet"',
      ],
    },
    /makes no change to default\/web until its other sources are ready/,
  ],
  [
    "a kubelet that has not reached its API server since it was started, at any verbosity",
    "sources-not-ready",
    { desired: [desired({ servedHash: "h2", servedSinceMs: NOW - 90_000 })] },
    { apiServerUnseen: "it cannot register with its API server: connection refused" },
    /makes no change to default\/web .* it cannot register with its API server: connection refused$/,
  ],
  [
    "a new pod, which such a kubelet starts all the same",
    "on-its-way",
    { ...untaken, desired: [desired({ servedSinceMs: NOW - 2000 })] },
    { apiServerUnseen: "it cannot register with its API server: connection refused" },
    /is starting it/,
  ],
  [
    "an old and a new version at once",
    "two-versions",
    {
      runtime: {
        value: [sandbox(), sandbox({ sandboxId: "s0", specHash: "h0", createdAt: ago(900_000) })],
        atMs: NOW,
      },
    },
    {},
    /2 versions of default\/web run at once \(h1, h0\)/,
  ],
  [
    "a node that the kubelet calls by another name",
    "node-name",
    { kubelet: { value: [], atMs: NOW }, runtime: { value: [], atMs: NOW } },
    { nodeName: "node-1", kubeletNodeName: "host-7" },
    /calls this node "host-7", podstead calls it "node-1"/,
  ],
  [
    "a kubelet in a crash loop, with the setting that it refuses",
    "kubelet-down",
    { kubelet: { value: undefined, atMs: undefined } },
    {
      kubeletAlive: false,
      kubeletService: {
        name: "kubelet",
        state: "activating",
        subState: "auto-restart",
        restarts: 7,
      },
      kubeletLastWords:
        'failed to load kubelet config file: strict decoding error: unknown field "foo"',
    },
    /ends again and again, 7 restarts so far: .*unknown field "foo"/,
  ],
  [
    "sources that are not ready",
    "sources-not-ready",
    untaken,
    { kubeletPodCount: 0 },
    /has no pod at all/,
  ],
  [
    "a list that the kubelet refuses",
    "kubelet-refuses-list",
    untaken,
    {
      kubeletPodCount: 3,
      kubeletLog: ['I "Failed to read pods from URL" err="invalid pod: [spec.x: Forbidden]"'],
    },
    /refuses the whole list: "invalid pod/,
  ],
  [
    "a pod that the kubelet does not take",
    "kubelet-refuses-list",
    untaken,
    { kubeletPodCount: 3 },
    /does not take default\/web/,
  ],
  [
    "an image that cannot be pulled",
    "image-pull",
    waits("ImagePullBackOff", "Back-off pulling image"),
    {},
    /image busybox of default\/web cannot be pulled: Back-off/,
  ],
  ["an image name that is none", "image-pull", waits("InvalidImageName"), {}, /InvalidImageName/],
  [
    "an absent image, without the kubelet",
    "image-pull",
    { ...untaken, kubelet: kubeletOff },
    { absentImages: ["docker.io/library/nginx:9"] },
    /does not have the image docker\.io\/library\/nginx:9/,
  ],
  [
    "an absent image, without the kubelet, that may be on its way",
    "on-its-way",
    {
      desired: [desired({ servedSinceMs: NOW - 2_000 })],
      kubelet: kubeletOff,
      runtime: runtimeEmpty,
    },
    { absentImages: ["docker.io/library/nginx:9"] },
    /does not have the image docker\.io\/library\/nginx:9/,
  ],
  [
    "an image that cannot be pulled, by the kubelet's log alone",
    "image-pull",
    { ...untaken, kubelet: kubeletOff },
    {
      absentImages: ["reg.example/x:1"],
      kubeletLog: [
        String
          .raw`E1130 18:23:37.751980   18906 pod_workers.go:1324] "Error syncing pod, skipping" err="failed to \"StartContainer\" for \"main\" with ErrImagePull: \"failed to resolve reference \\\"reg.example/x:1\\\": 401 Unauthorized\"" pod="default/web-node-1" podUID="f8"`,
      ],
    },
    /reg\.example\/x:1 of default\/web cannot be pulled: failed to resolve reference "reg\.example\/x:1": 401 Unauthorized$/,
  ],
  [
    "a host path that is missing",
    "host-path-missing",
    noSandbox,
    { badHostPaths: [{ path: "/data", type: "Directory" }] },
    /\/data is not there as Directory/,
  ],
  [
    "a host path that is missing, by the kubelet's log",
    "host-path-missing",
    noSandbox,
    { kubeletLog: ['E err="hostPath type check failed: /data is not a directory"'] },
    /: \/data is not a directory$/,
  ],
  ["no CNI", "no-cni", noSandbox, { networkReady: false }, /needs a pod network/],
  [
    // A line of 1.36.2.
    "no CNI, in the kubelet's words, without the header of its line",
    "no-cni",
    noSandbox,
    {
      kubeletLog: [
        'E1130 22:36:07.651681   22521 pod_workers.go:1324] "Error syncing pod, skipping" err="network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized" pod="default/web-node-1" podUID="737850e5aa7413a52d9a591cff90177c"',
      ],
    },
    /has none: network is not ready: .*cni plugin not initialized$/,
  ],
  [
    "a sandbox that fails",
    "sandbox-failed",
    noSandbox,
    { kubeletLog: ['E "Failed to create sandbox for pod" err="failed to get sandbox image"'] },
    /cannot make the sandbox.*sandbox image/,
  ],
  [
    "a program that is not there",
    "bad-command",
    waits("RunContainerError", 'exec: "/x": stat /x: no such file or directory'),
    {},
    /cannot be started: exec: "\/x"/,
  ],
  [
    "a start that failed before",
    "bad-command",
    crashes(128, "StartError", "exec format error"),
    {},
    /exec format error/,
  ],
  [
    "a shell that does not find its command",
    "bad-command",
    crashes(127),
    { logTail: ["/bin/sh: foo: not found"] },
    /foo: not found/,
  ],
  [
    "a shell that does not find its command, before its next start",
    "bad-command",
    {
      kubelet: {
        value: [kubeletPod({
          containers: [kubeletContainer({ ready: false, state: ended(127, "Error") })],
        })],
        atMs: NOW - 1000,
      },
    },
    { logTail: ["/bin/sh: exec: line 0: /usr/bin/foo: not found"] },
    /cannot be started: .*foo: not found/,
  ],
  [
    "a mount that the runtime cannot make, though it speaks of a directory",
    "container-config",
    crashes(
      128,
      "StartError",
      'unable to start container process: error during container init: error mounting "/a" to rootfs at "/b": no such file or directory: unknown',
    ),
    {},
    /cannot be made: .*error mounting "\/a"/,
  ],
  [
    "a postStart hook that fails, though its container ends with code 0",
    "container-config",
    crashes(0, "Completed"),
    {
      kubeletLog: [
        'E "Failed to execute PostStartHook" err="command \'/bin/false\' exited with 1: " pod="default/web-node-1" containerName="main"',
      ],
    },
    /its postStart hook fails: command '\/bin\/false' exited with 1:$/,
  ],
  ["too little memory", "out-of-memory", crashes(137, "OOMKilled"), {}, /more memory than it may/],
  [
    "a port that is taken",
    "port-taken",
    crashes(1),
    { logTail: ["starting", "bind() to 0.0.0.0:80 failed (98: Address already in use)"] },
    /its port is taken: bind\(\) to 0\.0\.0\.0:80/,
  ],
  [
    "a container that cannot be made",
    "container-config",
    waits("CreateContainerError", "failed to reserve container name"),
    {},
    /cannot be made \(CreateContainerError\): failed to reserve/,
  ],
  [
    "an init container that fails",
    "init-container",
    {
      kubelet: {
        value: [kubeletPod({
          initContainers: [kubeletContainer({
            name: "init",
            ready: false,
            restartCount: 2,
            state: ended(3, "Error"),
          })],
          containers: [],
        })],
        atMs: NOW - 1000,
      },
      runtime: { value: [sandbox({ containers: [] })], atMs: NOW - 2000 },
    },
    {},
    /Init container init of default\/web fails \(2 restarts\) with exit code 3/,
  ],
  [
    "an init container that has not done its work yet",
    "init-container",
    {
      kubelet: {
        value: [kubeletPod({
          phase: "Pending",
          initContainers: [kubeletContainer({
            name: "init",
            ready: false,
            state: { kind: "running", startedAt: new Date(NOW - 40_000).toISOString() },
          })],
          containers: [kubeletContainer({
            ready: false,
            state: { kind: "waiting", reason: "PodInitializing", message: "" },
          })],
          conditions: [],
        })],
        atMs: NOW - 1000,
      },
      runtime: { value: [sandbox({ containers: [] })], atMs: NOW - 2000 },
    },
    {},
    /Init container init of default\/web has been running for 40s/,
  ],
  [
    "a readiness probe that fails, by kind, target and last answer",
    "not-ready",
    {
      desired: [desired({
        pod: {
          spec: {
            containers: [{
              name: "main",
              readinessProbe: { httpGet: { port: 8080, path: "/ready" } },
              livenessProbe: { tcpSocket: { port: 8080 } },
            }],
          },
        },
      })],
      kubelet: {
        value: [kubeletPod({ containers: [kubeletContainer({ ready: false })] })],
        atMs: NOW - 1000,
      },
    },
    {
      kubeletLog: [
        'I1130 "Probe failed" probeType="Readiness" pod="default/web-node-1" probeResult="failure" output="HTTP probe failed with statuscode: 500"',
      ],
    },
    /its readiness probe \(http-get :8080\/ready\) does not pass: HTTP probe failed with statuscode: 500$/,
  ],
  [
    "a startup probe that fails, though there is a readiness probe too, and how often",
    "not-ready",
    {
      desired: [desired({
        pod: {
          spec: {
            containers: [{
              name: "main",
              startupProbe: { exec: { command: ["cat", "/up"] } },
              readinessProbe: { httpGet: { port: 8080, path: "/ready" } },
            }],
          },
        },
      })],
      kubelet: {
        value: [kubeletPod({ containers: [kubeletContainer({ ready: false, started: false })] })],
        atMs: NOW - 1000,
      },
    },
    {
      probeCounts: [{
        namespace: "default",
        pod: "web-node-1",
        container: "main",
        kind: "startup",
        passed: 0,
        failed: 7,
      }],
    },
    /its startup probe \(exec \["cat","\/up"\]\) does not pass, 7 of 7 tries failed$/,
  ],
  [
    "a liveness probe that fails",
    "liveness",
    crashes(143),
    { kubeletLog: ['I "Container main failed liveness probe, will be restarted"'] },
    /because its liveness probe fails$/,
  ],
  [
    "a liveness probe that fails, where no log can be read: it failed for each of the restarts",
    "liveness",
    { ...crashes(0, "Completed"), desired: [livenessOf(["false"])] },
    { probeCounts: [livenessCount(10)] },
    /because its liveness probe \(exec \["false"\]\) does not pass, 10 of 12 tries failed$/,
  ],
  [
    "a crash loop, though a liveness probe has failed now and then",
    "crash-loop",
    { ...crashes(2), desired: [livenessOf(["false"])] },
    { probeCounts: [livenessCount(9)] },
    /ends again and again with exit code 2, 5 restarts/,
  ],
  [
    "a crash loop",
    "crash-loop",
    crashes(2),
    {},
    /ends again and again with exit code 2, 5 restarts/,
  ],
  [
    "a container that just ends",
    "crash-loop",
    crashes(0, "Completed"),
    {},
    /exit code 0, though it should/,
  ],
  [
    "an exit, by the runtime alone",
    "exited",
    {
      kubelet: kubeletOff,
      runtime: { value: [sandbox({ containers: [exited(4)] })], atMs: NOW - 1000 },
    },
    {},
    /has ended with exit code 4/,
  ],
  [
    "a probe that does not pass",
    "not-ready",
    {
      kubelet: {
        value: [kubeletPod({ containers: [kubeletContainer({ ready: false })] })],
        atMs: NOW - 1000,
      },
    },
    {},
    /main of default\/web runs, but its readiness/,
  ],
  ["a left-over pod", "orphaned", { desired: [] }, {}, /declared nowhere/],
  [
    "a pod on its way",
    "on-its-way",
    { ...untaken, desired: [desired({ servedSinceMs: NOW - 2000 })] },
    {},
    /has been served for 2s, and is starting it/,
  ],
  [
    "a pod not fetched yet",
    "not-yet-fetched",
    { ...untaken, desired: [desired({ servedSinceMs: NOW - 100 })] },
    {},
    /has not fetched it yet/,
  ],
  [
    "probes that nobody can see",
    "unknown",
    {
      kubelet: kubeletOff,
      desired: [desired({
        pod: { spec: { containers: [{ name: "main", readinessProbe: {} }] } },
      })],
    },
    { kubeletFailure: { ...failure, message: "answered 401", problem: "unauthorized" } },
    /only the kubelet knows.*answered 401/,
  ],
];

describe("explain()", () => {
  for (const [what, code, status, change, cause] of cases) {
    it(`names ${what}`, () => {
      const explanation = explain(evidence(status, change));
      assert.equal(explanation.code, code, explanation.cause);
      assert.match(explanation.cause, cause);
      if (code !== "none") assert.notEqual(explanation.nextStep, "");
      assert.doesNotMatch(explanation.cause, /undefined|\.$/);
    });
  }
});
