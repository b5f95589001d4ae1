/** Every format of the state that was ever written is read, and gives the same pods. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadState } from "../../mod/agent/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures/state/", import.meta.url));

describe("loadState()", () => {
  it("has a fixture of each format", () => {
    assert.deepEqual(readdirSync(FIXTURES).sort(), ["format-1.json", "format-2.json"]);
  });

  for (const name of readdirSync(FIXTURES).sort()) {
    it(`reads ${name} whole`, async () => {
      await using directory = await makeTempDir("state");
      copyFileSync(join(FIXTURES, name), join(directory.path, "state.json"));
      const { state, damage, isWhole } = await loadState(directory.path);
      assert.equal(damage, undefined);
      assert.equal(isWhole, true);
      assert.deepEqual(state.pods.map(({ id, revision }) => [id, revision]), [["default-web", 3]]);
      assert.equal(state.versions[0]?.version, 2);
      assert.deepEqual(state.replacing, []);
    });
  }
});
