/** ConfigMaps and Secrets, judged as an API server has judged them. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parsePodFile } from "../../mod/config/mod.ts";
import { declareObjects } from "../../mod/pods/mod.ts";
import { objectCases } from "../support/object_cases.ts";

interface Judged {
  readonly kubernetes: string;
  /** By what each is about: what the API server said, or null if it took the object. */
  readonly refused: Readonly<Record<string, string | null>>;
}

const { kubernetes, refused }: Judged = JSON.parse(
  readFileSync(new URL("../../fixtures/objects/judged.json", import.meta.url), "utf8"),
);

describe(`declareObjects() and an API server of ${kubernetes}`, () => {
  it("were given the same objects", () => {
    assert.deepEqual(objectCases().map(({ about }) => about), Object.keys(refused));
  });

  for (const { about, object } of objectCases()) {
    it(`${refused[about] === null ? "take" : "refuse"} ${about}`, () => {
      const { problems } = declareObjects(parsePodFile(JSON.stringify(object), "f.yaml").objects);
      const said = problems.map(({ message }) => message).join("; ");
      assert.equal(said === "", refused[about] === null, said || `${refused[about]}`);
    });
  }
});
