import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { collectGarbage, compileLess, shrinkMemory } from "../../mod/os/mod.ts";

describe("the engine", () => {
  it("is told to compile less, to collect and to shrink, by Bun's own API", () => {
    const calls: unknown[] = [];
    withBun({
      gc: (force: boolean) => calls.push(["gc", force]),
      shrink: () => calls.push(["shrink"]),
      unsafe: { setJITPolicy: (scale: number) => calls.push(["setJITPolicy", scale]) },
    }, () => {
      compileLess(100);
      collectGarbage(true);
      shrinkMemory();
    });
    assert.deepEqual(calls, [["setJITPolicy", 100], ["gc", true], ["shrink"]]);
  });

  it("is left alone if it is not Bun's", () => {
    withBun(undefined, () => {
      compileLess(100);
      collectGarbage(false);
      shrinkMemory();
    });
  });
});

function withBun(bun: unknown, run: () => void): void {
  const world = globalThis as { Bun?: unknown };
  const before = world.Bun;
  world.Bun = bun;
  try {
    run();
  } finally {
    if (before === undefined) delete world.Bun;
    else world.Bun = before;
  }
}
