import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  addNode,
  NO_NODES,
  nodesPath,
  parseNodesFile,
  readNodes,
  removeNode,
  selectNodes,
} from "../../../mod/fleet/nodes/mod.ts";
import { ConfigError } from "../../../mod/core/mod.ts";
import { makeTempDir } from "../../support/temp_dir.ts";

const FILE = `# The lab
context: lab
contexts:
  lab:
    nodes:
      # in the cellar
      - {name: a, ssh: root@10.0.0.1, labels: {role: web, zone: east}}
      - name: b
        labels: {role: web}
      - name: c
        socket: /srv/admin.sock
        labels: {db: ""}
  shop:
    nodes: [{name: till, ssh: till.example.org}]
`;

const file = parseNodesFile(FILE, "nodes.yaml");
const names = (text: string) => selectNodes(text, file).map(({ name }) => name);

describe("parseNodesFile()", () => {
  it("reads nodes, their ssh targets, sockets and labels", () => {
    assert.equal(file.context, "lab");
    assert.deepEqual(file.contexts.lab?.slice(1), [
      { name: "b", ssh: "b", labels: { role: "web" } },
      { name: "c", ssh: "c", socket: "/srv/admin.sock", labels: { db: "" } },
    ]);
  });
  it("takes the only context where none is named, and nothing from an empty file", () => {
    assert.equal(parseNodesFile("contexts: {x: {nodes: []}}", "f").context, "x");
    assert.deepEqual(parseNodesFile("", "f"), NO_NODES);
  });
  it("takes another time for connecting than five seconds", () => {
    assert.equal(parseNodesFile("", "f").connectTimeoutMs, 5_000);
    assert.equal(parseNodesFile("connectTimeout: 1m", "f").connectTimeoutMs, 60_000);
  });
  const wrong: readonly (readonly [text: string, message: RegExp, line: number])[] = [
    ["context: lob\ncontexts: {lab: {nodes: []}}\n", /no context "lob"/, 1],
    ["contexts:\n  lab:\n    nods: []\n", /no key "nods"/, 3],
    ["contexts: {l: {nodes: [{name: a}, {name: a}]}}\n", /"a" is there twice/, 1],
    ["contexts: {l: {nodes: [{name: all}]}}\n", /no usable name/, 1],
    ["contexts: {l: {nodes: [{ssh: x}]}}\n", /no usable name/, 1],
    ['contexts: {l: {nodes: [{name: a, ssh: "-oProxyCommand=x"}]}}\n', /no usable ssh target/, 1],
    ["contexts: {l: {nodes: [{name: a, socket: x}]}}\n", /socket of node "a"/, 1],
    ["contexts: {l: {nodes: [{name: a, labels: {x: 1}}]}}\n", /labels of node "a"/, 1],
    ["contexts: {l: {nodes: {}}}\n", /nodes is not a list/, 1],
    ["connectTimeout: 5\n", /connectTimeout is not a duration/, 1],
    ["connectTimeout: 0s\n", /connectTimeout is not a duration/, 1],
    ["- a\n", /not a mapping/, 1],
    ["context: [\n", /./, 1],
  ];
  for (const [text, message, line] of wrong) {
    it(`refuses ${JSON.stringify(text)} with its line`, () => {
      assert.throws(() => parseNodesFile(text, "nodes.yaml"), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.problems.map((problem) => problem.message).join("\n"), message);
        assert.equal(error.problems[0]?.position?.line, line);
        return true;
      });
    });
  }
});

describe("selectNodes()", () => {
  const cases: readonly (readonly [text: string, wanted: readonly string[]])[] = [
    ["b,a", ["b", "a"]],
    ["all", ["a", "b", "c"]],
    ["@web", ["a", "b"]],
    ["@role=web", ["a", "b"]],
    ["@zone=east", ["a"]],
    ["@db", ["c"]],
    ["@shop", ["till"]],
    ["c,@web,b", ["c", "a", "b"]],
    ["a, b", ["a", "b"]],
    ["elsewhere.example.org,a", ["elsewhere.example.org", "a"]],
    ["admin@host", ["admin@host"]],
  ];
  for (const [text, wanted] of cases) {
    it(`takes ${text} for ${wanted.join(", ")}`, () => assert.deepEqual(names(text), wanted));
  }
  it("takes a name that the file does not have for a host of ssh", () => {
    assert.deepEqual(selectNodes("host", NO_NODES), [{ name: "host", ssh: "host", labels: {} }]);
  });
  const wrong: readonly (readonly [text: string, message: RegExp])[] = [
    ["", /empty name/],
    ["a,,b", /empty name/],
    ["@wbe", /No node is in the group "@wbe"/],
    ["-oProxyCommand=x", /not a host/],
    ["a b", /not a host/],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => names(text), message));
  }
  it("says how to add nodes where all is nothing", () => {
    assert.throws(() => selectNodes("all", NO_NODES), /no nodes in the context "default"/);
  });
});

describe("the file of nodes", () => {
  it("is in the user's own config directory", () => {
    assert.equal(nodesPath({ HOME: "/home/x" }), "/home/x/.config/podstead/nodes.yaml");
    assert.equal(nodesPath({ XDG_CONFIG_HOME: "/c" }), "/c/podstead/nodes.yaml");
  });
  it("is made by the first addNode(), for its owner alone", async () => {
    const directory = await makeTempDir("nodes");
    const path = join(directory.path, "podstead", "nodes.yaml");
    assert.deepEqual(await readNodes(path), NO_NODES);
    const node = { name: "a", ssh: "root@a", labels: { role: "web: x" } };
    assert.equal(await addNode(path, node), false);
    assert.equal(await addNode(path, { ...node, ssh: "a" }), true);
    await addNode(path, { name: "b", ssh: "b", labels: {} });
    assert.deepEqual((await readNodes(path)).contexts.default, [
      { ...node, ssh: "a" },
      { name: "b", ssh: "b", labels: {} },
    ]);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await removeNode(path, "a");
    await removeNode(path, "b");
    assert.deepEqual((await readNodes(path)).contexts.default, []);
    await assert.rejects(removeNode(path, "b"), /no node "b"/);
    await directory.remove();
  });
  it("keeps comments and other contexts", async () => {
    const directory = await makeTempDir("nodes");
    const path = join(directory.path, "nodes.yaml");
    await writeFile(path, FILE);
    await addNode(path, { name: "d", ssh: "root@d", labels: {} });
    await removeNode(path, "b");
    const text = await readFile(path, "utf8");
    assert.match(text, /# The lab/);
    assert.match(text, /# in the cellar/);
    assert.match(text, /till\.example\.org/);
    assert.deepEqual(
      (await readNodes(path)).contexts.lab?.map(({ name }) => name),
      ["a", "c", "d"],
    );
    await directory.remove();
  });
});
