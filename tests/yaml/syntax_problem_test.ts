import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { parseYaml } from "../../mod/yaml/mod.ts";

/** A mistake, the code of its problem, its place, and words that must be in its text. */
const MISTAKES: readonly (readonly [string, string, string, string, RegExp])[] = [
  [
    "a deeper key after a value",
    "a: 1\n  b: 2\n",
    "yaml-indentation",
    "2:3",
    /align "b" under "a"/i,
  ],
  ["a deeper key in a list item", "- a: 1\n   b: 2\n", "yaml-indentation", "2:4", /column 3/],
  ["a key less deep than its siblings", "a:\n    b: 1\n  c: 2\n", "yaml-indentation", "3:3", /"b"/],
  ["a key deeper by one", "a:\n  b: 1\n   c: 2\n", "yaml-indentation", "3:4", /column 3/],
  [
    "a key between a dash and its text",
    "a:\n  - b: 1\n   c: 2\n",
    "yaml-indentation",
    "3:4",
    /"b"/,
  ],
  ["dashes that do not line up", "a:\n  - b\n - c\n", "yaml-indentation", "3:2", /dashes/],
  ["a tab", "a:\n\tb: 1\n", "yaml-tab", "2:1", /spaces/],
  ["a tab after spaces", "a:\n  b: 1\n \tc: 1\n", "yaml-tab", "3:2", /spaces/],
  ["a second colon", "image: nginx: 1\n", "yaml-second-colon", "1:8", /image: "nginx: 1"/],
  ["no space after the colon", "a:1\nb: 2\n", "yaml-colon-space", "1:2", /"a: 1"/],
  ["a line without a colon", "a: 1\nword\nb: 2\n", "yaml-no-colon", "2:1", /"word"/],
  ["a list item among keys", "a: 1\n- b\n", "yaml-mixed", "2:1", /list item/],
  ["a key among list items", "- a\nb: c\n", "yaml-mixed", "2:1", /level of a list/],
  ["an open double quote", 'a: "x\nb: 1\n', "yaml-unclosed", "1:4", /double quote in line 1/],
  ["an open single quote", "a: 'x\nb: 1\n", "yaml-unclosed", "1:4", /single quote in line 1/],
  ["an open bracket", "a: [1, 2\nb: 3\n", "yaml-unclosed", "1:4", /"\["/],
  ["an open brace", "a: {b: [1], c: 2\nd: 3\n", "yaml-unclosed", "1:4", /"\{"/],
  ["a bracket too many", "a: [1]]\n", "yaml-unexpected", "1:7", /not open/],
  ["an apostrophe", "a: 'it's'\n", "yaml-after-quote", "1:8", /twice/],
  ["a double quote inside", 'a: "x"y"\n', "yaml-after-quote", "1:7", /\\"/],
  ["an at sign", "a: @b\n", "yaml-reserved-character", "1:4", /"@b"/],
  ["a percent sign", "a: %b\n", "yaml-reserved-character", "1:4", /"%b"/],
  ["an unknown escape", 'a: "\\d"\n', "yaml-escape", "1:5", /single quotes/],
  ["a template", "a: {{ .b }}\n", "template", "1:4", /Render/],
  [
    "a template behind another mistake",
    "a: {{ .b }}-c\n",
    "template",
    "1:4",
    /holds \{\{ \.b \}\}/,
  ],
  ["a template's own line", "a: 1\n{{ if .b }}\nc: 2\n", "template", "2:1", /if \.b/],
  ["Jinja's blocks", "a:\n{% if b %}\n  c: 1\n", "template", "2:1", /\{% if b %\}/],
  ["Jinja's comments", "a: 1\n{# b #}\nc: 2\n", "template", "2:1", /\{# b #\}/],
  ["ERB", "a: 1\n<% if b %>\nc: 2\n", "template", "2:1", /<% if b %>/],
  ["a template in a list in brackets", 'a: ["x" {{ b }} ]\n', "template", "1:9", /template/],
  ["a variable in braces", "a: {b: ${C}, d: 1}\n", "template", "1:8", /\$\{C\}/],
  ["an autoconf variable", "a: @b@\n", "template", "1:4", /@b@/],
  ["a variable in percent signs", "a: %b%\n", "template", "1:4", /%b%/],
  ["a template in JSON", '{"a": {{ b }}}', "template", "1:7", /template/],
  [
    "a key twice, by Salt's comments",
    "# {% if x %}\na: 1\n# {% else %}\na: 2\n",
    "template",
    "3:3",
    /template/,
  ],
  [
    "a list left of its key",
    "a:\n  b:\n- c: 1\n  d: 2\n",
    "yaml-dedented-list",
    "3:1",
    /"b" in line 2/,
  ],
  [
    "a list left of a nested key",
    "- a:\n    b:\n  - c: 1\n",
    "yaml-dedented-list",
    "3:3",
    /column 5/,
  ],
  ["a curly quote", "a: \u201cb: c\u201d\n", "yaml-character", "1:4", /U\+201C/],
  ["a dash of an editor", "a:\n  \u2013 b: 1\n    c: 2\n", "yaml-character", "2:3", /U\+2013/],
  ["a no-break space", "a:\n  b: 1\n\u00a0 c: 2\n  d: 3\n", "yaml-character", "3:1", /U\+00A0/],
  ["a comma too few", 'a: ["b" "c"]\n', "yaml-comma", "1:9", /comma/],
  ["an alias with an anchor", "a: &b *c\n", "yaml-syntax", "1:7", /anchor/],
  ["text after a block sign", "a: | text\n", "yaml-block-text", "1:6", /lines below/],
  ["a mapping after ---", "--- a: b\n", "yaml-document-start", "1:5", /next line/],
];

describe("parseYaml() mistakes", () => {
  for (const [name, text, code, place, words] of MISTAKES) {
    it(`names ${name}, with its place and what to do`, () => {
      const { documents, problems } = parseYaml(text, "f.yaml");
      assert.deepEqual(documents, []);
      assert.equal(problems.length, 1);
      const [problem] = problems;
      const { line, column } = problem!.position!;
      assert.deepEqual([problem?.code, `${line}:${column}`], [code, place]);
      assert.match(`${problem?.message} ${problem?.wanted} ${problem?.hint}`, words);
    });
  }

  it("says no word of the parser", () => {
    const words = /flow|node end|implicit|scalar|token|indicator|collection|block seq|compact/i;
    const texts = MISTAKES.map(([, text]) => text);
    const pieces = [
      "a: ",
      "- ",
      "{",
      "}",
      "[",
      "]",
      ", ",
      "\n",
      "  ",
      '"',
      "'",
      "b",
      ": ",
      "#",
      "&x",
      "*x",
      "!t",
      "|",
      ">",
      "%",
      "@",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 14 }), (parts) => {
        for (const text of [...texts, parts.join("")]) {
          for (const { message, wanted = "", hint = "" } of parseYaml(text, "f.yaml").problems) {
            assert.doesNotMatch(
              `${message} ${wanted} ${hint}`.replace(/"[^"]*"|'[^']*'/g, ""),
              words,
            );
            assert.ok(hint !== "" || wanted !== "", message);
          }
        }
      }),
      { numRuns: 300, seed: 11 },
    );
  });

  it("takes no rendered text for a template", () => {
    const block = "a:\n  - |\n    docker ps --format {{.Names}}\nb: c: d\n";
    assert.equal(parseYaml(block, "f").problems[0]?.code, "yaml-second-colon");
    const quoted = 'a: "{{ x }}"\nb: c: d\n';
    const [problem] = parseYaml(quoted, "f").problems;
    assert.equal(problem?.code, "yaml-second-colon");
    assert.match(problem?.hint ?? "", /line 1 holds \{\{ x \}\}: if this is a template/);
    assert.deepEqual(parseYaml('a: "{{ x }}"\nb: x-{{ y }}\n', "f").problems, []);
  });

  it("names one problem for each document", () => {
    const { problems } = parseYaml("a: @b\n---\nok: 1\n---\nc: %d\n", "f.yaml");
    assert.deepEqual(problems.map((problem) => problem.position?.line), [1, 5]);
  });
});
