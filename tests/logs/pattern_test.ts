import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { UsageError } from "../../mod/core/mod.ts";
import { compilePattern, type LogPattern } from "../../mod/logs/pattern.ts";

const PATTERNS: readonly LogPattern[] = [
  { pattern: "aba" },
  { pattern: "b" },
  { pattern: "" },
  { pattern: "ab", invert: true },
  { pattern: "é" },
  { pattern: "AB", ignoreCase: true },
  { pattern: "^a+b$" },
  { pattern: "b.a", invert: true },
  { pattern: "^.é$" },
];

/** Cuts bytes at random places, also within a character. */
const inParts = (message: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [...cuts.map((cut) => cut % (message.length + 1)), message.length];
  let from = 0;
  return places.sort((left, right) => left - right).map((to) => {
    const part = message.subarray(from, to);
    from = to;
    return part;
  });
};

describe("compilePattern()", () => {
  it("selects a message in parts as it selects the whole", () => {
    const text = fc.array(fc.constantFrom("a", "b", "é", "𝄞"), { maxLength: 12 })
      .map((characters) => characters.join(""));
    fc.assert(fc.property(
      fc.constantFrom(...PATTERNS),
      text,
      fc.array(fc.nat(), { maxLength: 6 }),
      (grep, message, cuts) => {
        const matcher = compilePattern(grep);
        const bytes = Buffer.from(message);
        const match = matcher.begin();
        for (const part of inParts(bytes, cuts)) match.add(part);
        const found = new RegExp(grep.pattern, grep.ignoreCase === true ? "i" : "").test(message);
        assert.equal(matcher.selects(bytes), found !== (grep.invert === true));
        assert.equal(match.selected(), matcher.selects(bytes));
      },
    ));
  });
  it("finds what begins in one part and ends parts later", () => {
    const match = compilePattern({ pattern: "needle" }).begin();
    for (const part of ["hay nee", "d", "", "l", "e hay"]) match.add(Buffer.from(part));
    assert.equal(match.selected(), true);
  });
  it("keeps nothing of the parts that it is given", () => {
    const match = compilePattern({ pattern: "ab" }).begin();
    const part = Buffer.from("xa");
    match.add(part);
    part.fill("x");
    match.add(Buffer.from("bx"));
    assert.equal(match.selected(), true);
  });
  it("refuses what is no regular expression, and says what to do", () => {
    assert.throws(() => compilePattern({ pattern: "a(" }), (error: UsageError) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.hint ?? "", /backslash/);
      return true;
    });
  });
});
