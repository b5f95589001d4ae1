import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parse } from "yaml";
import { UsageError } from "../../../mod/core/mod.ts";
import {
  formatData,
  formatJson,
  formatJsonLine,
  formatStreamed,
  isDataOutput,
  parseOutput,
} from "../../../mod/cli/output/mod.ts";
import { formatYaml } from "../../../mod/cli/output/yaml.ts";

describe("parseOutput()", () => {
  for (const name of ["table", "wide", "json", "yaml"] as const) {
    it(`takes ${name}`, () => assert.deepEqual(parseOutput(name), { kind: name }));
  }
  it("takes jsonpath with a template, also in quotes", async () => {
    for (const text of ["jsonpath={.a}", "jsonpath='{.a}'"]) {
      const output = parseOutput(text);
      assert.ok(isDataOutput(output));
      assert.equal(await formatData(output, { a: "x" }), "x");
    }
  });
  it("takes a command's own names, and not those the command has no use for", () => {
    assert.equal(parseOutput("github", ["github"]).kind, "github");
    assert.throws(() => parseOutput("wide", [], ["wide"]), UsageError);
    assert.throws(() => parseOutput("jsonpath={.a}", [], ["jsonpath"]), UsageError);
  });
  it("refuses anything else with what is wanted and what was meant", () => {
    assert.throws(() => parseOutput("jso"), (error) => {
      assert.ok(error instanceof UsageError);
      assert.equal(
        error.message,
        'Unknown output format "jso"; wanted table, wide, json, yaml, jsonpath=TEMPLATE',
      );
      assert.equal(error.hint, 'Did you mean "-o json"?');
      return true;
    });
    assert.throws(() => parseOutput("jsonpath="), UsageError);
    assert.throws(() => parseOutput("jsonpath={.a"), /Cannot read JSONPath/);
  });
});

const value = {
  apiVersion: "podstead.dev/v1",
  items: [{ name: "web", count: 9007199254740993n, none: undefined, empty: {}, list: [] }],
  text: 'a "b"\n',
  missing: null,
};

describe("formatJson()", () => {
  it("prints one indented document with exact integers", () => {
    assert.equal(
      formatJson(value),
      `{
    "apiVersion": "podstead.dev/v1",
    "items": [
        {
            "name": "web",
            "count": 9007199254740993,
            "empty": {},
            "list": []
        }
    ],
    "text": "a \\"b\\"\\n",
    "missing": null
}
`,
    );
  });
  it("agrees with JSON.stringify where that can", () => {
    const plain = { a: [1, "2", [true, null]], b: { c: {} }, d: [undefined] };
    assert.equal(formatJson(plain), `${JSON.stringify(plain, null, 4)}\n`);
    assert.equal(formatJsonLine(plain), `${JSON.stringify(plain)}\n`);
  });
});

describe("formatYaml()", () => {
  it("prints as kubectl does: lists level with their key", () => {
    assert.equal(
      formatYaml(value),
      `apiVersion: podstead.dev/v1
items:
- name: web
  count: 9007199254740993
  empty: {}
  list: []
text: |
  a "b"
missing: null
`,
    );
  });
  it("quotes what YAML 1.1 would take for something else", () => {
    const words = ["yes", "no", "on", "1e3", "0x1", "012", "null", "~", "1:30", "", " a", "a: b"];
    assert.deepEqual(parse(formatYaml({ words }), { version: "1.1" }), { words });
    assert.deepEqual(parse(formatYaml({ words })), { words });
  });
  it("writes an object that occurs twice twice", () => {
    const twice = { a: "x" };
    assert.equal(formatYaml([twice, twice]), "- a: x\n- a: x\n");
  });
});

describe("formatStreamed()", () => {
  it("is one line a value, or one document", async () => {
    const event = { event: "added", items: [1] };
    const as = (text: string) => {
      const output = parseOutput(text);
      assert.ok(isDataOutput(output));
      return formatStreamed(output, event);
    };
    assert.equal(await as("json"), '{"event":"added","items":[1]}\n');
    assert.equal(await as("yaml"), "---\nevent: added\nitems:\n- 1\n");
    assert.equal(await as("jsonpath={.event}"), "added\n");
    assert.equal(await as('jsonpath={.event}{"\\n"}'), "added\n");
  });
});
