import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findNodeKubelet, kubeletSettingsOnDisk } from "../../mod/kubelet/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

/** A node with a unit that starts one kubelet, and where wanted another one that runs. */
async function nodeWith(
  directory: string,
  versions: { readonly unit: string; readonly running?: string },
): Promise<{ readonly root: string; readonly procDirectory: string }> {
  const places = { root: join(directory, "root"), procDirectory: join(directory, "proc") };
  const units = join(places.root, "etc/systemd/system");
  await mkdir(units, { recursive: true });
  const installed = await kubelet(join(directory, "installed"), versions.unit);
  await writeFile(join(units, "kubelet.service"), `[Service]\nExecStart=${installed}\n`);
  if (versions.running !== undefined) {
    const process = join(places.procDirectory, "42");
    await mkdir(process, { recursive: true });
    await writeFile(join(process, "comm"), "kubelet\n");
    await symlink(await kubelet(join(directory, "running"), versions.running), `${process}/exe`);
  }
  return places;
}

async function kubelet(path: string, version: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\necho Kubernetes v${version}\n`, { mode: 0o755 });
  return path;
}

describe("findNodeKubelet()", () => {
  it("prefers the kubelet that runs to the one that its unit starts next", async () => {
    await using directory = await makeTempDir("kubelet");
    const places = await nodeWith(directory.path, { unit: "1.34.1", running: "1.33.7" });
    const { found, version } = await findNodeKubelet(places);
    assert.equal(version, "1.33.7");
    assert.equal(found.kind, "unit");
  });

  it("asks the unit's kubelet if none runs, as at boot", async () => {
    await using directory = await makeTempDir("kubelet");
    const { version } = await findNodeKubelet(await nodeWith(directory.path, { unit: "1.34.1" }));
    assert.equal(version, "1.34.1");
  });

  it("asks again a kubelet that did not answer", async () => {
    await using directory = await makeTempDir("kubelet");
    const answer = join(directory.path, "answer");
    const places = await nodeWith(directory.path, { unit: `$(cat ${answer})` });
    assert.equal((await findNodeKubelet(places)).version, undefined);
    await writeFile(answer, "1.35.0");
    assert.equal((await findNodeKubelet(places)).version, "1.35.0");
  });
});

describe("kubeletSettingsOnDisk()", () => {
  it("tells ports and URL by unit and config; nothing if a file cannot be read", async () => {
    await using directory = await makeTempDir("kubelet");
    const root = join(directory.path, "root");
    const units = join(root, "etc/systemd/system");
    await mkdir(units, { recursive: true });
    const places = { root, procDirectory: join(directory.path, "proc") };
    assert.equal(await kubeletSettingsOnDisk(places), undefined);
    const start = "/usr/bin/kubelet --config=/etc/kubelet.yaml --healthz-port=10348";
    await writeFile(join(units, "kubelet.service"), `[Service]\nExecStart=${start}\n`);
    assert.equal(await kubeletSettingsOnDisk(places), undefined);
    await writeFile(join(root, "etc/kubelet.yaml"), "port: 10350\nhealthzPort: 10348\n");
    const { port, healthzPort, staticPodURL } = await kubeletSettingsOnDisk(places) ?? {};
    assert.deepEqual([port, healthzPort, staticPodURL], [10350, 10348, undefined]);
  });
});
