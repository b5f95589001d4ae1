import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, type JsonValue, parseJson } from "../../mod/core/mod.ts";

describe("parseJson()", () => {
  it("keeps integers beyond 2^53 exact, wherever they stand", () => {
    const long = 9007199254740993n;
    for (const text of ["9007199254740993", " 9007199254740993", "\n9007199254740993"]) {
      assert.equal(parseJson(text), long, text);
    }
    assert.deepEqual(parseJson('{"a": 9007199254740993,"b":[1, -9007199254740993]}'), {
      a: long,
      b: [1, -long],
    });
  });

  it("reads back what canonicalJson() wrote", () => {
    const value = fc.jsonValue().map((json) => json as JsonValue); // by its name
    fc.assert(fc.property(value, fc.bigInt(), (json, integer) => {
      const safe = integer >= Number.MIN_SAFE_INTEGER && integer <= Number.MAX_SAFE_INTEGER;
      const written = canonicalJson({ json, integer });
      assert.equal(canonicalJson(parseJson(written)), written);
      assert.deepEqual(
        (parseJson(written) as { integer: unknown }).integer,
        safe ? Number(integer) : integer,
      );
    }));
  });
});
