import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { SharedRuns } from "../../mod/api/server/shared_runs.ts";

describe("SharedRuns.run()", () => {
  it("begins again for those who asked meanwhile, once for all of them", async () => {
    const runs = new SharedRuns();
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let begun = 0;
    const compute = async () => {
      const mine = begun++;
      await gates[mine]?.promise;
      return mine;
    };
    const first = runs.run("a", compute);
    const late = [runs.run("a", compute), runs.run("a", compute)];
    assert.equal(begun, 1);
    gates[0]?.resolve();
    assert.equal(await first, 0);
    gates[1]?.resolve();
    assert.deepEqual(await Promise.all(late), [1, 1]);
    assert.equal(begun, 2);
    assert.equal(await runs.run("a", compute), 2, "nothing is kept");
  });

  it("keeps keys apart, and passes an error on to its own askers alone", async () => {
    const runs = new SharedRuns();
    const failing = runs.run("a", () => Promise.reject(new Error("no")));
    const next = runs.run("a", () => Promise.resolve("yes"));
    assert.equal(await runs.run("b", () => Promise.resolve(1)), 1);
    await assert.rejects(failing, /no/);
    assert.equal(await next, "yes");
  });
});
