import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { ServiceSight } from "../../mod/explain/mod.ts";
import { NodeEvents } from "../../mod/observe/mod.ts";
import { KubeletDownReason } from "../../mod/serve/down_reason.ts";
import { FakeClock } from "../support/fake_clock.ts";

const sight = (state: string, subState: string): ServiceSight => ({
  name: "kubelet",
  state,
  subState,
  restarts: 3,
});
const said = (what: string) => `E1130 10:00:00.000000 1 run.go:74] "command failed" err="${what}"`;

/** A node whose systemd says what `world` holds. */
function scene() {
  const clock = new FakeClock();
  const told: string[] = [];
  const events = new NodeEvents(clock, {
    record: ({ type, message, atMs }) => told.push(`${atMs ?? clock.now()} ${type}: ${message}`),
    list: () => [],
  });
  const world = {
    service: undefined as ServiceSight | undefined,
    journal: [] as readonly string[],
    hangs: false,
    polls: false,
  };
  const stop = new AbortController();
  const reason = new KubeletDownReason({
    clock,
    nodeEvents: events,
    sight: () => world.hangs ? new Promise(() => undefined) : Promise.resolve(world.service),
    journal: () => Promise.resolve(world.journal),
    polls: () => world.polls,
    onReason: () => undefined,
  }, stop.signal);
  const start = clock.now();
  const happened = () =>
    told.map((line) => line.replace(/^\d+/, (at) => String(Number(at) - start)));
  return { clock, world, reason, stop, happened };
}

describe("KubeletDownReason", () => {
  it("tells with the end why it came, and another reason as soon as there is one", async () => {
    const { clock, world, reason, stop, happened } = scene();
    reason.changed(true);
    await clock.advance(1_000);
    world.service = sight("activating", "auto-restart");
    world.journal = [said("bad setting")];
    reason.changed(false);
    await clock.advance(0);
    assert.equal(reason.known.kubeletLastWords, "bad setting");
    await clock.advance(20_000);
    world.journal = [said("worse setting")];
    await clock.advance(5_000);
    reason.changed(true);
    await clock.advance(0);
    assert.deepEqual(reason.known, {});
    assert.deepEqual(happened(), [
      "1000 kubelet-down: The kubelet is gone: bad setting",
      "26000 kubelet-down: The kubelet does not come back: worse setting",
      "26000 kubelet-up: The kubelet is back after 25s",
    ]);
    stop.abort();
  });

  it("does not wait for a systemd that hangs", async () => {
    const { clock, world, reason, stop, happened } = scene();
    reason.changed(true);
    world.hangs = true;
    reason.changed(false);
    await clock.advance(1_000);
    assert.deepEqual(happened(), ["0 kubelet-down: The kubelet is gone"]);
    stop.abort();
  });

  it("takes a kubelet that runs and was never seen for one with other ports", async () => {
    const { clock, world, reason, stop, happened } = scene();
    world.service = sight("active", "running");
    reason.changed(false);
    await clock.advance(20_000);
    assert.deepEqual(happened(), []);
    world.service = sight("inactive", "dead");
    await clock.advance(5_000);
    assert.deepEqual(happened(), [
      "25000 kubelet-down: The kubelet is gone: its service is stopped",
    ]);
    stop.abort();
  });

  it("takes a kubelet that polls for one that runs, wherever it listens", async () => {
    const { clock, world, reason, stop, happened } = scene();
    reason.changed(false);
    await clock.advance(2_000);
    world.polls = true;
    reason.polled();
    await clock.advance(20_000);
    world.polls = false;
    await clock.advance(5_000);
    assert.deepEqual(happened(), [
      "0 kubelet-down: The kubelet is gone",
      "2000 kubelet-up: The kubelet is back after 2s",
      "25000 kubelet-down: The kubelet is gone",
    ]);
    stop.abort();
  });
});
