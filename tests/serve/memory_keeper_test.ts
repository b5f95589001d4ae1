import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { MemoryKeeper } from "../../mod/serve/memory_keeper.ts";

describe("MemoryKeeper", () => {
  it("collects once after work has come to rest", async () => {
    const collected = new EventEmitter();
    const calls: boolean[] = [];
    const keeper = new MemoryKeeper((wait) => {
      calls.push(wait);
      collected.emit("collected");
    });
    const first = once(collected, "collected");
    keeper.done(110);
    keeper.done(110);
    assert.deepEqual(calls, []);
    const held = setInterval(() => undefined, 1_000); // its timer alone keeps no process
    await first;
    clearInterval(held);
    assert.deepEqual(calls, [true]);
  });

  it("collects in the middle of much work, and in the background after very much of it", () => {
    const calls: boolean[] = [];
    const keeper = new MemoryKeeper((wait) => calls.push(wait));
    for (let reload = 0; reload < 20; reload += 1) keeper.done(100);
    assert.deepEqual(calls, [true, true]);
    keeper.done(10_000);
    assert.deepEqual(calls, [true, true, false]);
    keeper.close();
  });
});
