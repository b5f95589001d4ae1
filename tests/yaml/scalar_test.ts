import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonValue } from "../../mod/core/mod.ts";
import { parseYaml } from "../../mod/yaml/mod.ts";

/** Source: sigs.k8s.io/yaml, goyaml.v2/resolve.go and yaml.go. */
const VALUES: readonly (readonly [string, JsonValue])[] = [
  ...["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"].map((text) =>
    [text, true] as const
  ),
  ...["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"].map((text) =>
    [text, false] as const
  ),
  ...["", "~", "null", "Null", "NULL"].map((text) => [text, null] as const),
  ["yEs", "yEs"],
  ["tRUE", "tRUE"],
  ["'yes'", "yes"],
  ['"1"', "1"],
  ["1", 1],
  ["-1", -1],
  ["+1", 1],
  ["0", 0],
  ["-0", 0],
  ["0644", 420],
  ["0o644", 420],
  ["0x1a4", 420],
  ["0X1A4", 420],
  ["0b110100100", 420],
  ["-0x10", -16],
  ["1_000", 1000],
  ["09", 9],
  ["08.5", 8.5],
  ["1.5", 1.5],
  ["5.", 5],
  [".5", 0.5],
  ["-.5", -0.5],
  ["1e3", 1000],
  ["1E-2", 0.01],
  ["1:30", "1:30"],
  ["80:8080", "80:8080"],
  ["1.2.3", "1.2.3"],
  ["1Gi", "1Gi"],
  ["100m", "100m"],
  ["0xzz", "0xzz"],
  // Beyond 64 bits, hexadecimal is no number.
  ["0x52908400098527886E0F7030069857D2E4169EE7", "0x52908400098527886E0F7030069857D2E4169EE7"],
  ["0b1".padEnd(70, "0"), "0b1".padEnd(70, "0")],
  ["+", "+"],
  ["_1", "_1"],
  ["1e999", "1e999"],
  ["2024-01-01", "2024-01-01"],
  ["2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"],
  ["2001-12-14 21:59:43.10", "2001-12-14 21:59:43.10"],
  ["9007199254740991", 9007199254740991],
  ["9007199254740992", 9007199254740992n],
  ["9223372036854775807", 9223372036854775807n],
  ["-9223372036854775808", -9223372036854775808n],
  ["18446744073709551615", 18446744073709551615n],
  ["18446744073709551616", 18446744073709552000],
  ["!!str 123", "123"],
  ["!!str yes", "yes"],
  ["!!int 0x10", 16],
  ["!!int '3'", 3],
  ["!!float 3", 3],
  ["!!bool 'no'", false],
  ["!!null ''", null],
  ["!!binary aGVsbG8=", "hello"],
  ["!other 12", "12"],
  ["! 12", "12"],
];

describe("parseYaml() scalars", () => {
  for (const [source, expected] of VALUES) {
    it(`reads ${source === "" ? "nothing" : source} as the kubelet does`, () => {
      const { documents, problems } = parseYaml(`v: ${source}\n`, "f.yaml");
      assert.deepEqual(problems, []);
      assert.deepEqual(documents[0]?.value, { v: expected });
    });
  }

  it("joins the lines of a plain text and keeps those of a block", () => {
    const { documents } = parseYaml("a: one\n  two\nb: |\n  x\n   y\nc: >-\n  x\n  y\n", "f.yaml");
    assert.deepEqual(documents[0]?.value, { a: "one two", b: "x\n y\n", c: "x y" });
  });

  for (const source of [".inf", "-.Inf", ".nan", "!!int x", "!!float yes", "!!binary '*'"]) {
    it(`refuses ${source}, for which JSON has no value`, () => {
      const { documents, problems } = parseYaml(`a: 1\nv: ${source}\n`, "f.yaml");
      assert.deepEqual(documents, []);
      assert.equal(problems[0]?.code, "no-json-value");
      assert.equal(problems[0]?.position?.line, 2);
    });
  }

  it("refuses an integer of a thousand digits without working on it", () => {
    const { problems } = parseYaml(`v: ${"9".repeat(1000)}\n`, "f.yaml");
    assert.equal(problems[0]?.code, "no-json-value");
  });

  const KEYS: readonly (readonly [string, string])[] = [
    ["a", "a"],
    ["1", "1"],
    ["0x10", "16"],
    ["on", "true"],
    ["no", "false"],
    ["'on'", "on"],
    ["1.5", "1.5"],
    ["0.1", "0.1"],
    ["1e30", "1e+30"],
    ["2024-01-01", "2024-01-01"],
  ];
  for (const [source, expected] of KEYS) {
    it(`writes the key ${source} as "${expected}"`, () => {
      const { documents } = parseYaml(`${source}: x\n`, "f.yaml");
      assert.deepEqual(documents[0]?.value, { [expected]: "x" });
    });
  }

  for (const source of ["~", "[a]", "{a: b}"]) {
    it(`refuses ${source} as a key`, () => {
      assert.equal(parseYaml(`? ${source}\n: x\n`, "f.yaml").problems[0]?.code, "invalid-key");
    });
  }
});
