import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { Mounts } from "../../mod/os/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const line = (point: string, type: string) =>
  `36 35 0:40 / ${point} rw,relatime shared:1 - ${type} source rw\n`;

describe("Mounts", () => {
  it("knows what is on a server or a program, by the nearest mount", () => {
    const table = [
      line("/", "ext4"),
      line("/mnt/share", "nfs4"),
      line("/mnt/share/inside", "tmpfs"),
      line("/srv/two\\040words", "fuse.sshfs"),
      line("/later", "a-type-of-tomorrow"),
    ].join("");
    const mounts = new Mounts(() => 0, () => table);
    const cases: readonly (readonly [string, boolean])[] = [
      ["/etc/podstead/config.yaml", false],
      ["/mnt/share", true],
      ["/mnt/share/pods.d/a.yaml", true],
      ["/mnt/shared/a.yaml", false],
      // To come there, the mount around it has to answer.
      ["/mnt/share/inside/a.yaml", true],
      ["/srv/two words/a.yaml", true],
      ["/later/a.yaml", true],
    ];
    for (const [path, mayHang] of cases) assert.equal(mounts.mayHang(path), mayHang, path);
  });

  it("follows symbolic links, also in a circle", async () => {
    await using directory = await makeTempDir("mounts");
    const { path } = directory;
    await mkdir(join(path, "share"));
    await symlink("share", join(path, "link"));
    await symlink(join(path, "link/file.yaml"), join(path, "a.yaml"));
    await symlink("circle", join(path, "circle"));
    const mounts = new Mounts(() => 0, () => line("/", "xfs") + line(join(path, "share"), "cifs"));
    assert.equal(mounts.mayHang(join(path, "a.yaml")), true);
    assert.equal(mounts.mayHang(join(path, "circle/a.yaml")), false);
    assert.equal(mounts.mayHang(join(path, "b.yaml")), false);
  });

  it("looks at the mounts again after a while, and doubts nothing where they are unknown", () => {
    let nowMs = 0;
    let table = line("/", "ext4");
    const mounts = new Mounts(() => nowMs, () => table);
    assert.equal(mounts.mayHang("/mnt/a"), false);
    table += line("/mnt", "nfs");
    nowMs = 10_000;
    assert.equal(mounts.mayHang("/mnt/a"), true);
    const unknown = new Mounts(() => 0, () => {
      throw new Error("There is no /proc");
    });
    assert.equal(unknown.mayHang("/mnt/a"), false);
  });
});
