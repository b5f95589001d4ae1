import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { hideSecrets } from "../../mod/change/mod.ts";

const secret = (data: string) => `kind: Secret # mine\nmetadata: {name: a}\n${data}`;

describe("hideSecrets()", () => {
  const cases: readonly (readonly [title: string, text: string, shown: string])[] = [
    [
      "text",
      secret("stringData:\n  pw: hunter2 # old\n  n: 1\n"),
      secret(
        "stringData:\n  pw: (hidden, 7 bytes) # old\n  n: (hidden, 1 byte)\n",
      ),
    ],
    ["base64", secret("data: {pw: aHVudGVyMg==}\n"), secret("data: {pw: (hidden, 7 bytes)}\n")],
    [
      "several lines",
      secret("stringData:\n  key: |\n    hunter2\n    hunter3\n  b: 'c\n    d'\ntype: x\n"),
      secret("stringData:\n  key: (hidden, 16 bytes)\n  b: (hidden, 3 bytes)\ntype: x\n"),
    ],
    [
      "an item of a list",
      "kind: List\nitems:\n- kind: Secret\n  stringData: {pw: hunter2}\n- kind: Pod\n  data: {a: b}\n",
      "kind: List\nitems:\n- kind: Secret\n  stringData: {pw: (hidden, 7 bytes)}\n- kind: Pod\n  data: {a: b}\n",
    ],
    [
      "JSON",
      '{"kind":"Secret","data":{"pw":"aHVudGVyMg=="}}',
      '{"kind":"Secret","data":{"pw":(hidden, 7 bytes)}}',
    ],
    [
      "what a client keeps of it",
      secret("  # x\n").replace(
        "{name: a}",
        "{annotations: {kubectl.kubernetes.io/last-applied-configuration: hunter2}}",
      ),
      secret("  # x\n").replace(
        "{name: a}",
        "{annotations: {kubectl.kubernetes.io/last-applied-configuration: (hidden, 7 bytes)}}",
      ),
    ],
    [
      "the second of two documents",
      `kind: ConfigMap\ndata: {a: b}\n---\n${secret("data: {a: Yg==}\n")}`,
      `kind: ConfigMap\ndata: {a: b}\n---\n${secret("data: {a: (hidden, 1 byte)}\n")}`,
    ],
    [
      "nothing of a text without a Secret",
      "kind: ConfigMap\ndata: {a: b}\n",
      "kind: ConfigMap\ndata: {a: b}\n",
    ],
    [
      "nothing of a pod that refers to one",
      "kind: Pod\nspec: {a: Secret}\n",
      "kind: Pod\nspec: {a: Secret}\n",
    ],
  ];
  for (const [title, text, shown] of cases) {
    it(`hides ${title}`, () => assert.equal(hideSecrets(text), shown));
  }

  it("shows nothing of what cannot be read", () => {
    const shown = hideSecrets(secret("data: {pw: hunter2\n"));
    assert.doesNotMatch(shown, /hunter2/);
    assert.match(shown, /cannot be read/);
  });

  it("says which value a change is about", () => {
    const before = secret("stringData: {a: one, b: two}\n");
    assert.equal(
      hideSecrets(secret("stringData: {a: one, b: six}\n"), before),
      secret("stringData: {a: (hidden, 3 bytes), b: (hidden, 3 bytes, changed)}\n"),
    );
  });
});
