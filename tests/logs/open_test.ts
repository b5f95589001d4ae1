/** That a log is read from regular files only: who may write beside it gains no other file. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { PodsteadError } from "../../mod/core/mod.ts";
import { logSourceOf, readLog } from "../../mod/logs/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const LINE = "2026-01-01T00:00:00Z stdout F of the log\n";

async function textOf(directory: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readLog(logSourceOf(directory, 0))) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

describe("readLog()", () => {
  it("leaves out rotated files that are links, pipes or directories", async () => {
    await using temporary = await makeTempDir("open");
    const { path } = temporary;
    const secret = join(path, "secret");
    await writeFile(secret, "2026-01-01T00:00:00Z stdout F secret\n");
    await writeFile(join(path, "secret.gz"), gzipSync("2026-01-01T00:00:00Z stdout F secret\n"));
    await writeFile(join(path, "0.log"), LINE);
    await writeFile(join(path, "0.log.20260101-000000"), LINE);
    await symlink(secret, join(path, "0.log.20260101-000001"));
    await symlink(`${secret}.gz`, join(path, "0.log.20260101-000002.gz"));
    execFileSync("mkfifo", [join(path, "0.log.20260101-000003")]);
    await mkdir(join(path, "0.log.20260101-000004"));
    assert.equal(await textOf(path), LINE + LINE);
  });

  for (const kind of ["pipe", "directory"] as const) {
    it(`refuses a live file that is a ${kind}`, async () => {
      await using temporary = await makeTempDir("open");
      const live = join(temporary.path, "0.log");
      if (kind === "pipe") execFileSync("mkfifo", [live]);
      else await mkdir(live);
      await assert.rejects(textOf(temporary.path), (error: PodsteadError) => {
        assert.match(error.message, /it is no regular file$/);
        return error.code === "failed";
      });
    });
  }

  it("shows of a link's target what is a log's, and nothing else", async () => {
    await using temporary = await makeTempDir("open");
    const { path } = temporary;
    await writeFile(join(path, "target"), `root:x:0:0:root\n${LINE}secret\n`);
    await symlink(join(path, "target"), join(path, "0.log"));
    assert.equal(await textOf(path), LINE);
  });
});
