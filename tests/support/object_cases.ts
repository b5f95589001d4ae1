/** ConfigMaps and Secrets at the border of what an API server takes. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../mod/core/mod.ts";

/** One of them; what an API server said of it is in `fixtures/objects/judged.json`. */
export interface ObjectCase {
  readonly about: string;
  readonly object: JsonObject;
}

/** The most that the values of one object may have together, in bytes. */
const MOST = 1024 * 1024;

/** All of them; each has its name. */
export function objectCases(): readonly ObjectCase[] {
  return [...configMaps(), ...secrets(), ...types()].map(({ about, object }, at) => ({
    about,
    object: { ...object, metadata: { name: `case-${at}`, ...metadataOf(object) } },
  }));
}

function configMaps(): readonly ObjectCase[] {
  const key = (text: string) => configMap(`key ${JSON.stringify(text)}`, { data: { [text]: "a" } });
  return [
    configMap("nothing", {}),
    configMap("no data: null", { data: null }),
    ...[
      "a",
      ".",
      "..",
      "...",
      "..a",
      ".a",
      "a..b",
      "a.",
      "-",
      "_",
      "A-b_c.9",
      "",
      " ",
      "a b",
      "a/b",
    ]
      .map(key),
    ...["ä", "a\n", "a:b", "a\\b", "__proto__", "constructor", "~", "%", "a,b", "$(A)"].map(key),
    ...[253, 254].map((length) =>
      configMap(`key of ${length}`, { data: { ["k".repeat(length)]: "" } })
    ),
    ...[MOST, MOST + 1].map((length) =>
      configMap(`text of ${length}`, { data: { a: "x".repeat(length) } })
    ),
    ...[MOST, MOST + 1].map((length) =>
      configMap(`bytes of ${length}`, { binaryData: { a: base64("x".repeat(length)) } })
    ),
    configMap("two keys of 1 MiB together", {
      data: { a: "x".repeat(MOST / 2) },
      binaryData: { b: base64("x".repeat(MOST / 2)) },
    }),
    configMap("two keys of more", {
      data: { a: "x".repeat(MOST / 2) },
      binaryData: { b: base64("x".repeat(MOST / 2 + 1)) },
    }),
    configMap("a long key with 1 MiB", { data: { ["k".repeat(253)]: "x".repeat(MOST) } }),
    configMap("1 MiB of two bytes each", { data: { a: "ä".repeat(MOST / 2) } }),
    configMap("one key twice", { data: { a: "x" }, binaryData: { a: "eA==" } }),
    configMap("a number", { data: { a: 1 } }),
    configMap("a boolean", { data: { a: true } }),
    configMap("null as text", { data: { a: null } }),
    configMap("a mapping", { data: { a: { b: "c" } } }),
    configMap("a list of data", { data: ["a"] }),
    configMap("a text with NUL", { data: { a: "x\0y" } }),
    configMap("binaryData that is no base64", { binaryData: { a: "***" } }),
    configMap("binaryData without padding", { binaryData: { a: "eA" } }),
    configMap("binaryData with a line break", { binaryData: { a: "eHh4\neHh4\n" } }),
    configMap("binaryData with a blank", { binaryData: { a: "eHh4 eHh4" } }),
    configMap("binaryData for URLs", { binaryData: { a: "_-8=" } }),
    configMap("binaryData with loose bits", { binaryData: { a: "eB==" } }),
    configMap("binaryData of null", { binaryData: { a: null } }),
    configMap("binaryData of nothing", { binaryData: { a: "" } }),
    configMap("immutable", { immutable: true }),
    configMap("immutable as text", { immutable: "true" }),
    configMap("immutable: null", { immutable: null }),
    configMap("an unknown field", { spec: {} }),
    configMap("stringData", { stringData: { a: "x" } }),
    ...["a.b", "A", "a_b", "-a", "a-", "a".repeat(253), "a".repeat(254), "a..b", "9"].map((name) =>
      configMap(`name of ${name.length}: ${name.slice(0, 5)}`, { metadata: { name } })
    ),
    configMap("a label", { metadata: { labels: { a: "b" } } }),
    configMap("a label with a blank", { metadata: { labels: { a: "b c" } } }),
    configMap("a label that is a number", { metadata: { labels: { a: 1 } } }),
    configMap("an annotation with any text", { metadata: { annotations: { a: "b c\n" } } }),
    configMap("an annotation with a bad key", { metadata: { annotations: { "a b": "" } } }),
    configMap("an annotation that is a number", { metadata: { annotations: { a: 1 } } }),
  ];
}

function secrets(): readonly ObjectCase[] {
  return [
    secret("nothing", {}),
    secret("data", { data: { a: "eA==" } }),
    secret("data that is text", { data: { a: "hunter2!" } }),
    secret("data of null", { data: { a: null } }),
    secret("data of a number", { data: { a: 12 } }),
    secret("data and stringData of one key", { data: { a: "eA==" }, stringData: { a: "y" } }),
    secret("stringData of a number", { stringData: { a: 12 } }),
    secret("stringData of null", { stringData: { a: null } }),
    secret("a key with a blank", { stringData: { "a b": "x" } }),
    secret("1 MiB", { stringData: { a: "x".repeat(MOST) } }),
    secret("more", { stringData: { a: "x".repeat(MOST + 1) } }),
    secret("bytes", { data: { a: "/wD+" } }),
    secret("binaryData", { binaryData: { a: "eA==" } }),
  ];
}

function types(): readonly ObjectCase[] {
  const of = (type: string, stringData: JsonValue, words: string) =>
    secret(`type ${type} ${words}`, { type, stringData });
  const login = { auths: {} };
  return [
    of("Opaque", { a: "x" }, "with a key"),
    of("", { a: "x" }, "that is empty"),
    of("example.com/own type", { a: "x" }, "with a blank"),
    secret("type 12", { type: 12 }),
    of("kubernetes.io/tls", { "tls.crt": "c", "tls.key": "k" }, "with both"),
    of("kubernetes.io/tls", { "tls.crt": "", "tls.key": "" }, "with both empty"),
    of("kubernetes.io/tls", { "tls.crt": "c" }, "without a key"),
    of("kubernetes.io/basic-auth", { username: "u" }, "with a user"),
    of("kubernetes.io/basic-auth", { password: "p" }, "with a password"),
    of("kubernetes.io/basic-auth", { username: "" }, "with an empty user"),
    of("kubernetes.io/basic-auth", { a: "p" }, "with neither"),
    of("kubernetes.io/ssh-auth", { "ssh-privatekey": "k" }, "with a key"),
    of("kubernetes.io/ssh-auth", { "ssh-privatekey": "" }, "with an empty key"),
    of("kubernetes.io/ssh-auth", {}, "without"),
    ...["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"].flatMap((type) => {
      const key = type === "kubernetes.io/dockercfg" ? ".dockercfg" : ".dockerconfigjson";
      return [
        of(type, { [key]: JSON.stringify(login) }, "with a login"),
        of(type, { [key]: "{}" }, "with {}"),
        of(type, { [key]: "[]" }, "with a list"),
        of(type, { [key]: "null" }, "with null"),
        of(type, { [key]: '"a"' }, "with a text"),
        of(type, { [key]: "" }, "with nothing"),
        of(type, { [key]: "{" }, "that is no JSON"),
        of(type, { [key]: "{} {}" }, "with two"),
        of(type, { config: "{}" }, "under another key"),
      ];
    }),
    of("kubernetes.io/service-account-token", { token: "t" }, "without its account"),
    of("bootstrap.kubernetes.io/token", { a: "x" }, "with anything"),
  ];
}

function configMap(about: string, fields: JsonObject): ObjectCase {
  return {
    about: `ConfigMap: ${about}`,
    object: { apiVersion: "v1", kind: "ConfigMap", ...fields },
  };
}

function secret(about: string, fields: JsonObject): ObjectCase {
  return { about: `Secret: ${about}`, object: { apiVersion: "v1", kind: "Secret", ...fields } };
}

function metadataOf({ metadata }: JsonObject): JsonObject {
  return metadata !== undefined && isJsonObject(metadata) ? metadata : {};
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
