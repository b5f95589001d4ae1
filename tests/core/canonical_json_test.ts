import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, type JsonValue } from "../../mod/core/mod.ts";

describe("canonicalJson()", () => {
  for (
    const [value, text] of [
      [{ b: 1, a: { d: [], c: {} } }, '{"a":{"c":{},"d":[]},"b":1}'],
      [["", null, true, -0, 1e21, 0.1], '["",null,true,0,1e+21,0.1]'],
      [2n ** 63n, "9223372036854775808"],
      [
        { "\n": '"\\', "\ud800": "\u2028é😀\u007f" },
        '{"\\n":"\\"\\\\","\\ud800":"\u2028é😀\u007f"}',
      ],
      [JSON.parse('{"__proto__": 1, "10": 2, "9": 3}'), '{"10":2,"9":3,"__proto__":1}'],
      [{ a: undefined as unknown as JsonValue, b: 1 }, '{"b":1}'],
    ] as const
  ) {
    it(`writes ${text}`, () => assert.equal(canonicalJson(value), text));
  }

  it("refuses what JSON has no number for", () => {
    assert.throws(() => canonicalJson({ a: NaN }), TypeError);
    assert.throws(() => canonicalJson([Infinity]), TypeError);
  });

  it("writes for every value what its definition says", () => {
    fc.assert(fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      assert.equal(canonicalJson(value as JsonValue), definition(value));
    }));
  });
});

/** The bytes that are served depend on it, so it is written down a second time, plainly. */
function definition(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(definition).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([left], [right]) => left < right ? -1 : 1)
    .map(([key, member]) => `${JSON.stringify(key)}:${definition(member)}`);
  return `{${members.join(",")}}`;
}
