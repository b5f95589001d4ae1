import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runningKubeletVersion } from "../../mod/kubelet/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

/** A `/proc` with one process of this name, whose executable is this script. */
async function procWith(directory: string, comm: string, script: string): Promise<string> {
  const proc = join(directory, "proc");
  await mkdir(join(proc, "42"), { recursive: true });
  await writeFile(join(proc, "42/comm"), `${comm}\n`);
  await writeFile(join(directory, "program"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  await symlink(join(directory, "program"), join(proc, "42/exe"));
  await writeFile(join(proc, "uptime"), "");
  return proc;
}

describe("runningKubeletVersion()", () => {
  it("asks the executable of the kubelet that runs", async () => {
    await using directory = await makeTempDir("version");
    const proc = await procWith(directory.path, "kubelet", "echo Kubernetes v1.34.10+build");
    assert.equal(await runningKubeletVersion(proc), "1.34.10");
  });

  it("finds one that was started again, also where its process ID is another program's now", async () => {
    await using directory = await makeTempDir("version");
    const proc = await procWith(directory.path, "kubelet", "echo Kubernetes v1.34.10");
    assert.equal(await runningKubeletVersion(proc), "1.34.10");
    await writeFile(join(proc, "42/comm"), "sshd\n");
    assert.equal(await runningKubeletVersion(proc), undefined);
    await mkdir(join(proc, "7"));
    await writeFile(join(proc, "7/comm"), "kubelet\n");
    await symlink(join(directory.path, "program"), join(proc, "7/exe"));
    assert.equal(await runningKubeletVersion(proc), "1.34.10");
  });

  it("looks at no other process while the kubelet's is the one that it was", async () => {
    await using directory = await makeTempDir("version");
    const proc = await procWith(directory.path, "kubelet", "echo Kubernetes v1.34.10");
    assert.equal(await runningKubeletVersion(proc), "1.34.10");
    await mkdir(join(proc, "7"));
    await writeFile(join(proc, "7/comm"), "kubelet\n"); // would be the first of the two
    assert.equal(await runningKubeletVersion(proc), "1.34.10");
  });

  for (
    const [title, comm, script] of [
      ["no kubelet runs", "containerd", "echo Kubernetes v1.34.1"],
      ["it answers something else", "kubelet", "echo hello"],
      ["it fails", "kubelet", "exit 3"],
    ] as const
  ) {
    it(`does not know where ${title}`, async () => {
      await using directory = await makeTempDir("version");
      assert.equal(
        await runningKubeletVersion(await procWith(directory.path, comm, script)),
        undefined,
      );
    });
  }
});
