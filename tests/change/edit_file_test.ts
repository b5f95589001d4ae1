/** Edits of config files: what a person wrote stays, to the byte. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { stringify } from "yaml";
import { appendDocument, editValue, removeValue } from "../../mod/change/edit/edit_file.ts";
import {
  canonicalJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from "../../mod/core/mod.ts";
import { parseYaml } from "../../mod/yaml/mod.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures/", import.meta.url));

const TEXT = `# the node
machine:
  # its pods
  pods:
    - apiVersion: v1   # keep
      kind: Pod
      metadata:
        name: web  # name
        labels: {a: b}
      spec:
        containers:
          # first
          - image: nginx:1 # tag
            name: c
            args: [a, b] # both
            env:
            - name: X
              value: "yes"
          - name: d
            image: x
---
# second
apiVersion: v1
kind: Pod
metadata: {name: other}
spec: {}
`;

const web = { document: 0, path: ["machine", "pods", 0] };
const at = (text: string, document: number) =>
  parseYaml(text, "f").documents.find(({ index }) => index === document)?.value ?? null;

/** A value with one member set by a dotted path. */
function set(value: JsonValue, path: readonly (string | number)[], to: JsonValue): JsonValue {
  const [first, ...rest] = path;
  if (first === undefined) return to;
  if (Array.isArray(value)) return value.map((item, i) => i === first ? set(item, rest, to) : item);
  const object = value as JsonObject; // the test knows its own values
  return { ...object, [first]: set(object[first] ?? null, rest, to) };
}

const podOf = (text: string) => ((at(text, 0) as JsonObject).machine as JsonObject);
const firstPod = (text: string): JsonValue => (podOf(text).pods as readonly JsonValue[])[0] ?? null;

const CHANGES: readonly {
  readonly what: string;
  readonly path: readonly (string | number)[];
  readonly to: JsonValue;
  readonly lines: readonly [string, string];
}[] = [
  {
    what: "a scalar beside a comment",
    path: ["spec", "containers", 0, "image"],
    to: "nginx:2",
    lines: ["          - image: nginx:1 # tag", "          - image: nginx:2 # tag"],
  },
  {
    what: "a text that YAML 1.1 reads as a boolean",
    path: ["metadata", "name"],
    to: "yes",
    lines: ["        name: web  # name", '        name: "yes"  # name'],
  },
  {
    what: "a member in braces",
    path: ["metadata", "labels", "a"],
    to: "c d",
    lines: ["        labels: {a: b}", "        labels: {a: c d}"],
  },
  {
    what: "a longer list in brackets",
    path: ["spec", "containers", 0, "args"],
    to: ["a", "q", "it's, so"],
    lines: ["            args: [a, b] # both", '            args: [a, q, "it\'s, so"] # both'],
  },
  {
    what: "a quoted value of a list that is not indented",
    path: ["spec", "containers", 0, "env", 0, "value"],
    to: "no",
    lines: ['              value: "yes"', '              value: "no"'],
  },
];

describe("editValue()", () => {
  for (const { what, path, to, lines: [from, into] } of CHANGES) {
    it(`changes ${what}, and nothing else`, () => {
      const edited = editValue(TEXT, "f", web, set(firstPod(TEXT), path, to));
      assert.equal(edited, TEXT.replace(from, into));
    });
  }

  it("adds members behind the last one and list items in their place", () => {
    const pod = firstPod(TEXT) as JsonObject;
    const [c, d] = (pod.spec as JsonObject).containers as readonly [JsonValue, JsonValue];
    const edited = editValue(TEXT, "f", web, {
      ...pod,
      spec: { containers: [c, { name: "between", image: "y" }, d], hostNetwork: true },
    });
    assert.equal(
      edited,
      TEXT.replace(
        "          - name: d\n            image: x\n",
        '          - name: between\n            image: "y"\n' +
          "          - name: d\n            image: x\n        hostNetwork: true\n",
      ),
    );
  });

  it("takes a list item out with its own lines", () => {
    const pod = firstPod(TEXT) as JsonObject;
    const [c] = (pod.spec as JsonObject).containers as readonly JsonValue[];
    const edited = editValue(TEXT, "f", web, { ...pod, spec: { containers: [c ?? null] } });
    assert.equal(edited, TEXT.replace("          - name: d\n            image: x\n", ""));
  });

  it("takes a # within a quoted value for what it is", () => {
    const text = 'c: {name: a, command: [sh, -c, "sleep 1 # not a comment"]} # one\n';
    const after = { name: "a", command: ["sh", "-c", "sleep 2"], image: "x" };
    assert.equal(
      editValue(text, "f", { document: 0, path: ["c"] }, after),
      "c: {name: a, command: [sh, -c, sleep 2], image: x} # one\n",
    );
    const commented = "c: {\n  name: a # the name\n}\n";
    assert.throws(
      () => editValue(commented, "f", { document: 0, path: ["c"] }, after),
      /A comment stands inside brackets/,
    );
  });

  it("refuses a value that an anchor shares, and says what to do", () => {
    const text = "a: &shared {x: 1}\nb: *shared\n";
    assert.throws(
      () => editValue(text, "f", { document: 0, path: ["a"] }, 2),
      /Cannot edit "f" without a person: The value is shared by the anchor "&shared"/,
    );
  });

  it("gives an alias a value of its own", () => {
    const text = "a: &shared {x: 1}\nb: *shared # too\n";
    assert.equal(
      editValue(text, "f", { document: 0, path: ["b"] }, { x: 2 }),
      "a: &shared {x: 1}\nb:\n  x: 2 # too\n",
    );
  });

  it("ends new lines as the file does", () => {
    const text = "a:\r\n  - b: 1 # c\r\n";
    assert.equal(
      editValue(text, "f", { document: 0, path: ["a"] }, [{ b: 1 }, { c: 2 }]),
      "a:\r\n  - b: 1 # c\r\n  - c: 2\r\n",
    );
    assert.equal(
      appendDocument("a: 1\r\n", "f", { b: { c: 2 } }),
      "a: 1\r\n---\r\nb:\r\n  c: 2\r\n",
    );
  });

  it("takes YAML in braces for what it is, comments and all", () => {
    for (
      const [text, edited] of [
        ['{\n  # c\n  "a": 1, "b": x}\n', '{\n  # c\n  "a": 2, "b": x}\n'],
        ["{a: 1, b: x} # c\n---\nc: 1 # d\n", "{a: 2, b: x} # c\n---\nc: 1 # d\n"],
      ] as const
    ) {
      assert.equal(editValue(text, "f", { document: 0, path: ["a"] }, 2), edited);
    }
  });

  it("keeps the indentation of a JSON file", () => {
    const text = '{\n    "a": {"b": 1}\n}\n';
    assert.equal(
      editValue(text, "f", { document: 0, path: ["a", "b"] }, 2),
      '{\n    "a": {\n        "b": 2\n    }\n}\n',
    );
  });
});

describe("removeValue()", () => {
  it("leaves an empty list of the last pod", () => {
    const edited = removeValue(TEXT, "f", web);
    assert.deepEqual(podOf(edited ?? "").pods, []);
    assert.match(edited ?? "", /# its pods\n {2}pods: \[\]\n---\n# second\n/);
  });

  it("keeps the comments between a list's key and its last item, which goes", () => {
    const text = "machine:\n  pods: # all\n    # the web\n    - n: 1 # c\n    # tail\nagent: {}\n";
    assert.equal(
      removeValue(text, "f", { document: 0, path: ["machine", "pods", 0] }),
      "machine:\n  pods: [] # all\n    # the web\n    # tail\nagent: {}\n",
    );
  });

  it("takes a document out with its separator", () => {
    assert.equal(removeValue(TEXT, "f", { document: 1, path: [] }), TEXT.split("---\n")[0]);
    assert.equal(
      removeValue(TEXT, "f", { document: 0, path: [] }),
      `---\n${TEXT.split("---\n")[1]}`,
    );
  });

  it("gives nothing for the only document", () => {
    assert.equal(removeValue("kind: Pod\n", "f", { document: 0, path: [] }), undefined);
  });
});

describe("appendDocument()", () => {
  it("keeps the text before it, also without a line break at its end", () => {
    const pod = { kind: "Pod", metadata: { name: "extra" } };
    const edited = appendDocument("# mine\na: 1", "f", pod);
    assert.equal(edited, "# mine\na: 1\n---\nkind: Pod\nmetadata:\n  name: extra\n");
    assert.equal(appendDocument("", "f", pod), "kind: Pod\nmetadata:\n  name: extra\n");
  });
});

describe("an edited file", () => {
  const comments = (text: string) => text.match(/(^|\s)#.*$/gm)?.map((one) => one.trim()) ?? [];

  it("keeps each comment and the order of keys, whatever scalar of a fixture changes", () => {
    let tried = 0;
    for (const name of readdirSync(FIXTURES, { recursive: true, encoding: "utf8" })) {
      if (!/\.ya?ml$/.test(name)) continue;
      const text = readFileSync(FIXTURES + name, "utf8");
      const { documents, problems } = parseYaml(text, name);
      if (problems.length > 0) continue;
      for (const { index, value } of documents) {
        for (const path of scalarPaths(value).filter((_, nth) => nth % 5 === 0)) {
          let edited: string;
          try {
            edited = editValue(text, name, { document: index, path }, "changed by a test");
          } catch (error) {
            assert.match(String(error), /anchor|beyond|says? something else/);
            continue;
          }
          tried++;
          assert.deepEqual(comments(edited), comments(text), `${name} ${path.join(".")}`);
          assert.deepEqual(keyOrder(at(edited, index)), keyOrder(value));
        }
      }
    }
    assert.ok(tried > 100, `${tried} edits were tried`);
  });

  it("says what was meant, and keeps each comment, for random values and changes", () => {
    const leaf = fc.oneof(
      fc.string({ unit: "grapheme-ascii", maxLength: 12 }),
      fc.constantFrom("yes", "0777", "a: b", "# no comment", "two\nlines\n", "- x", "*x", ""),
      fc.integer(),
      fc.boolean(),
    );
    const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.dictionary(fc.constantFrom("a", "b", "c", "name", "image"), tie("value"), {
          maxKeys: 4,
        }),
        fc.array(tie("value"), { maxLength: 4 }),
      ),
    }));
    const object = fc.dictionary(fc.constantFrom("a", "b", "spec", "name"), value, {
      minKeys: 1,
      noNullPrototype: true,
    });
    let edits = 0;
    fc.assert(
      fc.property(object, object, fc.boolean(), fc.boolean(), (before, after, indentSeq, flow) => {
        const yaml = stringify({ machine: before, last: 1 }, {
          version: "1.1",
          indentSeq,
          ...(flow ? { collectionStyle: "flow" } : {}),
        });
        const text = `# head\n${commented(yaml)}# tail\n`;
        let edited: string;
        try {
          edited = editValue(text, "f", { document: 0, path: ["machine"] }, after);
        } catch (error) {
          assert.match(String(error), /^PodsteadError: Cannot edit "f" without a person/);
          return;
        }
        edits++;
        assert.equal(canonicalJson(at(edited, 0)), canonicalJson({ machine: after, last: 1 }));
        for (const comment of ["# head", "# tail", "# at last"]) {
          assert.ok(!text.includes(comment) || edited.includes(comment), comment);
        }
      }),
      { numRuns: 800 },
    );
    assert.ok(edits > 480, `${edits} of 800 were edited`);
  });
});

/** YAML with a comment at the end of its last line. */
function commented(yaml: string): string {
  return yaml.replace(/\nlast: 1\n$/, "\nlast: 1 # at last\n");
}

function scalarPaths(
  value: JsonValue,
  path: readonly (string | number)[] = [],
): (string | number)[][] {
  if (Array.isArray(value)) return value.flatMap((item, at) => scalarPaths(item, [...path, at]));
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([key, member]) => scalarPaths(member, [...path, key]));
  }
  return [[...path]];
}

function keyOrder(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(keyOrder);
  return isJsonObject(value) ? Object.entries(value).map(([k, v]) => [k, keyOrder(v)]) : 0;
}
