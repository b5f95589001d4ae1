import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeTempDir } from "../support/temp_dir.ts";
import { sweep, sweepReport } from "./sweep.ts";

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {containers: [{name: a, image: web}]}
`;

describe("sweep()", () => {
  it("counts verdicts, messages and warnings, and finds a next step in each", async () => {
    await using directory = await makeTempDir();
    const folder = directory.path;
    const files = {
      "good.yaml": POD,
      "refused.yaml": POD.replace("image: web", "image: ''"),
      "template.yaml": POD.replace("name: web", "name: {{ .Name }}-x"),
      "broken.json": "{",
      "notes.txt": "not looked at",
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const found = await sweep(folder, Infinity);
    assert.equal(found.files, 4);
    assert.deepEqual(Object.fromEntries(found.verdicts), { valid: 1, refused: 1, unreadable: 2 });
    assert.deepEqual(Object.fromEntries(found.warnings), { "image-latest": 1 });
    assert.deepEqual(found.templates, ["template.yaml"]);
    assert.deepEqual(found.faults, []);
    assert.match(sweepReport(found), /^4 files, 1 of them told to be templates\n/);
  });
});
