import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { PodEvent, PodReport } from "../../mod/api/contract/mod.ts";
import { historyOf } from "../../mod/ui/parts/pod_history.ts";

const NOW = Date.parse("2026-11-30T12:00:00Z");
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

function event(seconds: number, type: string, id?: string): PodEvent {
  return {
    at: ago(seconds),
    type,
    namespace: "default",
    name: "web",
    message: type,
    ...(id === undefined ? {} : { container: { id, name: "web" } }),
  };
}

/** A pod with one container that has been running since `started`. */
function report(events: readonly PodEvent[], more: Partial<PodReport> = {}): PodReport {
  return {
    id: "default/web-n",
    namespace: "default",
    name: "web-n",
    ready: "True",
    confirmedBy: "runtime",
    drift: "Current",
    phase: "Running",
    reason: "",
    restarts: 0,
    origin: "podstead",
    delivery: { url: "", fetched: true },
    kubelet: { conditions: [] },
    sandboxes: [],
    containers: [{
      name: "web",
      type: "container",
      image: "x",
      id: "bbbb00000000",
      state: "running",
      since: ago(5),
      restarts: 1,
      probes: {},
    }],
    badHostPaths: [],
    events,
    explanation: { code: "ready", cause: "", nextStep: "" },
    ...more,
  };
}

/** Spans as seconds before now. */
function spans(history: ReturnType<typeof historyOf>, label: string) {
  const lane = history.lanes.find((one) => one.label === label);
  return lane?.spans.map(({ fromMs, toMs }) => [(NOW - fromMs) / 1000, (NOW - toMs) / 1000]);
}

describe("historyOf", () => {
  it("draws each run of a container from its start to its end, the last one up to now", () => {
    const history = historyOf(
      report([
        event(50, "started", "aaaa"),
        event(20, "ended", "aaaa"),
        event(5, "restarted", "bbbb"),
      ]),
      NOW,
    );
    assert.deepEqual(spans(history, "web"), [[50, 20], [5, 0]]);
    assert.deepEqual(history.moments.map(({ kind }) => kind), ["good", "bad", "bad"]);
  });

  it("draws a container that ran before the agent did", () => {
    assert.deepEqual(spans(historyOf(report([]), NOW), "web"), [[5, 0]]);
  });

  it("claims nothing of a run whose end nobody saw", () => {
    const lost = historyOf(report([event(50, "started", "aaaa")]), NOW);
    assert.deepEqual(spans(lost, "web"), [[50, 50], [5, 0]]);
  });

  it("draws readiness from what was seen of it, and ends it with its container", () => {
    const history = historyOf(
      report([
        event(45, "ready"),
        event(30, "not-ready"),
        event(25, "ready"),
        event(20, "ended", "aaaa"),
        event(3, "ready"),
      ]),
      NOW,
    );
    assert.deepEqual(spans(history, "ready"), [[45, 30], [25, 20], [3, 0]]);
  });

  it("ends a sandbox with its last container, and keeps the one that stands up to now", () => {
    const history = historyOf(
      report([event(20, "ended", "aaaa")], {
        sandboxes: [
          { id: "s2", state: "SANDBOX_READY", attempt: 1, created: ago(6) },
          { id: "s1", state: "SANDBOX_NOTREADY", attempt: 0, created: ago(55) },
        ],
      }),
      NOW,
    );
    assert.deepEqual(spans(history, "sandbox 0"), [[55, 20]]);
    assert.deepEqual(spans(history, "sandbox 1"), [[6, 0]]);
  });

  it("begins with the first of the moments that it shows, and cuts what is older", () => {
    const events = Array.from({ length: 50 }, (_, at) => event(1000 - at, "fetched"));
    const history = historyOf(
      report(events, {
        sandboxes: [{ id: "s", state: "SANDBOX_READY", attempt: 0, created: ago(90_000) }],
      }),
      NOW,
    );
    assert.equal(history.moments.length, 40);
    assert.equal((NOW - history.fromMs) / 1000, 990);
    assert.deepEqual(spans(history, "sandbox 0"), [[990, 0]]);
  });
});
