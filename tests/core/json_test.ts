import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, isSameJson, type JsonValue } from "../../mod/core/mod.ts";

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

describe("isSameJson()", () => {
  const value = fc.jsonValue({ maxDepth: 3 }).map((made) => made as JsonValue);
  const isSameText = (left: JsonValue, right: JsonValue) =>
    canonicalJson(left) === canonicalJson(right);

  it("compares any two values as their canonical JSON does", () => {
    fc.assert(fc.property(value, value, (left, right) => {
      assert.equal(isSameJson(left, right), isSameText(left, right));
    }));
    const small = fc.jsonValue({ maxDepth: 1 }).map((made) => made as JsonValue);
    fc.assert(
      fc.property(fc.array(small, { maxLength: 2 }), fc.array(small, { maxLength: 2 }), (a, b) => {
        assert.equal(isSameJson(a, b), isSameText(a, b));
      }),
    );
  });

  it("finds a copy the same, in any order of keys, and with members that are undefined", () => {
    fc.assert(fc.property(value, (made) => {
      assert.equal(isSameJson(made, JSON.parse(canonicalJson(made))), true);
    }));
    const absent = { a: undefined as unknown as JsonValue };
    for (
      const [left, right, isSame] of [
        [{ ...absent, b: 1 }, { b: 1 }, true],
        [{ b: 1 }, { ...absent, b: 1 }, true],
        [absent, { a: null }, false],
        [{ a: [] }, { a: {} }, false],
        [{}, null, false],
        [[1], [1, null], false],
        [JSON.parse('{"__proto__": 1}'), {}, false],
        [2n ** 63n, 2n ** 63n, true],
      ] as const
    ) assert.equal(isSameJson(left, right), isSame, `${canonicalJson(left)} ${isSame}`);
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
