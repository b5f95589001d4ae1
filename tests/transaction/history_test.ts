/** The history of a node, also where a part of it is damaged. */
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RevisionStore, sha256Of } from "../../mod/change/mod.ts";
import { patientFs } from "../../mod/config/mod.ts";
import { PodsteadError } from "../../mod/core/mod.ts";
import { ChangeHistory } from "../../mod/transaction/mod.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

describe("ChangeHistory", () => {
  let temporary: TempDir;
  let directory: string;
  let history: ChangeHistory;
  const data = new TextEncoder().encode("machine: {}\n");
  const sha256 = sha256Of(data);

  beforeEach(async () => {
    temporary = await makeTempDir("history");
    directory = join(temporary.path, "revisions");
    const store = new RevisionStore(directory);
    const file = { path: "/etc/podstead/config.yaml", sha256, sizeBytes: data.length };
    for (const number of [1, 2, 3]) {
      await store.save({
        revision: {
          ...{ number, at: "2026-11-30T10:00:00.000Z", trigger: "apply", result: "applied" },
          ...{ files: [{ ...file, mode: 0o600, uid: 0, gid: 0 }], pods: [] },
        },
        contents: new Map([[sha256, data]]),
      });
    }
    history = new ChangeHistory({
      store,
      fs: patientFs(),
      load: () => Promise.reject(new Error("not asked for")),
      current: () => 3,
    });
  });
  afterEach(() => temporary.remove());

  const shown = async () =>
    (await history.list()).map(({ number, result, current }) => [number, result, current]);

  it("names a damaged revision as one, in its place", async () => {
    await writeFile(join(directory, "2.json"), "{");
    assert.deepEqual(await shown(), [
      [3, "applied", true],
      [2, "damaged", false],
      [1, "applied", false],
    ]);
    const [, damaged] = await history.list();
    assert.match(damaged?.damage ?? "", /2\.json" is damaged: it cannot be read/);
    assert.ok(Date.parse(damaged?.at ?? "") > 0, damaged?.at);
  });

  it("leaves out one that went while it was read", async () => {
    await rm(join(directory, "1.json"));
    assert.deepEqual((await shown()).map(([number]) => number), [3, 2]);
  });

  it("has a next step for each way in which a revision can be damaged", async () => {
    const nextStep = async (number: number) => {
      const error: unknown = await history.files(number).then(() => undefined, (thrown) => thrown);
      assert.ok(error instanceof PodsteadError, `revision ${number} can be read`);
      return error.hint;
    };
    await writeFile(join(directory, "1.json"), "{");
    assert.match(await nextStep(1) ?? "", /podstead history/);
    await writeFile(join(directory, "contents", sha256), "other");
    assert.match(await nextStep(2) ?? "", /podstead history/);
    await rm(join(directory, "contents", sha256));
    assert.match(await nextStep(3) ?? "", /podstead history/);
    assert.match(await nextStep(4) ?? "", /podstead history/);
  });
});
