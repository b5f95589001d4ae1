/** Patches of pods, as kubectl makes them, and the diff that shows what they do. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../mod/core/mod.ts";
import { unifiedDiff } from "../../mod/change/diff/unified_diff.ts";
import { jsonPatch } from "../../mod/change/patch/json_patch.ts";
import { strategicMerge } from "../../mod/change/patch/strategic_merge.ts";

const POD: JsonObject = {
  metadata: { name: "web", labels: { a: "1", b: "2" }, finalizers: ["x"] },
  spec: {
    containers: [
      {
        name: "c",
        image: "nginx:1",
        args: ["a"],
        env: [{ name: "X", value: "1" }],
        ports: [{ containerPort: 80, name: "http" }],
      },
      { name: "d", image: "busybox" },
    ],
    tolerations: [{ key: "a" }, { key: "b" }],
    volumes: [{ name: "v", emptyDir: {} }],
  },
};

const spec = (of: JsonObject) => POD.spec as JsonObject && { ...POD.spec as JsonObject, ...of };
const [c, d] = (POD.spec as JsonObject).containers as readonly [JsonObject, JsonObject];

/** What is patched, how, and what comes of it; the whole `spec` unless it says `metadata`. */
const MERGES: readonly {
  readonly it: string;
  readonly patch: JsonObject;
  readonly metadata?: JsonObject;
  readonly spec?: JsonObject;
}[] = [
  {
    it: "merges containers by name, and keeps the others",
    patch: { spec: { containers: [{ name: "c", image: "nginx:2" }] } },
    spec: spec({ containers: [{ ...c, image: "nginx:2" }, d] }),
  },
  {
    it: "adds a container that has a new name",
    patch: { spec: { containers: [{ name: "e", image: "x" }] } },
    spec: spec({ containers: [c, d, { name: "e", image: "x" }] }),
  },
  {
    it: "takes a container out by $patch: delete",
    patch: { spec: { containers: [{ name: "c", $patch: "delete" }] } },
    spec: spec({ containers: [d] }),
  },
  {
    it: "replaces a list by $patch: replace",
    patch: { spec: { containers: [{ $patch: "replace" }, { name: "e" }] } },
    spec: spec({ containers: [{ name: "e" }] }),
  },
  {
    it: "merges env by name and ports by containerPort, inside a merged container",
    patch: {
      spec: {
        containers: [{
          name: "c",
          env: [{ name: "Y", value: "2" }],
          ports: [{ containerPort: 80, hostPort: 80 }],
        }],
      },
    },
    spec: spec({
      containers: [{
        ...c,
        env: [{ name: "X", value: "1" }, { name: "Y", value: "2" }],
        ports: [{ containerPort: 80, name: "http", hostPort: 80 }],
      }, d],
    }),
  },
  {
    it: "replaces lists that are atomic, such as args and tolerations",
    patch: { spec: { containers: [{ name: "c", args: [] }], tolerations: [{ key: "z" }] } },
    spec: spec({ containers: [{ ...c, args: [] }, d], tolerations: [{ key: "z" }] }),
  },
  {
    it: "takes members out by null, and adds others",
    patch: { metadata: { labels: { a: null, c: "3" } } },
    metadata: { name: "web", labels: { b: "2", c: "3" }, finalizers: ["x"] },
  },
  {
    it: "adds to finalizers, and takes out by $deleteFromPrimitiveList",
    patch: { metadata: { finalizers: ["y"], "$deleteFromPrimitiveList/finalizers": ["x"] } },
    metadata: { name: "web", labels: { a: "1", b: "2" }, finalizers: ["y"] },
  },
  {
    it: "keeps of a volume what $retainKeys names",
    patch: {
      spec: {
        volumes: [{ name: "v", $retainKeys: ["name", "hostPath"], hostPath: { path: "/" } }],
      },
    },
    spec: spec({ volumes: [{ name: "v", hostPath: { path: "/" } }] }),
  },
  {
    it: "orders a list by $setElementOrder",
    patch: { spec: { "$setElementOrder/containers": [{ name: "d" }, { name: "c" }] } },
    spec: spec({ containers: [d, c] }),
  },
];

describe("strategicMerge()", () => {
  for (const { it: title, patch, metadata, spec } of MERGES) {
    it(title, () => {
      assert.deepEqual(strategicMerge(POD, patch), {
        metadata: metadata ?? POD.metadata,
        spec: spec ?? POD.spec,
      });
    });
  }

  it("names what it cannot apply, and where", () => {
    const refuses = (patch: JsonObject, message: RegExp) =>
      assert.throws(() => strategicMerge(POD, patch), message);
    refuses({ spec: { containers: [{ image: "x" }] } }, /at spec\.containers: .* no "name"/);
    refuses({ spec: { $patch: "merg" } }, /at spec: there is no "\$patch: merg"/);
    refuses({ $x: 1 }, /Cannot apply the patch: there is no directive "\$x"/);
  });
});

describe("jsonPatch()", () => {
  const at = (pod: JsonObject, ...path: readonly (string | number)[]) =>
    path.reduce<JsonValue>((value, key) => (value as JsonObject)[key] ?? null, pod);

  it("applies add, replace, move, copy and remove in order, and leaves its input", () => {
    const before = structuredClone(POD);
    const after = jsonPatch(POD, [
      { op: "replace", path: "/spec/containers/0/image", value: "nginx:2" },
      { op: "add", path: "/spec/containers/1/args", value: ["x"] },
      { op: "add", path: "/spec/containers/1/args/-", value: "y" },
      { op: "copy", from: "/metadata/labels/a", path: "/metadata/labels/c~1d" },
      { op: "remove", path: "/spec/tolerations" },
    ]);
    assert.equal(at(after, "spec", "containers", 0, "image"), "nginx:2");
    assert.deepEqual(at(after, "spec", "containers", 1, "args"), ["x", "y"]);
    assert.equal(at(after, "metadata", "labels", "c/d"), "1");
    assert.equal(at(after, "spec", "tolerations"), null);
    assert.deepEqual(POD, before);
  });

  it("applies nothing after a test that fails, and says which", () => {
    const patch = [
      { op: "replace", path: "/spec/containers/0/image", value: "nginx:2" },
      { op: "test", path: "/metadata/name", value: "other" },
    ];
    assert.throws(
      () => jsonPatch(POD, patch),
      /operation 2 .*\(test \/metadata\/name\): the value/,
    );
  });

  it("refuses what is no operation", () => {
    assert.throws(() => jsonPatch(POD, {}), /must be a list of operations/);
    assert.throws(() => jsonPatch(POD, [{ op: "set", path: "/a" }]), /Operation 1 .* needs "op"/);
    assert.throws(
      () => jsonPatch(POD, [{ op: "remove", path: "/spec/nothing" }]),
      /\(remove \/spec\/nothing\): there is no such place/,
    );
  });
});

describe("unifiedDiff()", () => {
  it("shows changed lines with three around them, as diff -u", () => {
    const lines = Array.from({ length: 9 }, (_, at) => `line ${at + 1}\n`);
    const before = lines.join("");
    const after = before.replace("line 5\n", "line V\n");
    assert.deepEqual(
      unifiedDiff({ name: "a", text: before }, { name: "b", text: after }).map(({ text }) => text),
      [
        ...["--- a", "+++ b", "@@ -2,7 +2,7 @@", " line 2", " line 3", " line 4"],
        ...["-line 5", "+line V", " line 6", " line 7", " line 8"],
      ],
    );
  });

  it("is empty for equal texts", () => {
    assert.deepEqual(unifiedDiff({ name: "a", text: "x" }, { name: "b", text: "x" }), []);
  });
});
