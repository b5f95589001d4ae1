import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { CONTAINER, rulesOn, warningsOn } from "./found.ts";

const args = (...words: string[]) => ({ containers: [{ ...CONTAINER, args: words }] });

describe("judge() warnings on characters of editors", () => {
  const found: readonly (readonly [string, string, RegExp, RegExp])[] = [
    ["a curly quote", "\u201cx\u201d", /U\+201C \(left double quotation mark\)/, /"/],
    ["an en dash", "\u2013\u2013config=a", /U\+2013 \(en dash\)/, /with -/],
    ["an em dash in the middle", "--a=b \u2014c", /U\+2014/, /--/],
    ["a no-break space", "--a=b\u00a0c", /U\+00A0 .*after "--a=b"/, /a space/],
    ["a zero width space", "\u200b--a", /U\+200B .*at its beginning/, /Delete/],
    ["a full-width colon", "a\uff1ab", /U\+FF1A/, /with :/],
  ];
  for (const [name, word, detail, hint] of found) {
    it(`name ${name}`, () => {
      const [warning] = warningsOn(args(word));
      assert.equal(warning?.rule, "editor-character");
      assert.match(warning.detail, detail);
      assert.match(warning.hint ?? "", hint);
    });
  }

  it("name them in keys, names and paths too", () => {
    const spec = {
      volumes: [{ name: "v", hostPath: { path: "/srv/a\u2013b", type: "Directory" } }],
      nodeSelector: { "a": "x\u00a0" },
      "\u00a0hostNetwork": true,
    };
    const fields = rulesOn(spec).filter((rule) => rule.startsWith("editor")).map((rule) =>
      rule.split(" ").at(-1)
    );
    assert.equal(fields.length, 3);
  });

  it("leave prose alone", () => {
    const annotations = { about: "the \u201cweb\u201d \u2013 it\u2019s ours" };
    assert.deepEqual(rulesOn(args("it\u2019s fine", "a \u2013 b"), { annotations }), []);
  });
});
