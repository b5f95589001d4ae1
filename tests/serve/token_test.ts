import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ManifestToken, tokenProblems } from "../../mod/serve/host/token.ts";
import { makeTempDir } from "../support/temp_dir.ts";

describe("ManifestToken", () => {
  it("wants none without a file", async () => {
    const token = new ManifestToken();
    await token.read(null);
    assert.equal(token.current, undefined);
    assert.deepEqual(await tokenProblems(null), []);
  });

  it("is the file's content without white space around it, and follows the file", async () => {
    await using directory = await makeTempDir("token");
    const file = join(directory.path, "token");
    const token = new ManifestToken();
    for (const content of ["one\n", " two "]) {
      await writeFile(file, content);
      await token.read(file);
      assert.equal(token.current, content.trim());
      assert.deepEqual(await tokenProblems(file), []);
    }
  });

  it("stays what it was, or one that nobody has, while the file is unusable", async () => {
    await using directory = await makeTempDir("token");
    const file = join(directory.path, "token");
    const token = new ManifestToken();
    await token.read(file);
    assert.match(token.current ?? "", /^[0-9a-f-]{36}$/);
    await writeFile(file, "one");
    await token.read(file);
    await writeFile(file, "\n");
    await token.read(file);
    assert.equal(token.current, "one");
    assert.match((await tokenProblems(file))[0]?.message ?? "", /: the file is empty$/);
    await rm(file);
    await token.read(file);
    assert.equal(token.current, "one");
    assert.match(
      (await tokenProblems(file))[0]?.message ?? "",
      /cannot be read: .*ENOENT|no such/i,
    );
  });
});
