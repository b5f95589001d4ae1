import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parsePodFile } from "../../mod/config/mod.ts";

const codes = (text: string) => parsePodFile(text, "-").problems.map((problem) => problem.code);

describe("parsePodFile()", () => {
  it("takes a bare Pod, lists, KubeStaticPodConfig and node configs", () => {
    const text = [
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}",
      "apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: b}}]",
      "apiVersion: v1\nkind: List\nitems: [{kind: Pod, metadata: {name: c}}]",
      "apiVersion: v1alpha1\nkind: KubeStaticPodConfig\nname: d\npod: {metadata: {name: d}}",
      "machine: {pods: [{metadata: {name: e}}]}\nagent: {log: {level: warn}}",
    ].join("\n---\n");
    const { entries, problems, nodeConfig } = parsePodFile(text, "-");
    assert.deepEqual(problems, []);
    assert.deepEqual(
      entries.map((entry) => (entry.pod as { metadata: { name: string } }).metadata.name),
      ["a", "b", "c", "d", "e"],
    );
    assert.deepEqual(entries.map((entry) => entry.source.document), [0, 1, 2, 3, 4]);
    assert.equal(nodeConfig?.agent.log.level, "warn");
  });

  it("leaves the pods themselves to their judge", () => {
    const { entries, problems } = parsePodFile("machine: {pods: [text, 5, null]}\n", "-");
    assert.deepEqual(problems, []);
    assert.deepEqual(entries.map((entry) => entry.pod), ["text", 5, null]);
  });

  it("reports a file in which there is nothing", () => {
    assert.deepEqual(codes(""), ["empty-file"]);
    assert.deepEqual(codes("# pods\n---\n"), ["empty-file"]);
    assert.deepEqual(codes("# none\napiVersion: v1\nkind: PodList\nitems: []\n"), []);
  });

  it("wants the version of a core object", () => {
    assert.deepEqual(codes("kind: Pod\nmetadata: {name: a}\n"), ["missing-api-version"]);
    assert.deepEqual(codes("apiversion: v1\nKind: Pod\nmetadata: {name: a}\n"), []);
    assert.deepEqual(codes("apiVersion: /v1\nkind: Pod\nmetadata: {name: a}\n"), []);
    assert.deepEqual(codes("apiVersion: v2\nkind: Pod\nmetadata: {name: a}\n"), [
      "unknown-api-version",
    ]);
    assert.deepEqual(codes("apiVersion: V1\nkind: PodList\nitems: []\n"), ["unknown-api-version"]);
  });

  it("knows a Pod without kind from a node config", () => {
    assert.deepEqual(codes("metadata: {name: a}\nspec: {}\n"), ["missing-kind"]);
    assert.deepEqual(codes("machin: {}\n"), ["unknown-key"]);
  });

  it("reads the mis-indented example of the documentation when its one mistake is mended", () => {
    const example = [
      "machine:",
      "  pods:",
      "    - apiVersion: v1",
      "       kind: Pod",
      "       metadata:",
      "         name: nginx",
      "       spec:",
      "         containers:",
      "           - name: nginx",
      "             image: nginx",
    ];
    assert.deepEqual(codes(example.join("\n")), ["yaml-indentation"]);
    const mended = example.map((line, at) => at < 3 ? line : line.slice(1)).join("\n");
    const { entries, problems } = parsePodFile(mended, "-");
    assert.deepEqual(problems, []);
    assert.equal(entries.length, 1);
  });

  it("tells the first hundred of very many problems, and takes the pods all the same", () => {
    const kindless = "---\nmetadata: {name: a}\nspec: {note: stringData}\n".repeat(20_000);
    const { entries, problems } = parsePodFile(
      `${kindless}---\napiVersion: v1\nkind: Pod\nmetadata: {name: b}\n`,
      "-",
    );
    assert.equal(entries.length, 1);
    assert.equal(problems.length, 101);
    assert.equal(problems.at(-1)?.message, "19900 more errors of this file are not shown");
  });
});
