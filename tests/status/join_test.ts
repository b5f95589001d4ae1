import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  joinStatus,
  NEVER_READ,
  type PodStatusRow,
  type StatusInput,
} from "../../mod/status/mod.ts";
import {
  ago,
  container,
  desired,
  exited,
  input,
  kubeletContainer,
  kubeletPod,
  NOW,
  sandbox,
} from "./samples.ts";

const failure = (atMs: number) => ({ atMs, message: "No kubelet at 127.0.0.1:10250" });
const kubeletOff = { ...NEVER_READ, failure: failure(NOW) };
const runtimeEmpty = { value: [], atMs: NOW - 2000 };
const probed = {
  spec: {
    containers: [{ name: "main", image: "busybox", readinessProbe: { exec: { command: ["x"] } } }],
  },
};
const removed = { namespace: "default", name: "web", graceMs: 10_000, sinceMs: NOW - 45_000 };
const neverFetched = { listeningSinceMs: NOW - 3_600_000 };
const waiting = (reason: string) =>
  kubeletContainer({ ready: false, state: { kind: "waiting", reason, message: "" } });

type Expected = Partial<Omit<PodStatusRow, "joined">>;
const cases: readonly (readonly [string, Partial<StatusInput>, Expected])[] = [
  ["all well", {}, {
    id: "default/web-node-1",
    ready: "True",
    readySinceMs: NOW - 490_000,
    phase: "Running",
    containers: { ready: 1, total: 1 },
    restarts: 0,
    reason: "",
    startedAtMs: NOW - 500_000,
    drift: "Current",
    seenAtMs: NOW - 2000,
    confirmedBy: "kubelet",
    origin: "podstead",
  }],
  ["no kubelet, no probes: the runtime says it", { kubelet: kubeletOff }, {
    ready: "True",
    confirmedBy: "runtime",
    readySinceMs: NOW - 500_000,
    phase: "Running",
    drift: "Current",
    containers: { ready: 1, total: 1 },
  }],
  ["no kubelet, probes: nobody can say", {
    kubelet: { value: [kubeletPod()], atMs: NOW - 90_000, failure: failure(NOW) },
    desired: [desired({ pod: probed })],
  }, {
    ready: "Unknown",
    readySinceMs: NOW - 90_000,
    reason: "ProbesNotVisible",
    phase: "Running",
    confirmedBy: "none",
  }],
  ["no source at all: an old True is no True", {
    kubelet: { value: [kubeletPod()], atMs: NOW - 60_000 },
    runtime: { value: [sandbox()], atMs: NOW - 70_000 },
  }, {
    ready: "Unknown",
    readySinceMs: NOW - 60_000,
    drift: "Unknown",
    phase: "Unknown",
    reason: "NoSource",
    seenAtMs: NOW - 60_000,
  }],
  ["a failure after the last answer ends its worth at once", {
    kubelet: { value: [kubeletPod()], atMs: NOW - 1000, failure: failure(NOW - 500) },
    runtime: { value: [sandbox()], atMs: NOW - 1000, failure: failure(NOW - 500) },
  }, { ready: "Unknown", drift: "Unknown" }],
  ["a failure before the last answer is past", {
    kubelet: { value: [kubeletPod()], atMs: NOW - 1000, failure: failure(NOW - 1500) },
  }, { ready: "True" }],
  ["the runtime was read later and shows it ended", {
    runtime: { value: [sandbox({ containers: [exited(1)] })], atMs: NOW - 1000 },
  }, {
    ready: "False",
    readySinceMs: NOW - 10_000,
    confirmedBy: "runtime",
    containers: { ready: 0, total: 1 },
  }],
  ["the runtime was read earlier: the kubelet knows better", {
    runtime: { value: [sandbox({ containers: [exited(1, { id: "c0" })] })], atMs: NOW - 4000 },
  }, { ready: "True", confirmedBy: "kubelet" }],
  ["the runtime was read earlier, but saw the end of what the kubelet calls ready", {
    runtime: { value: [sandbox({ containers: [exited(1)] })], atMs: NOW - 4000 },
  }, { ready: "False", confirmedBy: "runtime" }],
  ["a kubelet just started lists nothing, its containers run on", {
    kubelet: { value: [], atMs: NOW - 1000 },
  }, { ready: "True", confirmedBy: "runtime", drift: "Current" }],
  ["crash loop, by the kubelet", {
    kubelet: {
      value: [kubeletPod({ containers: [{ ...waiting("CrashLoopBackOff"), restartCount: 7 }] })],
      atMs: NOW - 1000,
    },
    runtime: {
      value: [sandbox({ containers: [exited(1, { attempt: 7, restartCount: 7 })] })],
      atMs: NOW - 2000,
    },
  }, { ready: "False", reason: "CrashLoopBackOff", restarts: 7, drift: "Current" }],
  ["crash loop, by the runtime alone", {
    kubelet: kubeletOff,
    runtime: {
      value: [sandbox({
        containers: [
          exited(1, { attempt: 2, restartCount: 2 }),
          exited(3, { id: "c2", attempt: 3 }),
        ],
      })],
      atMs: NOW - 1000,
    },
  }, { ready: "False", reason: "Error (3)", phase: "Unknown" }],
  ["an init container that fails comes before the others", {
    kubelet: {
      value: [kubeletPod({
        phase: "Pending",
        initContainers: [waiting("ImagePullBackOff")],
        containers: [waiting("PodInitializing")],
      })],
      atMs: NOW - 1000,
    },
    runtime: { value: [sandbox({ containers: [] })], atMs: NOW - 2000 },
  }, { ready: "False", reason: "ImagePullBackOff", phase: "Pending" }],
  ["not ready by its probe", {
    kubelet: {
      value: [kubeletPod({ containers: [kubeletContainer({ ready: false })] })],
      atMs: NOW - 1000,
    },
  }, { ready: "False", reason: "ContainersNotReady", phase: "Running" }],
  ["evicted", {
    kubelet: {
      value: [kubeletPod({ phase: "Failed", reason: "Evicted", containers: [], conditions: [] })],
      atMs: NOW - 1000,
    },
    runtime: runtimeEmpty,
  }, { ready: "False", phase: "Failed", reason: "Evicted" }],
  ["served, not fetched yet", {
    desired: [desired({ servedSinceMs: NOW - 300 })],
    fetches: {
      listeningSinceMs: NOW - 3_600_000,
      lastGood: { atMs: NOW - 500, status: 200, userAgent: "" },
    },
    kubelet: { value: [], atMs: NOW - 1000 },
    runtime: runtimeEmpty,
  }, {
    ready: "False",
    drift: "Pending",
    reason: "NotFetched",
    containers: { ready: 0, total: 1 },
  }],
  ["fetched, not running yet", {
    desired: [desired({ servedSinceMs: NOW - 2000 })],
    kubelet: { value: [], atMs: NOW - 1000 },
    runtime: runtimeEmpty,
  }, { drift: "Pending" }],
  ["fetched long ago and nowhere", {
    kubelet: { value: [], atMs: NOW - 1000 },
    runtime: runtimeEmpty,
  }, { drift: "Missing", reason: "NotTakenUp", ready: "False" }],
  ["served long ago, but only now fetched by a kubelet that has just started", {
    desired: [desired({ fetchedAtMs: NOW - 2000 })],
    fetches: {
      listeningSinceMs: NOW - 20_000,
      lastGood: { atMs: NOW - 2000, status: 200, userAgent: "" },
    },
    kubelet: { value: [], atMs: NOW - 1000 },
    runtime: runtimeEmpty,
  }, { drift: "Pending", ready: "False" }],
  ["fetched late, and only now", {
    desired: [desired({ servedSinceMs: NOW - 100_000, fetchedAtMs: NOW - 2000 })],
    kubelet: { value: [], atMs: NOW - 1000 },
    runtime: runtimeEmpty,
  }, { drift: "Pending", ready: "False" }],
  ["fetched late, and still nowhere after its time", {
    desired: [desired({ servedSinceMs: NOW - 100_000, fetchedAtMs: NOW - 60_001 })],
    kubelet: { value: [], atMs: NOW - 1000 },
    runtime: runtimeEmpty,
  }, { drift: "Missing", reason: "NotTakenUp" }],
  ["never fetched", { fetches: neverFetched, kubelet: kubeletOff, runtime: runtimeEmpty }, {
    drift: "Missing",
    reason: "NotFetched",
  }],
  ["refused since the token changed", {
    fetches: {
      ...neverFetched,
      lastRefused: { atMs: NOW - 100, status: 401, userAgent: "Go-http-client/1.1" },
    },
    kubelet: kubeletOff,
    runtime: runtimeEmpty,
  }, { reason: "FetchRefused (401)" }],
  ["changed, the old version runs", {
    desired: [desired({ servedHash: "h2", servedSinceMs: NOW - 3000 })],
  }, { drift: "Updating", ready: "True" }],
  ["changed long ago, the old version still runs", {
    desired: [desired({ servedHash: "h2" })],
  }, { drift: "Stale", ready: "True" }],
  ["rejected, the old version runs on", {
    desired: [desired({ state: "Rejected", reason: "spec.containers: Required value" })],
  }, { drift: "Rejected", ready: "True", reason: "spec.containers: Required value" }],
  ["a new version whose image cannot be pulled, while the old one runs", {
    desired: [desired({ state: "Blocked", reason: 'image "nginx:2": not found' })],
  }, { drift: "Blocked", ready: "True", reason: 'image "nginx:2": not found' }],
  ["being replaced, the old one ended", {
    desired: [desired({ state: "Replacing", servedHash: undefined })],
    kubelet: { value: [], atMs: NOW - 1000 },
    runtime: { value: [sandbox({ state: "SANDBOX_NOTREADY", containers: [] })], atMs: NOW - 500 },
  }, { drift: "Pending", ready: "False" }],
  ["waiting for others", {
    desired: [desired({ state: "Waiting", reason: "after default/db", servedHash: undefined })],
    kubelet: { value: [], atMs: NOW - 1000 },
    runtime: runtimeEmpty,
  }, { drift: "Pending", reason: "after default/db" }],
  ["removed and fetched so, within its grace period", {
    desired: [],
    removed: [{ ...removed, fetchedAtMs: NOW - 39_000 }],
  }, { drift: "Orphaned", reason: "NotDeclared", ending: true }],
  ["removed and fetched so, after its time", {
    desired: [],
    removed: [{ ...removed, fetchedAtMs: NOW - 40_001 }],
  }, { drift: "Orphaned", reason: "NotDeclared", ending: false }],
  ["removed, not fetched yet", {
    desired: [],
    removed: [{ ...removed, sinceMs: NOW - 19_000 }],
    fetches: {
      listeningSinceMs: NOW - 3_600_000,
      lastGood: { atMs: NOW - 19_500, status: 200, userAgent: "" },
      intervalMs: 20_000,
    },
  }, { drift: "Orphaned", ending: true }],
  ["removed, and the kubelet polls no more", {
    desired: [],
    removed: [{ ...removed, sinceMs: NOW - 60_001 }],
    fetches: {
      listeningSinceMs: NOW - 3_600_000,
      lastGood: { atMs: NOW - 60_500, status: 200, userAgent: "" },
      intervalMs: 20_000,
    },
  }, { drift: "Orphaned", ending: false }],
  ["removed once and declared anew", { removed: [removed] }, { drift: "Current", ending: false }],
  ["declared no more, still running", { desired: [] }, {
    drift: "Orphaned",
    ending: false,
    reason: "NotDeclared",
    origin: "podstead",
    ready: "True",
  }],
  ["a pod of the static pod path", {
    desired: [],
    kubelet: { value: [kubeletPod({ source: "file", annotations: {} })], atMs: NOW - 1000 },
    runtime: { value: [], atMs: NOW - 2000 },
  }, { origin: "file", ready: "True" }],
  ["a pod of the static pod path, by the runtime alone", {
    desired: [],
    kubelet: kubeletOff,
    runtime: {
      value: [{ ...sandbox({ source: "file" }), specHash: undefined } as never],
      atMs: NOW - 2000,
    },
  }, { origin: "file", ready: "Unknown", drift: "Current", reason: "ProbesNotVisible" }],
];

describe("joinStatus()", () => {
  for (const [what, change, expected] of cases) {
    it(`shows: ${what}`, () => {
      const rows = joinStatus(input(change));
      assert.equal(rows.length, 1);
      const [row] = rows;
      const shown = Object.fromEntries(
        Object.keys(expected).map((key) => [key, row?.[key as keyof Expected]]),
      );
      assert.deepEqual(shown, expected);
    });
  }

  it("takes one word for a pod of which kubelet and runtime say that it is not ready, in any order", () => {
    const answer = (kubeletAgo: number, runtimeAgo: number) => {
      const down = kubeletPod({ containers: [waiting("CrashLoopBackOff")] });
      const [row] = joinStatus(input({
        kubelet: { value: [down], atMs: NOW - kubeletAgo },
        runtime: { value: [sandbox({ containers: [exited(1)] })], atMs: NOW - runtimeAgo },
      }));
      return [row?.ready, row?.confirmedBy, row?.readySinceMs];
    };
    assert.deepEqual(answer(2_000, 1_000), ["False", "kubelet", NOW - 490_000]);
    assert.deepEqual(answer(1_000, 2_000), answer(2_000, 1_000));
  });

  it("takes the newest of several sandboxes of one pod", () => {
    const old = sandbox({
      sandboxId: "s0",
      createdAt: ago(900_000),
      state: "SANDBOX_NOTREADY",
      specHash: "h0",
      containers: [exited(137)],
    });
    const [row] = joinStatus(
      input({ kubelet: kubeletOff, runtime: { value: [old, sandbox()], atMs: NOW - 1000 } }),
    );
    assert.equal(row?.ready, "True");
    assert.equal(row?.drift, "Current");
    assert.deepEqual(row?.joined.sandboxes.map(({ sandboxId }) => sandboxId), ["s1", "s0"]);
  });

  it("shows no pod of the API server, and no sandbox that has ended without a pod", () => {
    const rows = joinStatus(input({
      desired: [],
      kubelet: { value: [kubeletPod({ source: "api" })], atMs: NOW },
      runtime: { value: [sandbox({ state: "SANDBOX_NOTREADY" })], atMs: NOW },
    }));
    assert.deepEqual(rows, []);
  });

  it("takes nothing from a pod of the same name that comes from a file", () => {
    const file = { uid: "u2", source: "file", annotations: {} };
    const ours = kubeletPod({ phase: "Pending", containers: [] });
    const waiting = { ...ours, conditions: [] };
    const [row, ...more] = joinStatus(input({
      kubelet: { value: [waiting, kubeletPod(file)], atMs: NOW - 3000 },
      runtime: { value: [sandbox({ uid: "u2", source: "file" })], atMs: NOW - 2000 },
    }));
    assert.deepEqual(more, []);
    assert.equal(row?.ready, "False");
    assert.equal(row.phase, "Pending");
    assert.equal(row.containers.ready, 0);
    assert.equal(row.joined.rivalFromFile, true);
  });

  it("sorts by ID", () => {
    const rows = joinStatus(input({
      desired: [desired({ name: "b" }), desired({ namespace: "a" }), desired({ name: "a" })],
    }));
    assert.deepEqual(rows.map(({ id }) => id), [
      "a/web-node-1",
      "default/a-node-1",
      "default/b-node-1",
      "default/web-node-1",
    ]);
  });

  it("is not ready while one of two containers is missing", () => {
    const spec = { containers: [{ name: "main" }, { name: "side" }] };
    const [row] = joinStatus(input({
      kubelet: kubeletOff,
      desired: [desired({ pod: { spec } })],
      runtime: { value: [sandbox({ containers: [container()] })], atMs: NOW },
    }));
    assert.equal(row?.ready, "False");
    assert.deepEqual(row?.containers, { ready: 1, total: 2 });
  });
});
