import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { parsePodFile } from "../../mod/config/mod.ts";
import { declareObjects, type NodeObject } from "../../mod/pods/mod.ts";

const declare = (text: string, before?: ReadonlyMap<string, NodeObject>) =>
  declareObjects(parsePodFile(text, "f.yaml").objects, before);

/** `line:column code: message` of each problem. */
const said = (text: string) =>
  declare(text).problems.map(({ position, code, message }) =>
    `${position?.line}:${position?.column} ${code}: ${message}`
  );

const configMap = (body: string, name = "app") =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n${body}\n`;
const secret = (body: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n${body}\n`;
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("declareObjects()", () => {
  it("takes text and bytes, also from a List", () => {
    const { objects, problems } = declare(
      "apiVersion: v1\nkind: List\nitems:\n" +
        "- {kind: ConfigMap, apiVersion: v1, metadata: {name: app, namespace: ns}, data: {a: x}, " +
        "binaryData: {b: aGk=}}\n" +
        "- {kind: Secret, apiVersion: v1, metadata: {name: s}, data: {k: b2xk, l: bA==}, " +
        "stringData: {k: new}}\n",
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(objects.map(({ object }) => object), [
      {
        ...{ kind: "ConfigMap", namespace: "ns", name: "app", immutable: false },
        ...{ text: { a: "x" }, binary: { b: "aGk=" } },
      },
      {
        ...{ kind: "Secret", namespace: "default", name: "s", immutable: false, type: "Opaque" },
        ...{ text: {}, binary: { k: base64("new"), l: "bA==" } },
      },
    ]);
  });

  it("says what is wrong, with line and column", () => {
    assert.deepEqual(said(configMap("data: {port: 80, a/b: x, ..: x}\ndat: {}\nimmutable: 1")), [
      '5:1 unknown-key: Unknown key "dat" in the ConfigMap',
      '4:18 invalid-key: The key "a/b" in "data" is not accepted',
      '4:26 invalid-key: The key ".." in "data" is not accepted',
      "4:14 invalid-value: data.port is not a string",
      '6:12 invalid-value: "immutable" of the ConfigMap is not a boolean',
    ]);
    assert.deepEqual(said(configMap("data: {a: x}\nbinaryData: {a: aGk=, b: a===}")), [
      "5:26 invalid-base64: binaryData.b is not base64",
      '5:14 duplicate-key: The key "a" is in "data" and in "binaryData"',
    ]);
    assert.match(said(configMap("data: {}", "Not_a_name")).join(), /^3:18 invalid-value/);
    assert.match(said("apiVersion: v1\nkind: Secret\ndata: {}\n").join(), /object-without-name/);
    const large = said(configMap(`data: {a: ${"x".repeat(1024 * 1024 + 1)}}`)).join();
    assert.match(large, /object-too-large: .* 1048577 bytes/);
  });

  it("shows no line of a Secret", () => {
    const { problems } = declare(secret("data: {password: hunter2}\nstringData: {a/b: hunter2}"));
    assert.equal(problems.length, 2);
    assert.doesNotMatch(JSON.stringify(problems), /hunter2/);
  });

  for (
    const [type, good, bad] of [
      ["kubernetes.io/tls", "{tls.crt: a, tls.key: b}", "{tls.crt: a}"],
      ["kubernetes.io/basic-auth", "{username: a}", "{user: a}"],
      ["kubernetes.io/ssh-auth", "{ssh-privatekey: a}", '{ssh-privatekey: ""}'],
      ["kubernetes.io/dockerconfigjson", "{.dockerconfigjson: '{}'}", "{.dockerconfigjson: x}"],
      ["kubernetes.io/dockercfg", "{.dockercfg: '{}'}", "{}"],
    ] as const
  ) {
    it(`holds a Secret to its type ${type}`, () => {
      assert.deepEqual(said(secret(`type: ${type}\nstringData: ${good}`)), []);
      assert.match(said(secret(`type: ${type}\nstringData: ${bad}`)).join(), /^4:7 secret-type/);
    });
  }

  it("keeps the first of two, and names both places", () => {
    const { objects, problems } = declare(
      `${configMap("data: {a: first}")}---\n${configMap("data: {a: second}")}`,
    );
    assert.equal(objects[0]?.object.text["a"], "first");
    assert.deepEqual(problems.map(({ code, related }) => [code, related?.position?.line]), [
      ["duplicate-object", 1],
    ]);
  });

  it("refuses another content, or mutability, under an immutable name", () => {
    const text = (value: string, more: string) => configMap(`data: {a: ${value}}\n${more}`);
    const [first] = declare(text("x", "immutable: true")).objects;
    assert.ok(first);
    const before = new Map([["ConfigMap default/app", first.object]]);
    assert.deepEqual(declare(text("x", "immutable: true"), before).problems, []);
    for (const changed of [text("other", "immutable: true"), text("x", "")]) {
      const { problems, refused } = declare(changed, before);
      assert.equal(problems[0]?.code, "immutable-object");
      assert.deepEqual([...refused], ["ConfigMap default/app"]);
    }
  });
});
