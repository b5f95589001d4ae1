/** However a Secret is broken: no message about it quotes a value. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseConfigText } from "../../mod/config/mod.ts";
import type { Problem } from "../../mod/core/mod.ts";
import { declareObjects } from "../../mod/pods/mod.ts";
import { convert, readManifests } from "../../mod/workloads/mod.ts";

const HEAD = "apiVersion: v1\nkind: Secret\n";
const TEXTS = [
  `${HEAD}metadata:\n  name: a\nstringData:\n  pw: hunter2\n  other: "hunter2"\n  block: |\n    hunter2\n`,
  `${HEAD}metadata: {name: a}\ndata: {pw: hunter2==, x: 'hunter2'}\n`,
  `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"pw":"hunter2","b":"hunter2"}}`,
  `kind: List\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: {name: a}\n  stringData:\n    pw: hunter2\n`,
];
const TYPED = [
  ...["", ":", "{", "}", "[", "]", "'", '"', "\t", "\n", " ", "- ", "%", "@", "`", "&", "*", "!"],
  ...["|", ">", "#", "{{", "\u0001", "\u201c", ": : ", "---\n"],
];

/** Where a value may have become a key, which is shown. */
const OF_KEYS = ["invalid-value", "invalid-base64", "unknown-key"];

function problemsOf(text: string): readonly Problem[] {
  const parsed = parseConfigText(text, "f", "include");
  const { manifests, findings } = readManifests(text, "f");
  convert(manifests, findings);
  return [
    ...parsed.problems,
    ...declareObjects(parsed.objects).problems,
    ...findings.problems,
  ];
}

describe("a Secret with a typing error anywhere", () => {
  for (const [at, text] of TEXTS.entries()) {
    it(`is told of without its values (${at + 1} of ${TEXTS.length})`, () => {
      const after = text.indexOf("Secret") + "Secret".length;
      let found = 0;
      for (let index = after; index <= text.length; index++) {
        for (const typed of TYPED) {
          for (const deleted of [0, 2]) {
            const broken = text.slice(0, index) + typed + text.slice(index + deleted);
            const problems = problemsOf(broken);
            found += problems.length;
            const quoting = problems.find((one) =>
              !OF_KEYS.includes(one.code) && /unter2/.test(JSON.stringify(one))
            );
            assert.equal(quoting, undefined, broken);
          }
        }
      }
      assert.ok(found > 100, `only ${found} problems`);
    });
  }

  it("does not take the place and the cause from the message", () => {
    const [problem] = parseConfigText(`${HEAD}stringData:\n  pw hunter2\n  a: b\n`, "f", "include")
      .problems;
    assert.deepEqual(problem?.position, { line: 4, column: 3 });
    assert.match(problem?.message ?? "", /Line 4: This line is no key with a colon and a value/);
  });

  it("leaves the lines of other documents as they are", () => {
    const text = `${HEAD}metadata: {name: a}\n---\nkind: Pod\nmetadata:\n  name: a\n  name: b\n`;
    const [problem] = parseConfigText(text, "f", "include").problems;
    assert.equal(problem?.sourceLine, "  name: b");
  });
});
