import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { allAtOnce, stepByStep, type Steps } from "../../mod/core/mod.ts";

/** Adds up in steps, each of which takes `stepMs` of a clock that nothing else moves. */
function adding(numbers: readonly number[], stepMs: number) {
  let nowMs = 0;
  function* steps(): Steps<number> {
    let sum = 0;
    for (const number of numbers) {
      yield;
      nowMs += stepMs;
      sum += number;
    }
    return sum;
  }
  return { steps: steps(), clock: { monotonicMs: () => nowMs } };
}

describe("Steps", () => {
  it("come to the same at once and step by step", async () => {
    const numbers = Array.from({ length: 100 }, (_, at) => at);
    assert.equal(allAtOnce(adding(numbers, 1).steps), 4950);
    const { steps, clock } = adding(numbers, 1);
    assert.equal(await stepByStep(steps, clock), 4950);
  });

  for (const [stepMs, makesRoom] of [[1, true], [10, true], [0, false]] as const) {
    it(`make ${makesRoom ? "" : "no "}room in 100 steps of ${stepMs} ms`, async () => {
      const { steps, clock } = adding(new Array(100).fill(1), stepMs);
      let hadRoom = false;
      const other = new Promise<void>((resolve) => setTimeout(resolve)).then(() => hadRoom = true);
      assert.equal(await stepByStep(steps, clock), 100);
      assert.equal(hadRoom, makesRoom);
      await other;
    });
  }

  it("tell of what a step throws", async () => {
    function* failing(): Steps<void> {
      yield;
      throw new Error("a defect");
    }
    assert.throws(() => allAtOnce(failing()), /a defect/);
    await assert.rejects(stepByStep(failing()), /a defect/);
  });
});
