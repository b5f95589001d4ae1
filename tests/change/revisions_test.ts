/** Revisions on disk: what is kept is what was declared, or it is said that it is damaged. */
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Revision, RevisionStore, sha256Of } from "../../mod/change/mod.ts";
import { ODD_FILES, putOddFile } from "../support/odd_file.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function revision(number: number, text: string): {
  readonly revision: Revision;
  readonly contents: ReadonlyMap<string, Uint8Array>;
} {
  const data = bytes(text);
  const sha256 = sha256Of(data);
  return {
    revision: {
      number,
      at: "2026-11-30T10:00:00.000Z",
      trigger: "request",
      callerUid: 0,
      message: "why",
      result: "applied",
      files: [{
        path: "/etc/podstead/config.yaml",
        sha256,
        sizeBytes: data.length,
        mode: 0o640,
        uid: 0,
        gid: 0,
      }],
      pods: [{ key: "default/web", hash: "abc", change: "added" }],
    },
    contents: new Map([[sha256, data]]),
  };
}

describe("RevisionStore", () => {
  let temporary: TempDir;
  let store: RevisionStore;
  let directory: string;

  beforeEach(async () => {
    temporary = await makeTempDir("revisions");
    directory = join(temporary.path, "revisions");
    store = new RevisionStore(directory);
  });
  afterEach(() => temporary.remove());

  it("gives back what was kept, readable by its owner alone", async () => {
    const first = revision(1, "one");
    await store.save(first);
    assert.deepEqual(await store.read(1), first.revision);
    const [file] = first.revision.files;
    assert.deepEqual(bytes("one"), new Uint8Array(await store.content(file?.sha256 ?? "")));
    const modes = ["", "1.json", "contents", `contents/${file?.sha256}`]
      .map((name) => (statSync(join(directory, name)).mode & 0o777).toString(8));
    assert.deepEqual(modes, ["700", "600", "700", "600"]);
  });

  it("says which revisions there are when one is asked for that is not", async () => {
    await assert.rejects(store.read(3), /There is no revision 3; none is kept/);
    for (const number of [1, 2]) await store.save(revision(number, "x"));
    await assert.rejects(store.read(3), /There is no revision 3; kept are 1 to 2/);
  });

  for (const what of ODD_FILES) {
    it(`does not wait for a ${what} at the place of a revision, or of a content`, async () => {
      const first = revision(1, "one");
      await store.save(first);
      const sha256 = sha256Of(bytes("one"));
      putOddFile(join(directory, "1.json"), what);
      putOddFile(join(directory, "contents", sha256), what);
      await assert.rejects(store.read(1), /revision 1/);
      await assert.rejects(store.content(sha256), /Cannot read the kept file/);
    });

    if (what === "directory") continue;
    it(`has no revisions, and keeps new ones, with a ${what} at the place of its directory`, async () => {
      putOddFile(directory, what);
      assert.deepEqual(await store.numbers(), []);
      await store.save(revision(1, "one"));
      assert.deepEqual(await store.numbers(), [1]);
    });
  }

  it("keeps a shared content once, and prunes what no revision names, save what is protected", async () => {
    for (const [at, text] of ["a", "b", "b", "c", "d"].entries()) {
      await store.save(revision(at + 1, text));
    }
    assert.equal(readdirSync(join(directory, "contents")).length, 4);
    await store.prune(2, new Set([1]));
    assert.deepEqual(await store.numbers(), [1, 4, 5]);
    assert.deepEqual(
      readdirSync(join(directory, "contents")).sort(),
      ["a", "c", "d"].map((text) => sha256Of(bytes(text))).sort(),
    );
  });

  it("notices every flipped byte of a revision and of a content", async () => {
    const { revision: kept, contents } = revision(1, "one");
    await store.save({ revision: kept, contents });
    const path = join(directory, "1.json");
    const good = readFileSync(path);
    for (let at = 0; at < good.length - 1; at += 7) {
      const bad = Uint8Array.from(good);
      bad[at] = (bad[at] ?? 0) ^ 1;
      writeFileSync(path, bad);
      await assert.rejects(store.read(1), /damaged|format|another/, `byte ${at}`);
    }
    const [sha256 = ""] = contents.keys();
    writeFileSync(join(directory, "contents", sha256), "onE");
    await assert.rejects(store.content(sha256), /its checksum differs/);
  });

  it("leaves the contents alone while a revision cannot be read", async () => {
    await store.save(revision(1, "a"));
    await store.save(revision(2, "b"));
    writeFileSync(join(directory, "1.json"), "{");
    await store.prune(5, new Set());
    assert.equal(readdirSync(join(directory, "contents")).length, 2);
  });
});
