import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { judgeBody } from "../../mod/pods/body.ts";

const POD = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},' +
  '"spec":{"containers":[{"name":"app","image":"app:1"}]}}';
const LIST = `{"apiVersion":"v1","kind":"PodList","items":[${POD},${POD.replace("web", "api")}]}`;
const YAML = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: app, image: "app:1"}]
`;

function judged(body: string | Uint8Array): string {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const { mode, errors, pods } = judgeBody(bytes, { nodeName: "node-1" });
  const names = pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  return [mode, ...names, ...errors.map(({ field, type }) => `${field} ${type}`)].join(" ").trim();
}

const CASES: readonly (readonly [name: string, body: string | Uint8Array, verdict: string])[] = [
  ["a pod", POD, "pod default/web-node-1"],
  ["a pod as YAML", YAML, "pod default/web-node-1"],
  ["a list", LIST, "list default/web-node-1 default/api-node-1"],
  ["an empty list", '{"apiVersion":"v1","kind":"PodList","items":[]}', "list"],
  ["a list that is null", '{"apiVersion":"v1","kind":"PodList","items":null}', "list"],
  [
    "items of another kind",
    LIST.replaceAll('"Pod"', '"Service"'),
    "list default/web-node-1 default/api-node-1",
  ],
  [
    "one bad item of a list",
    LIST.replace('"api"', '"Api"'),
    "list items[1].metadata.name Invalid value",
  ],
  ["one nameless item", LIST.replace('"api"', '""'), "list items[1].metadata.name Required value"],
  ["kind in another case", POD.replace('"kind"', '"Kind"'), "pod default/web-node-1"],
  ["a kind in another case", POD.replace('"Pod"', '"pod"'), "none  Decode"],
  ["no kind", POD.replace('"kind":"Pod",', ""), "none  Decode"],
  ["no apiVersion", POD.replace('"apiVersion":"v1",', ""), "none  Decode"],
  ["another apiVersion", POD.replace('"v1"', '"v2"'), "none  Decode"],
  ["a List", LIST.replace("PodList", "List"), "none  Decode"],
  ["a Service", POD.replace('"Pod"', '"Service"'), "none  Decode"],
  ["nothing", "", "none  Decode"],
  ["a comment", "# nothing\n", "none  Decode"],
  ["a list of pods without its kind", `[${POD}]`, "none  Decode"],
  ["more after the JSON", `${POD}x`, "none  Decode"],
  ["a second document that is broken", `${YAML}---\n{[`, "pod default/web-node-1"],
  ["a first document that is empty", `---\n---\n${YAML}`, "none  Decode"],
  ["a fraction for an integer", grace("5.0"), "none  Decode"],
  ["an exponent for an integer", grace("5e0"), "none  Decode"],
  ["an integer", grace("5"), "pod default/web-node-1"],
  ["a fraction in YAML", `${YAML}  terminationGracePeriodSeconds: 5.0\n`, "pod default/web-node-1"],
  [
    "one key twice",
    POD.replace('"name":"web"', '"name":"a","name":"web"'),
    "pod default/web-node-1",
  ],
  [
    "one key twice, the first wrong",
    POD.replace('"name":"web"', '"name":1,"name":"web"'),
    "none metadata.name Decode",
  ],
  [
    "bytes that are no UTF-8 in JSON",
    latin1(POD.replace('"app:1"', '"app:1","args":["é"]')),
    "pod default/web-node-1",
  ],
  ["bytes that are no UTF-8 in YAML", latin1(YAML.replace("app:1", "é")), "none  Decode"],
  ["UTF-16", new Uint8Array(Buffer.from(`\ufeff${YAML}`, "utf16le")), "pod default/web-node-1"],
];

function grace(seconds: string): string {
  return POD.replace('"containers"', `"terminationGracePeriodSeconds": ${seconds},"containers"`);
}

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

describe("judgeBody()", () => {
  for (const [name, body, verdict] of CASES) {
    it(`reads ${name}`, () => assert.equal(judged(body), verdict));
  }
});
