import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { UsageError } from "../../mod/core/mod.ts";
import { compilePattern, type LogPattern, MATCHED_BYTES } from "../../mod/logs/pattern.ts";

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
  it("selects a message in parts as it selects the whole", async () => {
    const text = fc.array(fc.constantFrom("a", "b", "é", "𝄞"), { maxLength: 12 })
      .map((characters) => characters.join(""));
    await fc.assert(fc.asyncProperty(
      fc.constantFrom(...PATTERNS),
      text,
      fc.array(fc.nat(), { maxLength: 6 }),
      async (grep, message, cuts) => {
        const matcher = await compilePattern(grep);
        const bytes = Buffer.from(message);
        const match = matcher.begin();
        for (const part of inParts(bytes, cuts)) match.add(part);
        const found = new RegExp(grep.pattern, grep.ignoreCase === true ? "iu" : "u").test(message);
        assert.equal(matcher.selects(bytes), found !== (grep.invert === true));
        assert.equal(match.selected(), matcher.selects(bytes));
      },
    ));
  });
  it("finds what begins in one part and ends parts later", async () => {
    const match = (await compilePattern({ pattern: "needle" })).begin();
    for (const part of ["hay nee", "d", "", "l", "e hay"]) match.add(Buffer.from(part));
    assert.equal(match.selected(), true);
  });
  it("keeps nothing of the parts that it is given", async () => {
    const match = (await compilePattern({ pattern: "ab" })).begin();
    const part = Buffer.from("xa");
    match.add(part);
    part.fill("x");
    match.add(Buffer.from("bx"));
    assert.equal(match.selected(), true);
  });
  it("refuses what is no regular expression, and says what to do", async () => {
    for (const pattern of ["a(", "(?=a)b", "(a)\\1"]) {
      await assert.rejects(compilePattern({ pattern }), (error: UsageError) => {
        assert.ok(error instanceof UsageError, pattern);
        assert.match(error.hint ?? "", /backslash/);
        return true;
      });
    }
  });
  it("takes a time that grows with the length of a message alone", async () => {
    // With a backtracking engine each of these takes longer than the tests of all files together.
    const hostile = [["(a+)+$", "a"], ["(x+x+)+y", "x"], ["(.*)(.*)(.*)(.*)z", "a"]] as const;
    for (const [pattern, character] of hostile) {
      const message = Buffer.from(`${character.repeat(200_000)}!`);
      assert.equal((await compilePattern({ pattern })).selects(message), false, pattern);
    }
  });
  it("looks at the first MiB of a message", async () => {
    const message = Buffer.alloc(MATCHED_BYTES + 10, "a");
    message.write("end", MATCHED_BYTES + 5);
    for (const pattern of ["end", "[e]nd"]) {
      const matcher = await compilePattern({ pattern });
      assert.equal(matcher.selects(message), false);
      const match = matcher.begin();
      for (let at = 0; at < message.length; at += 100_000) {
        assert.equal(match.isFull, false);
        match.add(message.subarray(at, at + 100_000));
      }
      assert.equal(match.isFull, true);
      assert.equal(match.selected(), false);
    }
  });
});
