import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { putAside } from "../../mod/os/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

describe("putAside()", () => {
  it("keeps what was there, and replaces what was put aside before", async () => {
    await using directory = await makeTempDir("aside");
    const path = join(directory.path, "trial.json");
    for (const text of ["first", "second"]) {
      writeFileSync(path, text);
      assert.equal(await putAside(path), `${path}.damaged`);
      assert.equal(existsSync(path), false);
    }
    assert.equal(readFileSync(`${path}.damaged`, "utf8"), "second");
  });

  it("deletes neither a directory with files nor what stands where it would put one", async () => {
    await using directory = await makeTempDir("aside");
    const path = join(directory.path, "trial.json");
    mkdirSync(`${path}.damaged`);
    writeFileSync(join(`${path}.damaged`, "a"), "a");
    mkdirSync(path);
    writeFileSync(join(path, "b"), "b");
    const first = await putAside(path);
    writeFileSync(path, "text");
    const second = await putAside(path);
    assert.deepEqual(readdirSync(first), ["b"]);
    assert.equal(readFileSync(second, "utf8"), "text");
    assert.deepEqual(readdirSync(`${path}.damaged`), ["a"]);
  });
});
