import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Registry } from "prom-client";
import { EventLog, LifeRecorder, PropagationTracker } from "../../mod/observe/mod.ts";
import type { PodOutcome, ReloadOutcome, ServedPod } from "../../mod/agent/mod.ts";
import type { Clock } from "../../mod/core/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { joinStatus, NEVER_READ } from "../../mod/status/mod.ts";
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
import { makeTempDir } from "../support/temp_dir.ts";

/** A clock that goes on only while somebody sleeps. */
function sleepingClock() {
  let nowMs = NOW;
  const sleeps: number[] = [];
  const clock: Clock = {
    now: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: (delayMs, signal) => {
      if (signal?.aborted) return Promise.reject(signal.reason);
      nowMs += delayMs;
      sleeps.push(delayMs);
      return Promise.resolve();
    },
  };
  return { clock, sleeps, advance: (ms: number) => nowMs += ms };
}

const POD: ServedPod = {
  id: "default-web",
  namespace: "default",
  name: "web",
  pod: desired().pod,
  hash: "h1",
  revision: 1,
  sinceMs: NOW,
  source: { file: "/etc/podstead/config.yaml", line: 3 },
};

function outcome(change: Partial<PodOutcome>): ReloadOutcome {
  return {
    result: "applied",
    trigger: "request",
    revision: 1,
    at: ago(0),
    durationMs: 1,
    pods: [{
      id: "default-web",
      namespace: "default",
      name: "web",
      change: "added",
      state: "Served",
      source: POD.source,
      hash: "h1",
      errors: [],
      warnings: [],
      ...change,
    }],
    problems: [],
    needRestart: [],
    served: { pods: 1, bytes: 1, etag: '"e1"' },
  };
}

async function withTracker(
  use: (parts: {
    readonly tracker: PropagationTracker;
    readonly events: EventLog;
    readonly life: LifeRecorder;
    readonly time: ReturnType<typeof sleepingClock>;
    readonly registry: Registry;
    /** Called whenever the tracker looks; gives the count of looks so far. */
    readonly onLook: (look: (count: number) => void) => void;
    readonly looks: () => number;
  }) => Promise<void>,
  served: readonly ServedPod[] = [],
): Promise<void> {
  const temporary = await makeTempDir("propagation");
  const time = sleepingClock();
  const events = await EventLog.open({
    clock: time.clock,
    log: silentLogger,
    directory: temporary.path,
  });
  const registry = new Registry();
  let count = 0;
  let look: (count: number) => void = () => undefined;
  const tracker = new PropagationTracker({
    clock: time.clock,
    events,
    registry,
    look: () => {
      count += 1;
      look(count);
      return Promise.resolve();
    },
    served: { pods: served, etag: "" },
  });
  const parts = {
    tracker,
    events,
    life: new LifeRecorder(events, () => "node-1"),
    time,
    registry,
    onLook: (next: (count: number) => void) => {
      look = next;
    },
    looks: () => count,
  };
  try {
    await use(parts);
  } finally {
    tracker.close();
    await events.close();
    await temporary.remove();
  }
}

const turns = async () => {
  for (let turn = 0; turn < 2000; turn += 1) await Promise.resolve();
};

describe("PropagationTracker", () => {
  it("keeps what a replacement cost, and only of the version that runs", async () => {
    await withTracker(async ({ tracker }) => {
      tracker.committed({ outcome: outcome({}), list: { pods: [POD], etag: '"e1"' } });
      const way = {
        namespace: "default",
        name: "web",
        method: "in-place",
        downtimeMs: 95.6,
      } as const;
      tracker.replaced({ ...way, hash: "another" });
      assert.equal(tracker.changeOf("default", "web")?.method, undefined);
      tracker.replaced({ ...way, hash: "h1" });
      const { method, downMs } = tracker.changeOf("default", "web") ?? {};
      assert.deepEqual({ method, downMs }, { method: "in-place", downMs: 96 });
      await turns();
    });
  });

  it("times each stage of a change, looks only until it is ready, and tells the pod's life", async () => {
    await withTracker(async ({ tracker, events, life, time, registry, onLook, looks }) => {
      time.advance(5);
      tracker.committed({ outcome: outcome({}), list: { pods: [POD], etag: '"e1"' } });
      await turns();
      assert.equal(looks(), 0, "it does not look before the kubelet has fetched");
      time.advance(200);
      onLook((count) => {
        const running = count >= 2;
        const rows = joinStatus(input({
          nowMs: time.clock.now(),
          desired: [desired({ servedSinceMs: NOW })],
          runtime: {
            value: running ? [sandbox({ createdAt: new Date(NOW + 300).toISOString() })] : [],
            atMs: time.clock.now(),
          },
          kubelet: {
            value: [kubeletPod({
              containers: [kubeletContainer({ ready: count >= 4 })],
              conditions: [{
                type: "Ready",
                status: count >= 4 ? "True" : "False",
                reason: "",
                message: "",
                since: new Date(time.clock.now()).toISOString(),
              }],
            })],
            atMs: time.clock.now(),
          },
        }));
        tracker.observe(rows);
        life.observe(rows);
      });
      tracker.fetched({ atMs: time.clock.now(), etag: '"e1"', userAgent: "Go-http-client/1.1" });
      await turns();
      assert.equal(looks(), 4);
      const change = tracker.changeOf("default", "web");
      const after = (at: string | undefined) => Date.parse(at ?? "") - NOW;
      assert.deepEqual(
        [change?.served, change?.fetched, change?.running, change?.ready].map(after),
        [5, 205, 205, 205 + 3 * 250],
      );
      assert.deepEqual(events.list().map(({ type }) => type), [
        "declared",
        "served",
        "fetched",
        "ready",
      ]);
      const text = await registry.metrics();
      assert.match(text, /podstead_propagation_seconds_count\{stage="ready"\} 1/);
      assert.match(text, /podstead_propagation_seconds_bucket\{le="0.01",stage="served"\} 1/);
    });
  });

  it("gives up looking after three minutes, ever more rarely until then", async () => {
    await withTracker(async ({ tracker, time, looks, events, onLook }) => {
      const value = [kubeletPod({ containers: [kubeletContainer({ ready: false })] })];
      onLook(() => tracker.observe(joinStatus(input({ kubelet: { value, atMs: NOW } }))));
      tracker.committed({ list: { pods: [POD], etag: '"e1"' } });
      tracker.fetched({ atMs: time.clock.now(), etag: '"e1"', userAgent: "" });
      await turns();
      assert.equal(
        events.list().at(-1)?.message,
        "Still not ready 3m after the kubelet fetched it",
      );
      assert.ok(time.clock.now() - NOW < 190_000, `${time.clock.now() - NOW}`);
      assert.equal(looks(), time.sleeps.length);
      assert.ok(looks() < 110, `${looks()}`);
    });
  });

  it("calls no pod not ready of which nobody could see it", async () => {
    await withTracker(async ({ tracker, time, events }) => {
      tracker.committed({ list: { pods: [POD], etag: '"e1"' } });
      tracker.fetched({ atMs: time.clock.now(), etag: '"e1"', userAgent: "" });
      await turns();
      assert.ok(time.clock.now() - NOW > 180_000);
      assert.ok(!events.list().some(({ type }) => type === "not-ready"));
    });
  });

  it("does not look for a list that was served before the agent started", async () => {
    await withTracker(async ({ tracker, events, looks }) => {
      tracker.committed({ list: { pods: [POD], etag: '"e1"' } });
      tracker.fetched({ atMs: NOW, etag: '"e1"', userAgent: "" });
      await turns();
      assert.equal(looks(), 0);
      assert.deepEqual(events.list(), []);
      assert.equal(tracker.changeOf("default", "web"), undefined);
    }, [POD]);
  });

  it("does not take a fetch of an older list for the change's", async () => {
    await withTracker(async ({ tracker, looks }) => {
      tracker.committed({ list: { pods: [POD], etag: '"e2"' } });
      tracker.fetched({ atMs: NOW, etag: '"e1"', userAgent: "" });
      await turns();
      assert.equal(looks(), 0);
      assert.equal(tracker.changeOf("default", "web")?.fetched, undefined);
    });
  });

  it("records a refusal once for each version of a pod", async () => {
    await withTracker(async ({ tracker, events }) => {
      const errors = [{
        field: "spec.containers",
        type: "Required value" as const,
        detail: "",
        line: 3,
        column: 1,
      }];
      const refused = outcome({ change: "none", state: "Rejected", errors });
      tracker.committed({ outcome: refused });
      tracker.committed({ outcome: refused });
      tracker.committed({
        outcome: outcome({ change: "none", state: "Rejected", errors, hash: "h2" }),
      });
      assert.deepEqual(events.list().map(({ type, hash }) => [type, hash]), [
        ["rejected", "h1"],
        ["rejected", "h2"],
      ]);
      await turns();
    });
  });
});

describe("removed()", () => {
  it("remembers since when a pod is out of the list, and how long it may take to end", async () => {
    await withTracker(async ({ tracker, time }) => {
      const spec = { terminationGracePeriodSeconds: 7, containers: [] };
      const graceful = { ...POD, name: "graceful", pod: { spec } };
      tracker.committed({ list: { pods: [POD, graceful], etag: '"e1"' } });
      assert.deepEqual(tracker.removed(), []);
      time.advance(1_000);
      tracker.committed({ list: { pods: [], etag: '"e2"' } });
      const common = { namespace: "default", sinceMs: NOW + 1_000 };
      assert.deepEqual(tracker.removed(), [
        { ...common, name: "web", graceMs: 30_000 },
        { ...common, name: "graceful", graceMs: 7_000 },
      ]);
      time.advance(1_000);
      tracker.committed({ list: { pods: [POD], etag: '"e3"' } });
      assert.deepEqual(tracker.removed().map(({ name }) => name), ["graceful"]);
      await turns();
    });
  });
});

describe("LifeRecorder", () => {
  const messages = (events: EventLog) =>
    events.list().map(({ type, message }) => `${type}: ${message}`);

  it("calls no pod adrift that is ending as asked, only one that does not end", async () => {
    await withTracker(async ({ events, life }) => {
      const look = (nowMs: number, change: Parameters<typeof input>[0] = {}) => {
        const fetches = {
          listeningSinceMs: NOW - 600_000,
          lastGood: { atMs: nowMs - 500, status: 200, userAgent: "" },
          intervalMs: 1_000,
        };
        const runtime = { value: [sandbox()], atMs: nowMs };
        const kubelet = { value: [kubeletPod()], atMs: nowMs };
        life.observe(joinStatus(input({ nowMs, fetches, runtime, kubelet, ...change })));
      };
      const removed = [{
        namespace: "default",
        name: "web",
        graceMs: 30_000,
        sinceMs: NOW,
        fetchedAtMs: NOW + 900,
      }];
      look(NOW);
      const before = messages(events);
      look(NOW + 1_000, { desired: [], removed });
      const ended = { value: [sandbox({ containers: [exited(137)] })], atMs: NOW + 31_000 };
      look(NOW + 31_000, { desired: [], removed, runtime: ended });
      assert.deepEqual(messages(events), before, "nothing is news while it ends in time");
      look(NOW + 61_000, { desired: [], removed });
      look(NOW + 62_000, { desired: [], removed });
      assert.deepEqual(messages(events).slice(before.length), ["drifted: Orphaned: NotDeclared"]);
      await turns();
    });
  });

  it("lets no pod stop being ready earlier in its second than it was declared", async () => {
    await withTracker(async ({ events, life }) => {
      life.observe(joinStatus(input()));
      const second = Math.floor(NOW / 1_000) * 1_000;
      const since = new Date(second).toISOString();
      const pod = kubeletPod({
        conditions: [{ type: "Ready", status: "False", reason: "", message: "", since }],
      });
      const kubelet = { value: [pod], atMs: second + 5_000 };
      life.observe(joinStatus(input({ kubelet, nowMs: second + 5_000 })));
      const lost = events.list().find(({ type }) => type === "not-ready");
      assert.equal(Date.parse(lost?.at ?? ""), second + 999);
      await turns();
    });
  });

  it("records that an image cannot be pulled, once, and that it is there at last", async () => {
    await withTracker(async ({ events, life }) => {
      const look = (reason: string, message = "") => {
        const waiting = kubeletContainer({
          ready: false,
          state: { kind: "waiting", reason, message },
        });
        const kubelet = { value: [kubeletPod({ containers: [waiting] })], atMs: NOW };
        life.observe(joinStatus(input({ kubelet, runtime: { value: [], atMs: NOW } })));
      };
      look("ContainerCreating");
      look("ErrImagePull", "no such host");
      look("ImagePullBackOff", "Back-off pulling image");
      life.observe(joinStatus(input({ kubelet: NEVER_READ, runtime: { value: [], atMs: NOW } })));
      look("ErrImagePull", "no such host");
      look("ContainerCreating");
      look("ErrImagePull", "unauthorized");
      assert.deepEqual(messages(events).filter((message) => message.startsWith("image")), [
        'image-failed: Image "busybox" cannot be pulled: no such host',
        'image-pulled: Image "busybox" is no longer missing',
        'image-failed: Image "busybox" cannot be pulled: unauthorized',
      ]);
      await turns();
    });
  });

  it("calls no pod gone while nobody can ask the runtime, then it does, once", async () => {
    await withTracker(async ({ events, life }) => {
      const gone = () => messages(events).filter((message) => message.startsWith("removed"));
      life.observe(joinStatus(input()));
      const failure = { atMs: NOW, message: "No runtime" };
      const runtime = { value: [sandbox()], atMs: NOW - 1_000, failure };
      const kubelet = { value: [], atMs: NOW };
      const blind = joinStatus(input({ desired: [], kubelet, runtime }));
      assert.deepEqual(blind, [], "no source shows the pod");
      life.observe(blind, false);
      assert.deepEqual(gone(), []);
      const empty = joinStatus(input({ desired: [], kubelet, runtime: { value: [], atMs: NOW } }));
      life.observe(empty);
      life.observe(empty);
      assert.deepEqual(gone(), ["removed: Gone from this node"]);
      await turns();
    });
  });

  it("records readiness, drift and the end of a pod, and nothing twice", async () => {
    await withTracker(async ({ events, life }) => {
      const look = (change: Parameters<typeof input>[0]) => life.observe(joinStatus(input(change)));
      look({});
      look({});
      look({ desired: [] });
      look({
        desired: [],
        kubelet: { value: [], atMs: NOW },
        runtime: { value: [], atMs: NOW },
      });
      await turns();
      const recorded = events.list().map(({ type, message }) => `${type}: ${message}`);
      assert.deepEqual(recorded.toSorted(), [
        "drifted: Orphaned: NotDeclared",
        "ready: Ready",
        "removed: Gone from this node",
      ]);
    });
  });
});
