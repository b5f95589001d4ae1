/** Damaged states: never a crash, never a pod that was not there. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadState } from "../../mod/agent/mod.ts";
import { canonicalJson, PodsteadError } from "../../mod/core/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";
import { fuzz } from "./fuzz.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures/state/", import.meta.url));

describe("hostile state files", () => {
  it("give the pods that can be proved, or none", async () => {
    await using directory = await makeTempDir("state");
    const corpus = readdirSync(FIXTURES).map((name) => readFileSync(join(FIXTURES, name)));
    const good = new Set<string>();
    for (const bytes of corpus) {
      await writeFile(join(directory.path, "state.json"), bytes);
      for (const { pod } of (await loadState(directory.path)).state.pods) {
        good.add(canonicalJson(pod));
      }
    }
    assert.ok(good.size > 0);
    await fuzz({
      corpus,
      share: 0.5,
      take: async (input) => {
        await writeFile(join(directory.path, "state.json"), input);
        try {
          const { state, damage, isWhole } = await loadState(directory.path);
          assert.ok(isWhole || damage !== undefined, "what is missing is told");
          for (const { pod } of state.pods) assert.ok(good.has(canonicalJson(pod)));
        } catch (error) {
          // Of a newer format: refused by name.
          if (!(error instanceof PodsteadError)) throw error;
        }
      },
    });
  });
});
