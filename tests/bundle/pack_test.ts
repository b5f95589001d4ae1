import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { packBundle, runPart } from "../../mod/bundle/mod.ts";
import { systemClock } from "../../mod/core/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

describe("packBundle()", () => {
  it("packs files that tar unpacks, and says what is missing", async () => {
    await using directory = await makeTempDir("bundle");
    const archive = packBundle("support-1", [
      { name: "a/b.txt", text: "ä\n", source: "podstead b", exitCode: 0 },
      { name: "c.txt", text: "", source: "podstead c", missing: "It took too long" },
    ], {
      node: "node-1",
      version: "1.2.3",
      timeMs: Date.UTC(2026, 10, 30),
      user: "root",
      notes: ["No agent runs"],
    });
    writeFileSync(join(directory.path, "x.tar.gz"), archive);
    execFileSync("tar", ["-xzf", "x.tar.gz"], { cwd: directory.path });
    const read = (name: string) => readFileSync(join(directory.path, "support-1", name), "utf8");
    assert.equal(read("a/b.txt"), "ä\n");
    assert.match(read("README.txt"), /MISSING\n {2}No agent runs\n {2}c\.txt .*It took too long/);
    const index = JSON.parse(read("index.json"));
    assert.equal(index.files[0].sizeBytes, 3);
    assert.throws(() => read("c.txt"));
    const { mtimeMs } = statSync(join(directory.path, "support-1/a/b.txt"));
    assert.equal(mtimeMs, Date.UTC(2026, 10, 30));
  });
});

describe("runPart()", () => {
  const limits = {
    timeMs: 600_000,
    sizeBytes: 1000,
    clock: systemClock,
    env: process.env,
    signal: new AbortController().signal,
  };

  it("gives what a program says", async () => {
    const part = await runPart(["sh", "-c", "echo out; echo err >&2; exit 3"], limits);
    const { stdout, stderr, exitCode, missing } = part;
    assert.deepEqual({ stdout, stderr, exitCode, missing }, {
      stdout: "out\n",
      stderr: "err\n",
      exitCode: 3,
      missing: undefined,
    });
  });

  it("ends what says too much, takes too long, or does not exist", async () => {
    const endless = await runPart(["yes"], limits);
    assert.equal(endless.stdout.length, 1000);
    assert.match(endless.missing ?? "", /first 1000 bytes/);
    const cut = await runPart(["sh", "-c", "echo whole; printf %2000s half"], limits);
    assert.equal(cut.stdout, "whole\n");
    const slow = await runPart(["sleep", "3600"], { ...limits, timeMs: 20 });
    assert.match(slow.missing ?? "", /did not end within 1 s/);
    const none = await runPart(["/no/such/program"], limits);
    assert.match(none.missing ?? "", /cannot be run/);
    const late = await runPart(["true"], { ...limits, timeMs: 0 });
    assert.match(late.missing ?? "", /no time left/);
  });
});
