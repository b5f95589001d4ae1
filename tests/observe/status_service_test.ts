import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { EMPTY_STATE, ResourceStore } from "../../mod/agent/mod.ts";
import { defaultSettings } from "../../mod/config/mod.ts";
import type { PodView } from "../../mod/cri/mod.ts";
import { FetchLog, StatusService } from "../../mod/observe/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

/** A service whose runtime answers when a test lets it. */
function asking(change: Partial<ConstructorParameters<typeof StatusService>[0]> = {}) {
  const clock = new FakeClock();
  const open: (() => void)[] = [];
  const status = new StatusService({
    clock,
    store: new ResourceStore(clock),
    fetches: new FetchLog(),
    state: () => EMPTY_STATE,
    settings: () => defaultSettings({ hostname: "node-1", address: "10.0.0.1" }),
    kubeletPods: () => Promise.resolve([]),
    runtimePods: () => new Promise<readonly PodView[]>((resolve) => open.push(() => resolve([]))),
    heldBack: () => new Map(),
    ...change,
  });
  return { status, open };
}

describe("StatusService", () => {
  it("shares one round between callers at one time", async () => {
    const { status, open } = asking();
    const rounds = [status.refresh(), status.refresh()];
    await settle();
    assert.equal(open.length, 1);
    open[0]?.();
    await Promise.all(rounds);
  });

  it("says in words that a source did not answer in time", async () => {
    const hangs = (signal: AbortSignal) =>
      new Promise<never>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
    const { status } = asking({ kubeletPods: hangs, runtimePods: () => Promise.resolve([]) });
    await status.refresh();
    const { message, problem } = status.readings.kubelet.failure ?? {};
    assert.deepEqual([message, problem], ["The kubelet did not answer within 2s", "timeout"]);
  });

  it("begins another round for a look that must not miss what happened in this one", async () => {
    const { status, open } = asking();
    const first = status.refresh();
    await settle();
    const looks = [status.refreshAnew(), status.refreshAnew()];
    await settle();
    assert.equal(open.length, 1, "not before the one that runs has ended");
    open[0]?.();
    await first;
    await settle();
    assert.equal(open.length, 2, "one more, for both");
    open[1]?.();
    await Promise.all(looks);
  });
});
