import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { progressLine } from "../../../mod/cli/shell/progress.ts";

/** A terminal, and what was written to it. */
function terminal(given: { readonly isTTY?: boolean; readonly term?: string } = {}) {
  let nowMs = 0;
  const written: string[] = [];
  const line = progressLine({
    env: { TERM: given.term ?? "xterm" },
    clock: { monotonicMs: () => nowMs } as never, // nothing else is asked
    stderr: {
      isTTY: given.isTTY ?? true,
      columns: 20,
      rows: 5,
      write: (data) => void written.push(String(data)),
    },
  });
  return { line, written, after: (ms: number) => nowMs += ms };
}

describe("progressLine()", () => {
  it("shows nothing of what is quick, and not each step of what is long", () => {
    const { line, written, after } = terminal();
    line.show("1");
    after(399);
    line.show("2");
    assert.deepEqual(written, []);
    after(1);
    line.show("3");
    after(50);
    line.show("4");
    after(50);
    line.show("5");
    assert.deepEqual(written, ["\r\x1b[K3", "\r\x1b[K5"]);
  });

  it("never fills the line, and shows no escape", () => {
    const { line, written, after } = terminal();
    after(1000);
    line.show("a".repeat(40));
    assert.equal(written[0], `\r\x1b[K${"a".repeat(18)}…`);
    after(1000);
    line.show("b\x1b[2J");
    assert.ok(!written[1]?.includes("\x1b[2J"));
  });

  it("takes itself away, once", () => {
    const { line, written, after } = terminal();
    line.clear();
    after(1000);
    line.show("1");
    line.clear();
    line.clear();
    assert.deepEqual(written, ["\r\x1b[K1", "\r\x1b[K"]);
  });

  for (
    const [what, given] of [["a pipe", { isTTY: false }], ["TERM=dumb", { term: "dumb" }]] as const
  ) {
    it(`writes nothing to ${what}`, () => {
      const { line, written, after } = terminal(given);
      after(1000);
      line.show("1");
      line.clear();
      assert.deepEqual(written, []);
    });
  }
});
