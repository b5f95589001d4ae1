/** What a log may do to the terminal of who reads it: nothing but colours. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { createEscapeFilter } from "../../mod/text/mod.ts";

const encode = (text: string) => new TextEncoder().encode(text);

function filtered(chunks: readonly Uint8Array[]): string {
  const escapes = createEscapeFilter();
  const bytes = [...chunks.map((chunk) => escapes.filter(chunk)), escapes.end()];
  return new TextDecoder().decode(Buffer.concat(bytes));
}
const shown = (text: string) => filtered([encode(text)]);

describe("createEscapeFilter()", () => {
  const cases: readonly (readonly [what: string, text: string, shown: string])[] = [
    ["plain text, tabs and lines", "a\tb\nÄ€😀\n", "a\tb\nÄ€😀\n"],
    ["colours", "\x1b[1;31mred\x1b[0m", "\x1b[1;31mred\x1b[0m"],
    ["the colour that hides", "\x1b[8msecret", "^[[8msecret"],
    ["a title", "\x1b]0;mine\x07", "^[]0;mine^G"],
    ["the clipboard", "\x1b]52;c;aGk=\x1b\\", "^[]52;c;aGk=^[\\"],
    ["a cursor that moves, a screen that is cleared", "\x1b[2J\x1b[1A\r", "^[[2J^[[1A^M"],
    ["a C1 control", "\u009b2J", "M-^[2J"],
    ["letters that begin as a C1 control does", "§ \u00a0 ¿", "§ \u00a0 ¿"],
    ["DEL and backspace", "a\x7f\b", "a^?^H"],
    ["a colour that is cut off", "\x1b[3", "^[[3"],
  ];
  for (const [what, text, wanted] of cases) {
    it(`shows ${what}`, () => assert.equal(shown(text), wanted));
  }

  it("shows the same however the bytes are cut", () => {
    const pieces = fc.constantFrom("a", "\n", "\x1b", "[", "3", "1", "m", ";", "8", "\u009b", "§");
    const text = fc.array(pieces, { maxLength: 30 }).map((some) => some.join(""));
    fc.assert(fc.property(text, fc.array(fc.nat(60), { maxLength: 5 }), (text, cuts) => {
      const bytes = encode(text);
      const at = [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const chunks = at.map((end, index) => bytes.subarray(at[index - 1] ?? 0, end));
      assert.equal(filtered(chunks), shown(text));
    }));
  });
});
