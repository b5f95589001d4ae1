import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ManifestToken, tokenProblems } from "../../mod/serve/host/token.ts";
import type { FileFacts } from "../../mod/os/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const FACTS: FileFacts = {
  kind: "file",
  sizeBytes: 3,
  mtimeMs: 0,
  ctimeMs: 0,
  device: 1,
  inode: 1,
  mode: 0o600,
  uid: 0,
  gid: 0,
};

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

  it("is found by the requests themselves once its file is there, each second at most", async () => {
    const asked: string[] = [];
    let text = "";
    let nowMs = 0;
    const readFile = (path: string) => {
      asked.push(path);
      return text === ""
        ? Promise.reject(new Error("there is no such file"))
        : Promise.resolve({ bytes: new TextEncoder().encode(text), before: FACTS, after: FACTS });
    };
    const token = new ManifestToken({ readFile }, { monotonicMs: () => nowMs });
    await token.read("/late/token");
    for (const atMs of [10, 500, 999, 1_000, 1_500]) {
      nowMs = atMs;
      assert.match(token.current ?? "", /^[0-9a-f-]{36}$/);
    }
    assert.equal(asked.length, 2, "a stranger's requests cost nothing");
    text = "one";
    nowMs = 2_000;
    assert.notEqual(token.current, "one", "this request is refused yet");
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(token.current, "one");
    assert.equal(asked.length, 3);
  });
});
