/** What only the compiled executable can get wrong: its classes have lost their names. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { runPodstead } from "../support/node.ts";

describe("podstead, given wrong arguments", () => {
  it("says what is wrong and what may be meant", async () => {
    const { code, stderr } = await runPodstead(["get", "staticpodz"]);
    assert.equal(code, 64);
    assert.match(stderr, /^error: There is no resource type "staticpodz"\n {2}Did you mean /);
  });

  it("names the option and the value it has", async () => {
    const { code, stderr } = await runPodstead(["reload", "--wait=soon"]);
    assert.equal(code, 64);
    assert.match(stderr, /^error: --wait must be a duration .*, current value is "soon"\n/);
  });

  it("writes nothing that a terminal would obey", async () => {
    const { stderr } = await runPodstead(["get", "\u001b[2Jstatic\u009bpods"]);
    assert.match(stderr, /"\\u001b\[2Jstatic\\u009bpods"/);
    // deno-lint-ignore no-control-regex -- they are what is looked for
    assert.doesNotMatch(stderr, /[\u001b\u009b]/);
  });
});
