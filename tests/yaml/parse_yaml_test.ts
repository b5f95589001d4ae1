import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { canonicalJson, type JsonValue } from "../../mod/core/mod.ts";
import { parseYaml } from "../../mod/yaml/mod.ts";
import type { YamlOptions } from "../../mod/yaml/mod.ts";

function valuesOf(text: string, options?: YamlOptions): readonly JsonValue[] {
  const { documents, problems } = parseYaml(text, "f.yaml", options);
  assert.deepEqual(problems, []);
  return documents.map((document) => document.value);
}

function codesOf(text: string, options?: YamlOptions): readonly string[] {
  return parseYaml(text, "f.yaml", options).problems.map((problem) => problem.code);
}

describe("parseYaml() documents", () => {
  it("counts documents that hold nothing", () => {
    const { documents } = parseYaml("---\n---\na: 1\n...\n---\nb: 2\n", "f.yaml");
    assert.deepEqual(
      documents.map(({ index, value }) => [index, value]),
      [[0, null], [1, { a: 1 }], [2, { b: 2 }]],
    );
  });

  it("gives no document for an empty text and for comments only", () => {
    assert.deepEqual(valuesOf(""), []);
    assert.deepEqual(valuesOf("# nothing\n"), []);
  });

  it("keeps the documents around a broken one", () => {
    const { documents, problems } = parseYaml("a: 1\n---\nb: 'x\n---\nc: 3\n", "f.yaml");
    assert.equal(problems.length, 1);
    assert.ok(documents.some((document) => canonicalJson(document.value) === '{"a":1}'));
  });

  it("reads LF, CRLF and CR alike", () => {
    for (const end of ["\n", "\r\n", "\r"]) {
      const text = ["a: 1", "b:", "  - x", "  - c: |", "      z", ""].join(end);
      const { documents, problems, lineText } = parseYaml(text, "f.yaml");
      assert.deepEqual(problems, []);
      assert.deepEqual(documents[0]?.value, { a: 1, b: ["x", { c: "z\n" }] });
      assert.deepEqual(documents[0]?.positionOf(["b", 1, "c"], "key"), { line: 4, column: 5 });
      assert.equal(lineText(4), "  - c: |");
    }
  });

  it("begins with { or [ in flow notation too", () => {
    assert.deepEqual(valuesOf("{a: 1, b: [x, yes]}"), [{ a: 1, b: ["x", true] }]);
    assert.deepEqual(valuesOf("[a, 0x10]"), [["a", 16]]);
  });
});

describe("parseYaml() rare notations", () => {
  const cases: readonly (readonly [string, JsonValue])[] = [
    ["a: !!omap [x: 1]\n", { a: [{ x: 1 }] }],
    ["a: !!set {x, z}\n", { a: { x: null, z: null } }],
    ["a: !!binary |\n  aGVs\n  bG8=\n", { a: "hello" }],
    ["? |\n  x\n: b\n", { "x\n": "b" }],
    ["- &a b\n- &a c\n- *a\n", ["b", "c", "c"]],
    ["a: &x\nb: *x\n", { a: null, b: null }],
    ["%YAML 1.1\n---\na: 0o17\n", { a: 15 }],
    ["%YAML 1.2\n---\na: yes\n", { a: true }],
    ["a: 'x\n\n  z'\n", { a: "x\nz" }],
  ];
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(valuesOf(text), [expected]));
  }

  it("keeps an error that stands where no document is", () => {
    assert.equal(codesOf("a: 1\n...\n%YAML\n").length, 1);
    assert.equal(codesOf("]\n").length, 1);
  });
});

describe("parseYaml() positions", () => {
  const text = `machine:
  pods:
    - metadata: &m
        name: a   # comment
      spec: {containers: [{image: x}]}
    - metadata:
        <<: *m
        labels: {}
`;
  const { documents } = parseYaml(text, "f.yaml");
  const cases = [
    [[], "value", 1, 1],
    [["machine"], "value", 2, 3],
    [["machine"], "key", 1, 1],
    [["machine", "pods", 0], "value", 3, 7],
    [["machine", "pods", 0, "metadata", "name"], "value", 4, 15],
    [["machine", "pods", 0, "metadata", "name"], "key", 4, 9],
    [["machine", "pods", 0, "spec", "containers", 0, "image"], "value", 5, 35],
    [["machine", "pods", 1, "metadata", "name"], "value", 4, 15],
    [["machine", "pods", 0, "spec", "missing", "deeper"], "value", 5, 7],
    [["machine", "pods", 7], "value", 2, 3],
    [["nothing"], "value", 1, 1],
  ] as const;
  for (const [path, part, line, column] of cases) {
    it(`positionOf() finds the ${part} of /${path.join("/")}`, () => {
      assert.deepEqual(documents[0]?.positionOf(path, part), { line, column });
    });
  }

  it("lineText() gives empty text outside of the file", () => {
    const { lineText } = parseYaml("a: 1\n", "f.yaml");
    assert.deepEqual([lineText(0), lineText(1), lineText(2), lineText(9)], ["", "a: 1", "", ""]);
  });

  it("start is where a document's content begins", () => {
    const { documents } = parseYaml("# c\n\n---\n# d\na: 1\n", "f.yaml");
    assert.deepEqual(documents[0]?.start, { line: 5, column: 1 });
  });
});

describe("parseYaml() keys", () => {
  it("reports a key that stands twice, with both places", () => {
    const { documents, problems } = parseYaml("a: 1\nb:\n  c: 1\n  c: 2\n", "f.yaml");
    assert.deepEqual(documents, []);
    assert.equal(problems[0]?.code, "duplicate-key");
    assert.deepEqual(problems[0]?.position, { line: 4, column: 3 });
    assert.deepEqual(problems[0]?.related, { file: "f.yaml", position: { line: 3, column: 3 } });
  });

  it("takes two notations of one key for the same key", () => {
    assert.deepEqual(codesOf("1: a\n'1': b\n"), ["duplicate-key"]);
  });

  it("lets the last of them count on request, as the kubelet does", () => {
    assert.deepEqual(valuesOf("a: 1\na: 2\n", { duplicateKeys: "last" }), [{ a: 2 }]);
    assert.deepEqual(valuesOf('{"a": 1, "a": 2}', { duplicateKeys: "last" }), [{ a: 2 }]);
  });

  it("makes __proto__ a key like any other", () => {
    for (const text of ["__proto__: {a: 1}\n", '{"__proto__": {"a": 1}}']) {
      const [value] = valuesOf(text);
      assert.deepEqual(Object.keys(value as object), ["__proto__"]);
      assert.equal(Object.getPrototypeOf(value), Object.prototype);
      assert.equal(canonicalJson(value!), '{"__proto__":{"a":1}}');
      assert.equal((value as { a?: unknown }).a, undefined);
    }
  });

  it("merges mappings below the keys that stand beside the merge key", () => {
    const text = "k: &k {a: 1, b: 1}\nl: &l {b: 2, c: 2}\nm:\n  a: 0\n  <<: [*k, *l]\n";
    assert.deepEqual(valuesOf(text)[0], {
      k: { a: 1, b: 1 },
      l: { b: 2, c: 2 },
      m: { a: 0, b: 1, c: 2 },
    });
  });

  it("merges over what stands before it on request, as the kubelet's decoder does", () => {
    const text = "x: &x {a: 1}\nz:\n  a: 0\n  <<: *x\n";
    assert.deepEqual(valuesOf(text, { duplicateKeys: "last" })[0], { x: { a: 1 }, z: { a: 1 } });
  });

  it("takes a quoted << for text", () => {
    assert.deepEqual(valuesOf("'<<': 1\n"), [{ "<<": 1 }]);
  });

  it("refuses to merge what is no mapping", () => {
    assert.deepEqual(codesOf("a: {<<: 1}\n"), ["invalid-merge"]);
  });
});

describe("parseYaml() limits", () => {
  it("refuses a billion laughs at once", () => {
    const levels = "abcdefghij".split("");
    const text = levels.map((name, level) => {
      const item = level === 0 ? "lol" : `*${levels[level - 1]}`;
      return `${name}: &${name} [${Array(10).fill(item).join(", ")}]`;
    }).join("\n");
    const { documents, problems } = parseYaml(text, "f.yaml");
    assert.deepEqual(documents, []);
    assert.deepEqual(problems.map((problem) => problem.code), ["alias-bomb"]);
    assert.match(problems[0]?.message ?? "", /"\*/);
  });

  it("refuses one large text that aliases multiply", () => {
    const text = `a: &a ${"x".repeat(100_000)}\nb: [${Array(200).fill("*a").join(", ")}]\n`;
    assert.deepEqual(codesOf(text), ["alias-bomb"]);
  });

  it("refuses a small text that aliases make more than ten times as large", () => {
    const long = "x".repeat(200);
    const grown = (times: number) => `a: &a ${long}\nb: [${Array(times).fill("*a").join(", ")}]\n`;
    assert.deepEqual(codesOf(grown(5)), []);
    assert.deepEqual(codesOf(grown(60)), ["alias-bomb"]);
  });

  it("lets honest aliases through", () => {
    const text = `a: &a {x: 1}\nb: [${Array(1000).fill("*a").join(", ")}]\n`;
    assert.equal((valuesOf(text)[0] as { b: readonly unknown[] }).b.length, 1000);
  });

  it("reports an alias without anchor and one that contains itself", () => {
    assert.deepEqual(codesOf("a: *b\n"), ["unknown-alias"]);
    assert.deepEqual(codesOf("a: &a [*a]\n"), ["alias-loop"]);
  });

  for (const [name, unit] of [["[", "["], ["{a:", "{a: "], ["- ", "- "], ['{"a":', '{"a":']]) {
    it(`refuses a nesting of 20,000 ${name} without exhausting the stack`, () => {
      assert.deepEqual(codesOf(unit!.repeat(20_000)), ["too-deep"]);
    });
  }

  it("takes the depth that is allowed", () => {
    assert.deepEqual(codesOf(`${"[".repeat(100)}${"]".repeat(100)}`), []);
    assert.deepEqual(codesOf(`${"[".repeat(101)}${"]".repeat(101)}`), ["too-deep"]);
    assert.deepEqual(codesOf(`${'{"a":'.repeat(100)}1${"}".repeat(100)}`), ["too-deep"]);
    assert.deepEqual(codesOf(`${'{"a":'.repeat(99)}1${"}".repeat(99)}`), []);
  });

  it("refuses control characters by their number", () => {
    const { problems } = parseYaml('a: 1\nb: "\u001b[31m"\n', "f.yaml");
    assert.equal(problems[0]?.code, "control-character");
    assert.match(problems[0]?.message ?? "", /U\+001B/);
    assert.deepEqual(problems[0]?.position, { line: 2, column: 5 });
  });
});

describe("parseYaml() JSON", () => {
  const cases: readonly (readonly [string, string, number, RegExp])[] = [
    ["a missing comma", '{"a": 1 "b": 2}', 9, /comma or a closing brace/],
    ["a missing colon", '{"a" 1}', 6, /colon is wanted after the key "a"/],
    ["a string that is not closed", '{"a": "x\n}', 7, /not closed/],
    ["an unknown escape", '{"a": "\\q"}', 8, /no JSON escape/],
    ["a number with a leading zero", '{"a": 01}', 7, /"01" is no JSON number/],
    ["an unknown word", '{"a": True}', 7, /"True" is no JSON value/],
    ["a trailing comma", '{"a": 1,}', 9, /comma stands before/],
    ["a trailing comma in a list", '{"a": [1,]}', 10, /comma stands before/],
    ["single quotes", "{'a': 1}", 2, /single quotes/],
    ["a comment", '{"a": 1 // x\n}', 9, /no comments/],
    ["text behind it", '{"a": 1} x', 10, /Nothing is wanted/],
    ["a file that is cut off", '{"a": [1, {"b": ', 17, /found the end of the file/],
    ["a number out of range", '{"a": 1e400}', 12, /too large/],
  ];
  for (const [name, text, column, message] of cases) {
    it(`names ${name}`, () => {
      const { documents, problems } = parseYaml(text, "f.json", { duplicateKeys: "last" });
      assert.deepEqual(documents, []);
      assert.match(problems[0]?.message ?? "", message);
      assert.deepEqual(problems[0]?.position, { line: 1, column });
    });
  }

  it("reports a key that stands twice", () => {
    const { problems } = parseYaml('{"a": 1,\n "a": 2}', "f.json");
    assert.deepEqual(problems.map((problem) => problem.code), ["duplicate-key"]);
    assert.deepEqual(problems[0]?.position, { line: 2, column: 2 });
  });

  it("keeps integers of 64 bits", () => {
    assert.deepEqual(valuesOf('{"a": 9223372036854775807, "b": 18446744073709551616}'), [
      { a: 9223372036854775807n, b: 18446744073709552000 },
    ]);
  });

  it("is read from several documents too", () => {
    assert.deepEqual(valuesOf('{"a": 1}\n---\n{"b": 2}\n'), [{ a: 1 }, { b: 2 }]);
  });
});

const json = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value === 0 ? 0 : value),
    // Without the characters that YAML itself does not allow.
    fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\p{Cc}\ufffe\uffff\ufeff]/gu, "")),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(fc.string({ maxLength: 8 }), tie("value")), { maxLength: 4 })
      .map((members) => Object.fromEntries(members)),
  ),
})).value;

describe("parseYaml() properties", () => {
  it("reads back any JSON", () => {
    fc.assert(fc.property(json, fc.nat(2), (value, indent) => {
      const text = JSON.stringify({ value }, undefined, indent);
      const { documents, problems } = parseYaml(text, "f.json");
      assert.deepEqual(problems, []);
      assert.equal(canonicalJson(documents[0]!.value), canonicalJson({ value }));
    }));
  });

  it("reads back any JSON written as YAML 1.1", () => {
    fc.assert(fc.property(json, (value) => {
      const text = stringify({ value }, { version: "1.1", aliasDuplicateObjects: false });
      const { documents, problems } = parseYaml(text, "f.yaml");
      assert.deepEqual(problems, [], text);
      assert.equal(canonicalJson(documents[0]!.value), canonicalJson({ value }), text);
    }));
  });

  it("never throws, whatever the text", () => {
    const piece = fc.constantFrom(
      ..."a: 1|\n|  |- |{|}|[|]|'|\"|&x |*x|<<: |? |: |#|\t|!!int |%|---\n|>\n|\\|é|,".split("|"),
      "|",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const { problems, lineText } = parseYaml(pieces.join(""), "f.yaml");
        for (const problem of problems) {
          assert.equal(typeof problem.message, "string");
          assert.ok(!problem.message.endsWith("."), problem.message);
          assert.equal(problem.sourceLine, lineText(problem.position?.line ?? 0));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("parseYaml() of a text with very many problems", () => {
  const broken = "---\na: 1\nb: [\n";

  it("tells the first hundred, and that it read no further", () => {
    const { problems, documents } = parseYaml(broken.repeat(200_000), "f.yaml");
    assert.equal(documents.length, 0);
    assert.equal(problems.length, 101);
    assert.equal(problems.at(-1)?.code, "too-many-problems");
    assert.match(problems.at(-1)?.message ?? "", /the rest of it is not read/);
  });

  it("tells so many of one document too", () => {
    const pairs = "a: 1\n".repeat(1_000);
    assert.ok(parseYaml(pairs, "f.yaml").problems.length <= 101);
    const members = `{${'"a":1,'.repeat(1_000)}"b":1}`;
    assert.ok(parseYaml(members, "f.json").problems.length <= 101);
  });

  it("tells all of fewer", () => {
    const { problems } = parseYaml(broken.repeat(99), "f.yaml");
    assert.equal(problems.length, 99);
    assert.ok(!problems.some(({ code }) => code === "too-many-problems"));
  });
});
