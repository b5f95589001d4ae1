import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { withScope } from "../../mod/core/mod.ts";

describe("withScope()", () => {
  it("closes what was opened in reverse, once, after the body", async () => {
    const steps: string[] = [];
    const result = await withScope(async (scope) => {
      assert.equal(scope.use("a", (value) => void steps.push(`close ${value}`)), "a");
      scope.defer(async () => void steps.push(await Promise.resolve("close b")));
      steps.push("body");
      return await Promise.resolve(1);
    });
    assert.equal(result, 1);
    assert.deepEqual(steps, ["body", "close b", "close a"]);
  });

  it("closes everything when a later step throws, also if closing one thing fails", async () => {
    const closed: string[] = [];
    const failing = withScope((scope) => {
      scope.defer(() => void closed.push("first"));
      scope.defer(() => Promise.reject(new Error("it does not close")));
      scope.defer(() => void closed.push("last"));
      return Promise.reject(new Error("it does not start"));
    });
    await assert.rejects(failing, (error: SuppressedError) => {
      assert.equal(error.suppressed.message, "it does not start");
      return error.error.message === "it does not close";
    });
    assert.deepEqual(closed, ["last", "first"]);
  });
});
