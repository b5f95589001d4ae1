/**
 * Random edits of a node's files: no pod leaves the list unless the edit took it out.
 * The figures are printed; `FAULT_EDITS` and `FAULT_SEED` choose how many and which.
 */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  lutimes,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { stringify } from "yaml";
import { judgeBody } from "../../mod/pods/mod.ts";
import { type AgentNode, makeAgentNode } from "../support/agent_node.ts";
import { randomOf } from "../support/random.ts";
import { realisticPod } from "../support/realistic_pod.ts";

const EDITS = Number(process.env.FAULT_EDITS ?? 150);
const SEED = Number(process.env.FAULT_SEED ?? 1);
/** Of the prefixes of a manifest, every so many. */
const STEP = Number(process.env.FAULT_STEP ?? 61);
const MANIFESTS = 10;

const pod = (name: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  namespace: default\nspec:\n` +
  `  containers:\n    - name: c\n      image: example.org/app:1\n`;
const NAMES = ["ant", "bee", "cat", "dog", "eel"];

async function servingNode(): Promise<AgentNode> {
  const node = await makeAgentNode();
  for (const name of NAMES) await node.write(`pods.d/${name}.yaml`, pod(name));
  return node;
}

type Edit = (node: AgentNode, name: string, below: (limit: number) => number) => Promise<unknown>;

const at = (node: AgentNode, name: string) => join(node.path, "pods.d", `${name}.yaml`);

/** Makes every file old, so that what it lacks counts at once. */
async function putToRest(node: AgentNode): Promise<void> {
  for (const name of await readdir(node.path, { recursive: true })) {
    if (!name.startsWith("state")) await lutimes(join(node.path, name), 1_000_000, 1_000_000);
  }
}

/** Edits of which none takes a pod out. */
const MISTAKES: Readonly<Record<string, Edit>> = {
  async typo(node, name, below) {
    const text = await readFile(at(node, name), "utf8");
    // In the values of the name a letter more or less may be a valid rename; that is no typo.
    const head = text.slice(0, text.indexOf("  name:"));
    const place = below(head.length);
    const letter = String.fromCharCode(97 + below(26));
    await writeFile(at(node, name), `${text.slice(0, place)}${letter}${text.slice(place + 1)}`);
  },
  async cut(node, name, below) {
    const text = await readFile(at(node, name), "utf8");
    await writeFile(at(node, name), text.slice(0, below(text.length)));
  },
  async copy(node, name, below) {
    const copies = ["0-copy.yaml", `${name}-backup.yaml`, `${name} (1).yaml`, "zz.yaml"];
    const text = await readFile(at(node, name), "utf8");
    const target = join(node.path, "pods.d", copies[below(copies.length)] ?? "copy.yaml");
    await writeFile(target, text.replace("app:1", "app:0"));
  },
  async move(node, name) {
    await rename(at(node, name), join(node.path, "pods.d", `moved-${name}.yml`));
  },
  async hide(node) {
    await rename(join(node.path, "pods.d"), join(node.path, "pods.off"));
  },
  async replace(node) {
    await rename(join(node.path, "pods.d"), join(node.path, "pods.off"));
    await mkdir(join(node.path, "pods.d"));
  },
  async dangle(node, name) {
    await rm(at(node, name));
    await symlink("nowhere.yaml", at(node, name));
  },
  empty: (node, name, below) =>
    writeFile(at(node, name), ["", "\n", "---\n", "# off\n", "null\n", "{}\n"][below(6)] ?? ""),
  comment: async (node, name) =>
    await writeFile(at(node, name), (await readFile(at(node, name), "utf8")).replace(/^/gm, "# ")),
  renameKey: async (node, name, below) => {
    const keys = ["metadata:", "  name:", "kind:", "apiVersion:", "spec:"];
    const key = keys[below(keys.length)] ?? "kind:";
    const text = await readFile(at(node, name), "utf8");
    await writeFile(at(node, name), text.replace(key, key.replace(/.:/, ":")));
  },
  config: async (node, _name, below) =>
    await node.write("config.yaml", ["agent: [", "agent: {x: 1}\n", "", "a"][below(4)] ?? ""),
  include: (node) => node.write("config.yaml", "agent: {include: [podz.d/*.yaml]}\n"),
  device: async (node, name) => {
    await rm(at(node, name));
    await symlink("/dev/zero", at(node, name));
  },
};

describe("A served pod, whatever is done to the files of its node", () => {
  it(`stays through ${EDITS} random mistakes, and the list is always one that a kubelet takes`, async () => {
    const below = randomOf(SEED);
    const counted: Record<string, number> = {};
    const kinds = Object.entries(MISTAKES);
    for (let count = 0; count < EDITS; count += 1) {
      await using node = await servingNode();
      const agent = await node.start();
      await agent.reload("start");
      const [kind, edit] = kinds[below(kinds.length)] ?? kinds[0]!;
      const name = NAMES[below(NAMES.length)] ?? "ant";
      counted[kind] = (counted[kind] ?? 0) + 1;
      await edit(node, name, below);
      await putToRest(node);
      assert.equal((await agent.reload("signal")).lookAgainMs, undefined);
      const restarted = await node.start();
      for (const served of [agent, restarted]) {
        const { valid, pods } = judgeBody(served.manifest?.bytes ?? new Uint8Array(), {
          nodeName: "node-1",
        });
        assert.ok(valid, `seed ${SEED}, edit ${count}: ${kind} ${name}`);
        const left = pods.map(({ metadata }) => metadata.name.replace(/-node-1$/, ""));
        const missing = NAMES.filter((one) => !left.includes(one));
        assert.deepEqual(missing, [], `seed ${SEED}, edit ${count}: ${kind} ${name}`);
      }
      await agent.close();
      await restarted.close();
    }
    process.stdout.write(`${EDITS} edits, 0 pods lost: ${JSON.stringify(counted)}\n`);
  });

  it(`stays through the prefixes of ${MANIFESTS} manifests, each written over a served one`, async () => {
    await using node = await servingNode();
    const manifests = Array.from(
      { length: MANIFESTS },
      (_, seed) => stringify(realisticPod(seed), { aliasDuplicateObjects: false }),
    );
    const file = (index: number) => `pods.d/m${index}.yaml`;
    for (const [index, text] of manifests.entries()) await node.write(file(index), text);
    const agent = await node.start();
    await agent.reload("start");
    const pods = NAMES.length + MANIFESTS;
    assert.equal(agent.manifest?.pods, pods);
    let count = 0;
    for (const [index, text] of [pod("ant"), ...manifests].entries()) {
      const path = index === 0 ? "pods.d/ant.yaml" : file(index - 1);
      // Of the small one every prefix, as it ends in more kinds of places.
      for (let length = 0; length < text.length; length += index === 0 ? 1 : STEP) {
        await node.write(path, text.slice(0, length));
        await putToRest(node);
        assert.equal((await agent.reload("signal")).lookAgainMs, undefined);
        assert.equal(agent.manifest?.pods, pods, `${path}: prefix of ${length} characters`);
        count += 1;
      }
      await node.write(path, text);
    }
    process.stdout.write(`${count} prefixes, 0 pods lost\n`);
    await agent.close();
  });
});
