import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { formatProblem } from "../../mod/text/mod.ts";
import type { Problem } from "../../mod/core/mod.ts";

const problem: Problem = {
  severity: "error",
  code: "unknown-key",
  file: "config.yaml",
  position: { line: 3, column: 5 },
  sourceLine: "    prt: 1",
  path: ["agent", "manifest", "prt"],
  message: 'Unknown key "prt"',
  wanted: "one of address, port",
  hint: 'Did you mean "port"?',
  related: { file: "other.yaml", position: { line: 1, column: 2 } },
};

const plain = (changes: Partial<Problem>) =>
  formatProblem({ ...problem, ...changes }, { color: false });

describe("formatProblem()", () => {
  it("writes place, message, source line with caret, wanted, hint and the other place", () => {
    assert.equal(
      plain({}),
      [
        'config.yaml:3:5: error: Unknown key "prt"',
        "     3 |     prt: 1",
        "       |     ^",
        "  wanted: one of address, port",
        '  hint: Did you mean "port"?',
        "  see also: other.yaml:1:2",
      ].join("\n"),
    );
  });

  it("writes only what there is", () => {
    const bare: Problem = {
      severity: "warning",
      code: "x",
      file: "-",
      path: [],
      message: "It is odd",
    };
    assert.equal(formatProblem(bare, { color: false }), "<stdin>: warning: It is odd");
  });

  it("adds nothing but colours when colours are asked for", () => {
    const colored = formatProblem(problem, { color: true });
    assert.notEqual(colored, plain({}));
    assert.equal(stripVTControlCharacters(colored), plain({}));
  });

  it("puts the caret under wide characters and tabs", () => {
    const lines = plain({ sourceLine: "\t漢字: x", position: { line: 3, column: 6 } }).split("\n");
    assert.equal(lines[1], "     3 | →漢字: x");
    assert.equal(lines[2], `       | ${" ".repeat(7)}^`);
  });

  it("cuts a long line around the place", () => {
    const sourceLine = `${"a".repeat(500)}HERE${"b".repeat(500)}`;
    const lines = plain({ sourceLine, position: { line: 3, column: 501 } }).split("\n");
    assert.ok(lines[1]!.length < 110);
    assert.equal(lines[1]!.indexOf("HERE"), lines[2]!.indexOf("^"));
    assert.ok(lines[1]!.includes("…a") && lines[1]!.endsWith("b…"));
  });

  it("lets no text of a file reach the terminal as a control sequence", () => {
    const evil = "\u001b[2J\u0007\u202e";
    const text = plain({ message: evil, sourceLine: evil, wanted: evil, hint: evil, file: evil });
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it("widens the gutter for long line numbers", () => {
    const lines = plain({ position: { line: 123456, column: 5 } }).split("\n");
    assert.equal(lines[1]!.indexOf("|"), lines[2]!.indexOf("|"));
  });
});
