import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { MemoryKeeper } from "../../mod/serve/memory_keeper.ts";
import { FakeClock } from "../support/fake_clock.ts";

describe("MemoryKeeper", () => {
  /** A keeper, and what it has done so far. */
  function keep() {
    const calls: string[] = [];
    const clock = new FakeClock();
    const collector = {
      collect: (wait: boolean) => calls.push(wait ? "collect" : "collect later"),
      shrink: () => calls.push("shrink"),
    };
    return { keeper: new MemoryKeeper(clock, collector), clock, calls };
  }

  it("collects once after work has come to rest, and shrinks after a long rest", async () => {
    const { keeper, clock, calls } = keep();
    keeper.done(110);
    await clock.advance(400);
    keeper.done(110);
    await clock.advance(400);
    assert.deepEqual(calls, []);
    await clock.advance(200);
    assert.deepEqual(calls, ["collect"]);
    await clock.advance(599_000);
    assert.deepEqual(calls, ["collect"]);
    await clock.advance(1_000);
    assert.deepEqual(calls, ["collect", "shrink"]);
    await clock.advance(6_000_000);
    assert.deepEqual(calls, ["collect", "shrink"]);
  });

  it("shrinks only after the last of several works", async () => {
    const { keeper, clock, calls } = keep();
    keeper.done(110);
    await clock.advance(599_000);
    keeper.done(110);
    await clock.advance(599_000);
    assert.deepEqual(calls, ["collect", "collect"]);
    keeper.close();
    await clock.advance(6_000_000);
    assert.deepEqual(calls, ["collect", "collect"]);
  });

  it("collects in the middle of much work, and in the background after very much of it", async () => {
    const { keeper, clock, calls } = keep();
    for (let reload = 0; reload < 20; reload += 1) keeper.done(100);
    assert.deepEqual(calls, ["collect", "collect"]);
    keeper.done(10_000);
    assert.deepEqual(calls, ["collect", "collect", "collect later"]);
    await clock.advance(6_000_000);
    assert.deepEqual(calls, ["collect", "collect", "collect later"]);
  });
});
