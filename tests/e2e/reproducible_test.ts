/** That the same source gives the same executable, so that anyone can check what is published. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { makeTempDir } from "../support/temp_dir.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const skip = process.env.PODSTEAD_E2E === "deno";

describe(`packaging/compile.ts${skip ? " (skipped: not compiled)" : ""}`, { skip }, () => {
  it("gives the same bytes twice", async () => {
    await using temporary = await makeTempDir("reproducible");
    const hashes = ["one", "two"].map((name) => {
      mkdirSync(join(temporary.path, name));
      // Its own name is in an executable.
      const outfile = join(temporary.path, name, "podstead");
      execFileSync(
        process.execPath,
        ["run", "-A", "--no-check", "packaging/compile.ts", "--outfile", outfile],
        { cwd: ROOT, stdio: "ignore" },
      );
      return createHash("sha256").update(readFileSync(outfile)).digest("hex");
    });
    assert.equal(hashes[0], hashes[1]);
  });
});
