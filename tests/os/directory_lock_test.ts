import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { lockDirectory } from "../../mod/os/mod.ts";
import { ODD_FILES, putOddFile } from "../support/odd_file.ts";
import { makeTempDir } from "../support/temp_dir.ts";

describe("lockDirectory()", () => {
  it("names the process that holds the directory, until that gives it up", async () => {
    await using directory = await makeTempDir("lock");
    const path = join(directory.path, "state");
    const lock = await lockDirectory(path);
    await assert.rejects(lockDirectory(path), new RegExp(`pid ${process.pid}\\) runs on .*state"`));
    await lock.release();
    await (await lockDirectory(path)).release();
  });

  const left: readonly (readonly [string, string])[] = [
    ["of a process that has ended", '{"pid":4194304,"started":"5"}'],
    [
      "of an earlier process with the same pid",
      JSON.stringify({ pid: process.pid, started: "1" }),
    ],
    ["that is no lock", "text"],
    ["that is empty", ""],
  ];
  for (const [what, text] of left) {
    it(`takes a lock away ${what}`, async () => {
      await using directory = await makeTempDir("lock");
      await writeFile(join(directory.path, "lock"), text);
      const lock = await lockDirectory(directory.path);
      const { pid } = JSON.parse(await readFile(join(directory.path, "lock"), "utf8"));
      assert.equal(pid, process.pid);
      await lock.release();
    });
  }

  for (const what of ODD_FILES) {
    it(`takes a ${what} at the place of the lock away`, async () => {
      await using directory = await makeTempDir("lock");
      putOddFile(join(directory.path, "lock"), what);
      const lock = await lockDirectory(directory.path);
      await assert.rejects(lockDirectory(directory.path), /runs on/);
      await lock.release();
    });
  }

  it("says why a directory cannot be locked", async () => {
    await using directory = await makeTempDir("lock");
    await writeFile(join(directory.path, "file"), "");
    await assert.rejects(lockDirectory(join(directory.path, "file")), /Cannot lock ".*file"/);
  });
});
