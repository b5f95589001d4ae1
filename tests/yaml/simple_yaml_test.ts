import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { isJsonObject } from "../../mod/core/mod.ts";
import type { JsonValue, Path } from "../../mod/core/mod.ts";
import { parseYamlByLibrary } from "../../mod/yaml/parse_yaml.ts";
import { parseSimpleYaml } from "../../mod/yaml/simple_yaml.ts";
import { offsetOfPath, packPlaces } from "../../mod/yaml/places.ts";
import { indexLines } from "../../mod/yaml/line_index.ts";

/** What a reader must know to be told from another one: values, order of keys, places. */
function digest(
  value: JsonValue,
  placeOf: (path: Path, part: "key" | "value") => string,
): unknown[] {
  const facts: unknown[] = [];
  const walk = (current: JsonValue, path: Path) => {
    facts.push([path.join("/"), placeOf(path, "key"), placeOf(path, "value")]);
    if (isJsonObject(current)) {
      for (const [key, member] of Object.entries(current)) walk(member, [...path, key]);
    } else if (Array.isArray(current)) {
      current.forEach((item: JsonValue, index) => walk(item, [...path, index]));
    } else facts.push([typeof current, String(current)]);
  };
  walk(value, []);
  return facts;
}

/** Compares the two readers; true where the simple one took the text. */
function compare(text: string): boolean {
  const simple = parseSimpleYaml(text, 100);
  if (simple === undefined) return false;
  const lines = indexLines(text);
  const library = parseYamlByLibrary(text, "f.yaml");
  const shown = JSON.stringify(text);
  assert.deepEqual(library.problems.map((problem) => problem.message), [], shown);
  assert.equal(simple.length, library.documents.length, shown);
  simple.forEach((root, index) => {
    const places = packPlaces(root);
    const document = library.documents[index]!;
    const place = ({ line, column }: { line: number; column: number }) => `${line}:${column}`;
    assert.deepEqual(
      digest(
        root.value,
        (path, part) => place(lines.positionAt(offsetOfPath(root.value, places, path, part))),
      ),
      digest(document.value, (path, part) => place(document.positionOf(path, part))),
      shown,
    );
    assert.equal(index, document.index);
  });
  return true;
}

const POD = `# a pod
apiVersion: v1
kind: Pod
metadata:
  name: web   # its name
  labels: {app: web, "app.kubernetes.io/part-of": 'it''s'}
  annotations:
    prometheus.io/scrape: "true"
    text: "a \\"quoted\\"\\ttext"
spec:
  hostNetwork: yes
  containers:
  - name: nginx
    image: docker.io/library/nginx:1.27
    command: ["sh", "-c", sleep 1, --flag=x, -v]
    args: []
    ports:
      - containerPort: 8080
        hostPort: 0x50
      -
        containerPort: 443
    env:
    - {name: A, value: "1"}
    - name: SCRIPT
      value: |
        #!/bin/sh
        if true; then

          echo "a: b"  # no comment
        fi
    - name: LAST
      value: |-
        one

    resources:
      limits: {cpu: 1.5, memory: 64Mi}
      requests:
  volumes:
    - hostPath: {path: /var/lib/x}
      name: x
    - emptyDir: {}
      name: "y"
`;

describe("parseSimpleYaml()", () => {
  it("takes a pod as people write it, and reads it as the library does", () => {
    assert.ok(compare(POD));
    assert.ok(compare(`---\n${POD}---\n${POD}`));
    assert.ok(compare(`# c\n---   # d\n${POD.replaceAll("\n", "\r\n")}`));
  });

  const SIMPLE = [
    "",
    "# only a comment\n",
    "a:\n",
    "a: 1",
    "a:   # c\nb: ~\n",
    "a:\n- 1\n- b: 2\n  c:\n  - 3\nd: 4\n",
    "- a\n- - b\n  - c\n-\n- d:\n",
    "a: |\n  x\n   y\n\n\nb: 1\n",
    "a: 'x' # y\nb: \"\"\n",
    "  a: 1\n  b: 2\n",
    "a: [1, [2, {b: c}], {}]\n",
    "a: {b: http://c:80/d, e: }\n",
  ];
  for (const text of SIMPLE.slice(0, -1)) {
    it(`takes ${JSON.stringify(text)}`, () => assert.ok(compare(text)));
  }

  const NOT_SIMPLE = [
    SIMPLE.at(-1)!,
    "a: &x 1\n",
    "a: *x\n",
    "a: !!str 1\n",
    "<<: {a: 1}\n",
    "? a\n: b\n",
    "on: 1\n",
    "1: a\n",
    "a: b\n  c\n",
    "a: b\n  c: d\n",
    "a: 1\na: 2\n",
    "a: 'b\n  c'\n",
    "a: [b,\n  c]\n",
    "a: >\n  b\n",
    "a: |+\n  b\n\n",
    "a: |2\n   b\n",
    "a: |\n  b",
    "a: b: c\n",
    "a:\tb\n",
    "\ta: b\n",
    "a: .inf\n",
    "a: @b\n",
    "a: 'b' c\n",
    'a: "\\x41"\n',
    "a: 1\n...\n",
    "%YAML 1.1\n---\na: 1\n",
    "--- a: 1\n",
    "---\n---\na: 1\n",
    "a: 1\n---\n",
    "just text\n",
    "- a\nb: c\n",
    "a: 1\n- b\n",
    "a:\n    b: 1\n  c: 2\n",
  ];
  for (const text of NOT_SIMPLE) {
    it(`leaves ${JSON.stringify(text)} to the library`, () => {
      assert.equal(parseSimpleYaml(text, 100), undefined);
    });
  }

  it("leaves deep nesting to the library", () => {
    const nested = Array.from({ length: 200 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n");
    assert.equal(parseSimpleYaml(nested, 100), undefined);
    assert.equal(parseSimpleYaml(`a: ${"[".repeat(50_000)}`, 100), undefined);
  });

  it("reads any mixture of such lines as the library does, or leaves it to it", () => {
    const value = fc.constantFrom(
      ..."|1|yes|~|x y|a:b|a#b|'q'|\"q\"|[]|{}|[a, b]|{a: b, c: [d]}|-1|0644|1e3|- z|-x|# c|x # c|http://a:1/b|..|.5|2024-01-01|é 漢|x, y|{a: {b: c}}|['a', \"b\"]|=|^x$|a  |[a:b]|[ a , b ]|(x)"
        .split("|"),
      "|",
      "|-",
      ">",
    );
    const head = fc.constantFrom(
      ..."a: |b: |c:|d: |\"e\": |'f': |- |-|- a: |- - |# c|g.h/i-j: |- - a: |---| |".split("|"),
      "",
    );
    const line = fc.tuple(fc.constantFrom(0, 0, 2, 2, 4, 4, 6, 1, 3), head, value)
      .map(([indent, start, end]) => `${" ".repeat(indent)}${start}${end}`);
    let taken = 0;
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 7 }),
        fc.constantFrom("\n", "\n", "\r\n"),
        fc.boolean(),
        (lines, end, ended) => {
          if (compare(lines.join(end) + (ended ? end : ""))) taken += 1;
        },
      ),
      { numRuns: Number(process.env["YAML_RUNS"] ?? 2000) },
    );
    assert.ok(taken > 20, `Only ${taken} texts were simple`);
  });

  it("reads a pod with any small change as the library does, or leaves it to it", () => {
    const piece = fc.constantFrom(
      ..." |  |\n|\n\n|\n  |-|- |:|: |#| #|'|\"|[|]|{|}|,|\\||\\t|&a|*a|!|>|<<|é|\\|.|~|0|a".split(
        "|",
      ),
      "|",
      "\t",
      "\r",
    );
    fc.assert(
      fc.property(
        fc.nat(POD.length),
        fc.nat(3),
        piece,
        fc.nat(POD.length),
        (at, removed, inserted, cut) => {
          const changed = POD.slice(0, at) + inserted + POD.slice(at + removed);
          compare(changed);
          compare(changed.slice(0, cut));
        },
      ),
      { numRuns: Number(process.env["YAML_RUNS"] ?? 300) },
    );
  });
});
