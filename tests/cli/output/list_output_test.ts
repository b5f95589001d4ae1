import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { customColumns, parseListOutput } from "../../../mod/cli/output/mod.ts";
import { formatTable } from "../../../mod/text/mod.ts";

const DOCUMENTS = [
  { metadata: { name: "web" }, status: { images: ["nginx:1", "side:2"] } },
  { metadata: { name: "db" }, status: { images: [] } },
];

function table(text: string): readonly string[] {
  const output = parseListOutput(text);
  assert.ok(output.kind === "custom-columns");
  return formatTable(customColumns(output.columns), DOCUMENTS).trimEnd().split("\n");
}

describe("parseListOutput()", () => {
  it("reads kubectl's custom columns, with braces, dots or neither", () => {
    for (const path of [".metadata.name", "{.metadata.name}", "metadata.name"]) {
      assert.deepEqual(table(`custom-columns=NAME:${path}`), ["NAME", "web", "db"]);
    }
  });

  it("shows <none> for what is not there, also an index outside of its list", () => {
    assert.deepEqual(
      table("custom-columns=NAME:.metadata.name,FIRST:.status.images[0],X:.no.such"),
      ["NAME   FIRST     X", "web    nginx:1   <none>", "db     <none>    <none>"],
    );
  });

  it("leaves the commas of a path to it", () => {
    assert.deepEqual(table("custom-columns=BOTH:.status.images[0,1]").slice(0, 2), [
      "BOTH",
      "nginx:1 side:2",
    ]);
  });

  for (
    const [text, error] of [
      ["custom-columns=", /no column/],
      ["custom-columns", /wanted .*custom-columns=NAME:PATH/],
      ["custom-columns=NAME", /A column is NAME:PATH, current value is "NAME"/],
      ["custom-columns=:.a", /A column is NAME:PATH/],
      ["custom-columns=NAME:{.a", /JSONPath/],
      ["go-template={{.a}}", /wanted .*jsonpath=TEMPLATE/],
      ["jsn", /Unknown output format "jsn"; wanted table, wide, json, yaml, name/],
    ] as const
  ) {
    it(`refuses "${text}"`, () => {
      assert.throws(() => parseListOutput(text), error);
    });
  }
});
