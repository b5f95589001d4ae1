import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { redactedConfig, Redactor } from "../../mod/bundle/mod.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("Redactor.document()", () => {
  const redacted = (value: unknown) =>
    new Redactor().document(JSON.parse(JSON.stringify(value))) as Record<string, unknown>;

  it("leaves the sizes of a Secret's and a ConfigMap's values", () => {
    assert.deepEqual(
      redacted({ kind: "Secret", data: { a: base64("canary") }, stringData: { b: "canary2" } }),
      { kind: "Secret", data: { a: "(hidden, 6 bytes)" }, stringData: { b: "(hidden, 7 bytes)" } },
    );
    assert.deepEqual(redacted({ kind: "ConfigMap", data: { a: "canary" } }), {
      kind: "ConfigMap",
      data: { a: "(hidden, 6 bytes)" },
    });
  });

  it("keeps sealed values", () => {
    const sealed = "-----BEGIN AGE ENCRYPTED FILE-----\nYWJj\n-----END AGE ENCRYPTED FILE-----\n";
    const secret = { kind: "Secret", data: { a: base64(sealed) }, stringData: { b: sealed } };
    assert.deepEqual(redacted(secret), secret);
  });

  it("takes the values out of resources, environments, headers and keys of secrets", () => {
    const cases: readonly (readonly [unknown, unknown])[] = [
      [
        { metadata: { type: "secrets" }, spec: { data: { a: base64("canary") } } },
        {
          metadata: { type: "secrets" },
          spec: { data: { a: "(hidden, 6 bytes)" }, kind: "Secret" },
        },
      ],
      [{ env: [{ name: "A", value: "x" }] }, { env: [{ name: "A", value: "(hidden)" }] }],
      [{ env: { A: "x" } }, { env: { A: "(hidden, 1 bytes)" } }],
      [
        { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "db", key: "pw" } } }] },
        { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "db", key: "pw" } } }] },
      ],
      [
        { httpHeaders: [{ name: "X-Key", value: "canary" }] },
        { httpHeaders: [{ name: "X-Key", value: "(hidden)" }] },
      ],
      [{ adminPassword: "canary" }, { adminPassword: "(hidden)" }],
      [
        { tokenFile: "/etc/token", secretName: "db" },
        { tokenFile: "/etc/token", secretName: "db" },
      ],
      [{ key: base64("-----BEGIN EC PRIVATE KEY-----\nx") }, { key: "(hidden)" }],
      [{ sourceLine: "password: canary", line: 1 }, { line: 1 }],
    ];
    for (const [value, wanted] of cases) assert.deepEqual(redacted(value), wanted);
  });
});

describe("Redactor.text()", () => {
  it("takes out what it has learned, in base64 and line by line too", () => {
    const redactor = new Redactor();
    redactor.document({
      kind: "Secret",
      stringData: { a: 'first "line"\nsecond line', b: "canary-1", c: "abcd" },
      data: { login: base64('{"auths":{"r":{"password":"of-the-registry"}}}') },
    });
    for (
      const text of [
        'x first "line" y',
        'x first \\"line\\" y',
        "x second line y",
        "x canary-1 y",
        `x ${base64("canary-1")} y`,
        "x of-the-registry y",
      ]
    ) assert.match(redactor.text(text), /^x \(hidden\)[\w=]{0,3} y$/, text);
    // Too short to be looked for.
    assert.equal(redactor.text("x abcd y"), "x abcd y");
  });

  it("takes out what looks like a secret, and leaves what names one", () => {
    const cases: readonly (readonly [string, string])[] = [
      ["--password=hunter2 -v", "--password=(hidden) -v"],
      ["Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer (hidden)"],
      ["postgres://app:pw@db/x", "postgres://app:(hidden)@db/x"],
      [`"token": "abc", "a": 1`, `"token": "(hidden)", "a": 1`],
      ["    12 |   pw: canary", "    12 | (hidden)"],
      [
        "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nx",
        "(hidden)\nx",
      ],
      ["AGE-SECRET-KEY-1QQQ x", "(hidden) x"],
      ["--token-file=/etc/t secretName: db", "--token-file=/etc/t secretName: db"],
      ["no such secret: db", "no such secret: db"],
    ];
    for (const [text, wanted] of cases) assert.equal(new Redactor().text(text), wanted);
  });
});

describe("Redactor.output()", () => {
  it("redacts text, and lines that are JSON as documents", () => {
    assert.equal(
      new Redactor().output('{"password":"x"}\n[info] plain\n{"a":1}\n'),
      '{"password":"(hidden)"}\n[info] plain\n{"a":1}\n',
    );
  });
});

describe("Redactor.jsonOutput()", () => {
  const redacted = (text: string) => new Redactor().jsonOutput(text);

  it("redacts one document, or one on each line", () => {
    const document = { env: [{ name: "A", value: "x" }] };
    assert.deepEqual(JSON.parse(redacted(JSON.stringify(document, null, 2))), {
      env: [{ name: "A", value: "(hidden)" }],
    });
    assert.equal(redacted('{"token":"x"}\n{"a":1}\n'), '{"token":"(hidden)"}\n{"a":1}\n');
  });

  it("leaves nothing of a document that was cut short", () => {
    const text = JSON.stringify({ env: [{ name: "A", value: "canary" }] }, null, 2);
    for (let length = 2; length < text.length; length += 1) {
      assert.doesNotMatch(redacted(text.slice(0, length)), /canary/, text.slice(0, length));
    }
    assert.equal(redacted('{"a":1}\n{"env":[{"name":"A","value":"canary"'), '{"a":1}\n');
  });
});

describe("redactedConfig()", () => {
  it("writes every document without comments and secrets", () => {
    const text = "# canary\na: 1\n---\nkind: Secret\nstringData: {x: canary} # canary\n";
    const written = redactedConfig(text, "c.yaml", new Redactor());
    assert.doesNotMatch(written, /canary/);
    assert.match(written, /^a: 1$/m);
    assert.match(written, /x: \(hidden, 6 bytes\)/);
  });

  it("leaves the keys of a file that is broken, and learns its secrets", () => {
    const redactor = new Redactor();
    const text = [
      "machine:\n  pods: [\n  image: nginx:1.27",
      `---\nkind: Secret\nmetadata: {name: db}\nstringData:\n  x: "canary\n  y: ${
        base64("canary2")
      }`,
    ].join("\n");
    const written = redactedConfig(text, "c.yaml", redactor);
    assert.doesNotMatch(written, /canary|nginx/);
    assert.match(written, /^ {2}image: \(hidden\)$/m);
    assert.equal(redactor.text("nginx:1.27 canary2"), "nginx:1.27 (hidden)");
  });
});
