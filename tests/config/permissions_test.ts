import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import process from "node:process";
import { writableProblem } from "../../mod/config/mod.ts";
import { fileFacts } from "../support/file_facts.ts";

describe("writableProblem()", () => {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const warning = (facts: Parameters<typeof fileFacts>[0]) =>
    writableProblem("The config", "/c.yaml", fileFacts(facts))?.message;

  it("warns of a file that every user, another group or another user may write", () => {
    assert.match(warning({ mode: 0o646 }) ?? "", /written by every user/);
    assert.match(warning({ mode: 0o664, gid: 4711 }) ?? "", /written by group 4711/);
    assert.match(warning({ mode: 0o644, uid: 4711 }) ?? "", /written by user 4711/);
  });

  it("has nothing to say of what root and the agent's own user may write", () => {
    for (const facts of [{ mode: 0o644 }, { mode: 0o664, ...own }, { mode: 0o600, ...own }]) {
      assert.equal(warning(facts), undefined);
    }
  });
});
