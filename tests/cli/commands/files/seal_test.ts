import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cli } from "../../../../mod/cli/mod.ts";
import { parsePodFile } from "../../../../mod/config/mod.ts";
import { declareObjects, valueOf } from "../../../../mod/pods/mod.ts";
import { makeKeyPair, openValue } from "../../../../mod/secrets/mod.ts";
import { makeTempDir } from "../../../support/temp_dir.ts";
import { textWorld } from "../../../support/world.ts";

async function seal(args: readonly string[], stdin = "") {
  const world = textWorld({ stdin });
  const code = await cli(["seal", ...args], world);
  return { code, ...world.written };
}

/** What is in the Secrets of a text, opened with an identity. */
async function opened(text: string, identity: string): Promise<Record<string, string>> {
  const { objects, problems } = declareObjects(parsePodFile(text, "x.yaml").objects);
  assert.deepEqual(problems, []);
  const found: Record<string, string> = {};
  for (const { object } of objects.filter(({ object }) => object.kind === "Secret")) {
    for (const key of Object.keys(object.binary)) {
      const armored = Buffer.from(valueOf(object, key) ?? "", "base64").toString();
      const result = await openValue(armored, [identity]);
      found[`${object.name}.${key}`] = "value" in result
        ? new TextDecoder().decode(result.value)
        : result.fault;
    }
  }
  return found;
}

const HEAD = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";

const TEXTS: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  [
    "block values, with comments",
    `# ours\n${HEAD}stringData:\n  a: one # first\n  b: |\n    two\n    lines\n  'c.d': "x"\n`,
    { "s.a": "one", "s.b": "two\nlines\n", "s.c.d": "x" },
  ],
  [
    "a Secret beside a Deployment",
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w}\n---\n${HEAD}stringData: {a: one}\n`,
    { "s.a": "one" },
  ],
  ["values in braces", `${HEAD}stringData: {a: one, b: 'two'} # z\n`, {
    "s.a": "one",
    "s.b": "two",
  }],
  ["data in base64", `${HEAD}data:\n  a: b25l\n  b: |\n    dHdv\n`, { "s.a": "one", "s.b": "two" }],
  [
    "a JSON file",
    '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"a":"one"}}\n',
    { "s.a": "one" },
  ],
  [
    "a List, and a ConfigMap beside it",
    "apiVersion: v1\nkind: List\nitems:\n" +
    "  - {apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: plain}}\n" +
    "  - apiVersion: v1\n    kind: Secret\n    metadata: {name: s}\n    stringData:\n      a: one\n",
    { "s.a": "one" },
  ],
  [
    "one of several documents",
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: plain}\n---\n${HEAD}stringData:\n  a: one\n`,
    { "s.a": "one" },
  ],
];

describe("seal", () => {
  for (const [what, text, values] of TEXTS) {
    it(`seals ${what}, and nothing else`, async () => {
      const { identity, recipient } = await makeKeyPair();
      const { code, stdout, stderr } = await seal(["-r", recipient, "-"], text);
      assert.equal(code, 0, stderr);
      assert.deepEqual(await opened(stdout, identity), values);
      for (const value of Object.values(values)) {
        for (const plain of [value, btoa(value)]) assert.ok(!stdout.includes(`: ${plain}`), stdout);
      }
      const kept = ["# ours", "# first", "# z", "{a: plain}"].filter((one) => text.includes(one));
      for (const one of kept) assert.ok(stdout.includes(one), stdout);
      const again = await seal(["-r", recipient, "-"], stdout);
      assert.equal(again.stdout, stdout, "what is sealed stays");
      assert.match(again.stderr, /standard input: there is nothing to seal/);
    });
  }

  it("writes a file in its place, with its rights, behind a link", async () => {
    await using temp = await makeTempDir("seal");
    const [file, link] = [join(temp.path, "s.yaml"), join(temp.path, "link.yaml")];
    await writeFile(file, `${HEAD}stringData: {a: one}\n`, { mode: 0o640 });
    await symlink(file, link);
    const { identity, recipient } = await makeKeyPair();
    const { code, stdout, stderr } = await seal(["-r", recipient, link]);
    assert.equal(code, 0, stderr);
    assert.deepEqual([stdout, stderr], ["", `${link}: sealed a of Secret default/s\n`]);
    assert.deepEqual(await opened(await readFile(file, "utf8"), identity), { "s.a": "one" });
    assert.equal((await stat(file)).mode & 0o777, 0o640);
  });

  it("makes an identity once, and seals for it without -r", async () => {
    await using temp = await makeTempDir("seal");
    const file = join(temp.path, "identity");
    const made = await seal(["--init", "--identity", file]);
    assert.equal(made.code, 0, made.stderr);
    assert.equal((await stat(file)).mode & 0o777, 0o400);
    const shown = await seal(["--show-recipient", "--identity", file]);
    assert.equal(shown.stdout, made.stdout);
    const twice = await seal(["--init", "--identity", file]);
    assert.equal(twice.code, 1);
    assert.match(twice.stderr, /Cannot make the identity ".*": there is one already/);
    const sealed = await seal(["--identity", file, "-"], `${HEAD}stringData: {a: one}\n`);
    const identity = (await readFile(file, "utf8")).trim().split("\n").at(-1) ?? "";
    assert.deepEqual(await opened(sealed.stdout, identity), { "s.a": "one" });

    const other = await makeKeyPair();
    const rotated = await seal(
      ["--rotate", "--identity", file, "-r", other.recipient, "-"],
      sealed.stdout,
    );
    assert.deepEqual(await opened(rotated.stdout, other.identity), { "s.a": "one" });
    const wrong = await seal(["--rotate", "--identity", file, "-"], rotated.stdout);
    assert.equal(wrong.code, 78);
    assert.equal(wrong.stdout, "");
    assert.match(
      wrong.stderr,
      /Cannot open a of Secret default\/s in "-": it is sealed for another/,
    );
  });

  const WRONG: readonly (readonly [string, readonly string[], string, number, RegExp])[] = [
    ["no file", [], "", 64, /There is no file to seal/],
    [
      "no recipient",
      ["--identity", "/nonexistent", "-"],
      HEAD,
      64,
      /There is no recipient.*no such/,
    ],
    [
      "a recipient that is none",
      ["-r", "age1x", "-"],
      `${HEAD}stringData: {a: x}`,
      64,
      /"age1x" is not/,
    ],
    ["a text that is no YAML", ["-r", "age1x", "-"], "kind: [", 78, /Cannot seal "-"/],
    ["--init with a file", ["--init", "x.yaml"], "", 64, /--init goes with --identity alone/],
    [
      "a file that is not there",
      ["-r", "age1x", "/nonexistent.yaml"],
      "",
      78,
      /There is no such file/,
    ],
  ];
  for (const [what, args, stdin, expected, message] of WRONG) {
    it(`refuses ${what}`, async () => {
      const { code, stdout, stderr } = await seal(args, stdin);
      assert.match(stderr, message);
      assert.equal(code, expected);
      assert.equal(stdout, "");
    });
  }
});
