import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { writeFileAtomic } from "../../mod/os/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

describe("writeFileAtomic()", () => {
  for (const count of [0, 1, 3_000]) {
    it(`writes ${count} parts one after the other`, async () => {
      await using directory = await makeTempDir("atomic");
      const path = join(directory.path, "file");
      const parts = Array.from({ length: count }, (_, at) => new Uint8Array(1_000).fill(at % 251));
      await writeFileAtomic(path, parts, 0o600);
      const written = await readFile(path);
      assert.equal(written.length, count * 1_000);
      assert.ok(parts.every((part, at) => written.subarray(at * 1_000).indexOf(part) === 0));
    });
  }

  it("replaces a temporary file that a crash left, whatever its mode is", async () => {
    await using directory = await makeTempDir("atomic");
    const path = join(directory.path, "file");
    await writeFile(`${path}.tmp-${process.pid}`, "half of something longer", { mode: 0o644 });
    await writeFileAtomic(path, "text", 0o600);
    assert.equal(await readFile(path, "utf8"), "text");
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(directory.path), ["file"]);
  });
});
