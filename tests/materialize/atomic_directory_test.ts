import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type VolumeFile,
  type VolumeFiles,
  writeDirectory,
  type WriteStep,
} from "../../mod/materialize/mod.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";
import { itUnless } from "../support/unless.ts";
import { UNLESS_ROOT } from "../support/as_root.ts";

const file = (path: string, text: string, mode = 0o644): VolumeFile => ({
  path,
  data: Buffer.from(text).toString("base64"),
  mode,
});

const OLD = [file("a", "old"), file("b", "old"), file("gone/x", "old")];
const NEW = [file("a", "new"), file("b", "new"), file("dir/x", "new", 0o400)];

describe("writeDirectory()", () => {
  let temp: TempDir;
  let directory: string;

  beforeEach(async () => {
    temp = await makeTempDir("volume");
    directory = join(temp.path, "volume");
  });
  afterEach(() => temp.remove());

  const write = (
    files: readonly VolumeFile[],
    options: Omit<VolumeFiles, "volume" | "directory" | "files"> & {
      readonly onStep?: (step: WriteStep) => void;
    } = {},
  ) => {
    const { onStep, ...shape } = options;
    return writeDirectory({ directory, files, ...shape }, {
      nowMs: Date.UTC(2026, 10, 30, 5, 8, 17, 123),
      ...(onStep === undefined ? {} : { onStep }),
    });
  };

  const modeOf = async (path: string) => (await lstat(join(directory, path))).mode & 0o7777;

  /** The set as a reader sees it who goes through "..data". */
  async function current(): Promise<Record<string, string>> {
    const set = join(directory, "..data");
    const found = await readdir(set, { recursive: true, withFileTypes: true });
    const files = found.filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    return Object.fromEntries(
      await Promise.all(
        files.map(async (path) => [path.slice(set.length + 1), await readFile(path, "utf8")]),
      ),
    );
  }

  it("lays the files out as the kubelet does", async () => {
    assert.equal(await write(NEW), true);
    const set = await readlink(join(directory, "..data"));
    assert.equal(set, "..2026_11_30_05_08_17.123000000");
    assert.deepEqual((await readdir(directory)).sort(), [set, "..data", "a", "b", "dir"].sort());
    assert.equal(await readlink(join(directory, "dir")), "..data/dir");
    assert.equal(await readFile(join(directory, "dir/x"), "utf8"), "new");
    assert.equal(await modeOf("."), 0o777);
    assert.equal(await modeOf(set), 0o755);
    assert.equal(await modeOf(`${set}/dir`), 0o755);
    assert.equal(await modeOf(`${set}/a`), 0o644);
    assert.equal(await modeOf(`${set}/dir/x`), 0o400);
  });

  it("writes nothing where nothing has changed, and again where a mode or a byte has", async () => {
    await write(OLD);
    const set = await readlink(join(directory, "..data"));
    assert.equal(await write(OLD), false);
    assert.equal(await readlink(join(directory, "..data")), set);
    assert.equal(await write([file("a", "old", 0o600), ...OLD.slice(1)]), true);
    assert.equal(await modeOf("..data/a"), 0o600);
    await writeFile(join(directory, "..data/b"), "by hand");
    assert.equal(await write([file("a", "old", 0o600), ...OLD.slice(1)]), true);
    assert.equal(await readFile(join(directory, "b"), "utf8"), "old");
  });

  it("takes away names, links and sets of before", async () => {
    await write(OLD);
    const old = await readlink(join(directory, "..data"));
    await mkdir(join(directory, "..2020_01_01_00_00_00.1"));
    await symlink("nowhere", join(directory, "stray"));
    await write(NEW);
    const names = await readdir(directory);
    assert.equal(names.includes(old), false);
    assert.deepEqual(names.filter((name) => !name.startsWith("..")).sort(), ["a", "b", "dir"]);
    assert.equal(names.filter((name) => name.startsWith("..2")).length, 1);
  });

  it("is an empty directory for a volume without files", async () => {
    await write([]);
    assert.deepEqual(await current(), {});
    assert.deepEqual((await readdir(directory)).filter((name) => !name.startsWith("..")), []);
  });

  itUnless(UNLESS_ROOT, "gives files and directories to the group of the pod", async () => {
    await write([file("dir/x", "1", 0o640)], { gid: 4_321 });
    for (const path of [".", "..data", "..data/", "..data/dir", "..data/dir/x", "dir"]) {
      assert.equal((await lstat(join(directory, path))).gid, 4_321, path);
    }
    assert.equal(await modeOf("."), 0o2777);
    assert.equal(await modeOf("..data/dir"), 0o2755);
    assert.equal(await modeOf("..data/dir/x"), 0o640);
  });

  it("has a sticky bit where it is asked for", async () => {
    await write(OLD, { sticky: true });
    assert.equal(await modeOf("."), 0o1777);
    await write(NEW);
    assert.equal(await modeOf("."), 0o777);
  });

  it("keeps the places of other volumes, also where a file would be shown", async () => {
    await write(OLD);
    await write(OLD, { mountPoints: ["a", "dir/deep"] });
    const before = await lstat(join(directory, "dir/deep"));
    assert.ok((await lstat(join(directory, "a"))).isDirectory());
    await write(NEW, { mountPoints: ["a", "dir/deep"] });
    assert.equal((await lstat(join(directory, "dir/deep"))).ino, before.ino);
    assert.deepEqual((await current())["dir/x"], "new");
    await write(NEW);
    assert.equal(await readlink(join(directory, "a")), "..data/a");
    assert.equal(await readlink(join(directory, "dir")), "..data/dir");
  });

  it("writes through no link that stands where the directory is to be", async () => {
    const elsewhere = join(temp.path, "elsewhere");
    await mkdir(elsewhere);
    await symlink(elsewhere, directory);
    await assert.rejects(write(NEW), /not a directory/);
    assert.deepEqual(await readdir(elsewhere), []);
  });

  for (const step of ["written", "linked", "switched", "shown"] as const) {
    it(`shows one set or the other where it is ended after "${step}", and goes on from there`, async () => {
      await write(OLD);
      const kill = new Error("killed");
      await assert.rejects(
        write(NEW, {
          onStep: (at) => {
            if (at === step) throw kill;
          },
        }),
        kill,
      );
      const isNew = step === "switched" || step === "shown";
      assert.deepEqual(
        await current(),
        isNew ? { a: "new", b: "new", "dir/x": "new" } : { a: "old", b: "old", "gone/x": "old" },
      );
      await write(NEW);
      assert.deepEqual(await current(), { a: "new", b: "new", "dir/x": "new" });
      const names = await readdir(directory);
      assert.deepEqual(names.filter((name) => !name.startsWith("..")).sort(), ["a", "b", "dir"]);
      assert.equal(names.filter((name) => name.startsWith("..")).length, 2);
    });
  }
});
