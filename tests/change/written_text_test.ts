/** One pod of a file of several, as it was written. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { writtenTexts } from "../../mod/change/mod.ts";

const DOCUMENTS = `# all of them
# the first
kind: Pod # a pod
metadata: {name: a} # short
---
# the second
metadata:
    name: "b" # its key comes first
kind: Pod
--- # the third
kind: Pod
metadata: {name: c}
`;

const LIST = `kind: List
items:
  # the first
  - kind: Pod # a pod
    metadata:
      name: a

      # why
      labels: {x: many}
  # the second
  # of them
  -   metadata: {name: "b"}
      kind: Pod
      data: |
        text

        # no comment
  - {kind: Pod, metadata: {name: c}} # in braces
`;

const pod = (name: string) => ({ kind: "Pod", metadata: { name } });

describe("writtenTexts()", () => {
  it("gives a document of several with its comments and in its order", () => {
    const read = writtenTexts(DOCUMENTS);
    assert.equal(
      read({ document: 0 }, pod("a")),
      "# all of them\n# the first\nkind: Pod # a pod\nmetadata: {name: a} # short\n",
    );
    assert.equal(
      read({ document: 1 }, pod("b")),
      `# the second\nmetadata:\n    name: "b" # its key comes first\nkind: Pod\n`,
    );
    assert.match(read({ document: 2 }, pod("c")) ?? "", /kind: Pod\nmetadata: {name: c}\n$/);
  });

  it("gives an item of a list with the comments above it, moved to the left", () => {
    const read = writtenTexts(LIST);
    const first = { kind: "Pod", metadata: { name: "a", labels: { x: "many" } } };
    assert.equal(
      read({ document: 0, item: 0 }, first)?.trimEnd(),
      "# the first\nkind: Pod # a pod\nmetadata:\n  name: a\n\n  # why\n  labels: {x: many}",
    );
    const second = { ...pod("b"), data: "text\n\n# no comment\n" };
    assert.equal(
      read({ document: 0, item: 1 }, second)?.trimEnd(),
      `# the second\n# of them\nmetadata: {name: "b"}\nkind: Pod\ndata: |\n  text\n\n  # no comment`,
    );
    assert.match(
      read({ document: 0, item: 2 }, pod("c")) ?? "",
      /^{kind: Pod, metadata: {name: c}}/,
    );
  });

  it("keeps the line ends of a file of Windows", () => {
    const read = writtenTexts(DOCUMENTS.replaceAll("\n", "\r\n"));
    assert.match(read({ document: 1 }, pod("b")) ?? "", /^# the second\r\nmetadata:\r\n/);
  });

  it("gives nothing where the text would mean something else on its own", () => {
    const anchored = "items:\n  - &a {kind: Pod, metadata: {name: a}}\n  - *a\n";
    assert.equal(writtenTexts(anchored)({ document: 0, item: 1 }, pod("a")), undefined);
    assert.equal(writtenTexts(DOCUMENTS)({ document: 0 }, pod("other")), undefined);
    assert.equal(writtenTexts(DOCUMENTS)({ document: 7 }, pod("a")), undefined);
    assert.equal(writtenTexts('{"items": [{}]}')({ document: 0, item: 0 }, {}), undefined);
  });
});
