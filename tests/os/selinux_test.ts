import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { labelForContainers, type Logger, silentLogger } from "../../mod/os/mod.ts";
import { findProgram } from "../support/programs.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const LABEL = "system_u:object_r:container_file_t:s0";
const chcon = findProgram("chcon");

/** The label of a file itself, as `stat` shows it; undefined if it has none. */
function labelOf(path: string): string | undefined {
  const { status, stdout } = spawnSync("stat", ["--format=%C", path], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** Where SELinux itself is absent, root may write labels all the same, on most file systems. */
async function canLabel(): Promise<boolean> {
  if (chcon === undefined) return false;
  await using temp = await makeTempDir("selinux");
  return spawnSync(chcon, [LABEL, temp.path]).status === 0;
}
const skip = await canLabel() ? false : "labels cannot be written here";

describe("labelForContainers()", () => {
  it("calls nothing where SELinux is absent or not enforcing", async () => {
    await using temp = await makeTempDir("selinux");
    const enforceFile = join(temp.path, "enforce");
    const called = join(temp.path, "called");
    const program = join(temp.path, "chcon");
    await writeFile(program, `#!/bin/sh\necho "$@" > ${called}\n`, { mode: 0o755 });
    const options = { log: silentLogger, enforceFile, program };
    await labelForContainers(temp.path, options);
    await writeFile(enforceFile, "0");
    await labelForContainers(temp.path, options);
    await assert.rejects(readFile(called), { code: "ENOENT" });
    await writeFile(enforceFile, "1\n");
    await labelForContainers(temp.path, options);
    assert.equal(
      await readFile(called, "utf8"),
      `--recursive --no-dereference ${LABEL} ${temp.path}\n`,
    );
  });

  it("warns, and goes on, if it cannot be done", async () => {
    await using temp = await makeTempDir("selinux");
    const enforceFile = join(temp.path, "enforce");
    await writeFile(enforceFile, "1");
    const warnings: string[] = [];
    const log: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
    await labelForContainers(temp.path, { log, enforceFile, program: "/nonexistent/chcon" });
    assert.match(warnings.join(), /^Files cannot be labelled for containers/);
  });

  it("labels a directory, what is in it, and links themselves", { skip }, async () => {
    await using temp = await makeTempDir("selinux");
    const enforceFile = join(temp.path, "enforce");
    const outside = join(temp.path, "outside");
    const directory = join(temp.path, "volume");
    await writeFile(enforceFile, "1");
    await writeFile(outside, "");
    await mkdir(join(directory, "..set"), { recursive: true });
    await writeFile(join(directory, "..set/key"), "value");
    await symlink(outside, join(directory, "link"));
    const before = labelOf(outside);
    await labelForContainers(directory, { log: silentLogger, enforceFile, program: chcon ?? "" });
    for (const path of ["", "..set", "..set/key", "link"]) {
      assert.equal(labelOf(join(directory, path)), LABEL, path);
    }
    assert.equal(labelOf(outside), before, "a link is not followed");
  });
});
