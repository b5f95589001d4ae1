/**
 * Random edits of a node's files: no pod leaves the list unless the edit took it out.
 * The figures are printed; `FAULT_EDITS` and `FAULT_SEED` choose how many and which.
 */
import { afterEach, describe, it } from "@std/testing/bdd";
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
import { type Clock, systemClock } from "../../mod/core/mod.ts";
import { judgeBody } from "../../mod/pods/mod.ts";
import { type AgentNode, makeAgentNode } from "../support/agent_node.ts";
import { mount, type Mounted, UNLESS_MOUNT } from "../support/mounted.ts";
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

async function servingNode(clock?: Clock): Promise<AgentNode> {
  const node = await makeAgentNode(clock);
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

/** Which of the pods the list lacks; it must be one that a kubelet takes. */
function missingIn(agent: { readonly manifest: { readonly bytes: Uint8Array } | undefined }) {
  const { valid, pods } = judgeBody(agent.manifest?.bytes ?? new Uint8Array(), {
    nodeName: "node-1",
  });
  assert.ok(valid);
  const left = pods.map(({ metadata }) => metadata.name.replace(/-node-1$/, ""));
  return NAMES.filter((one) => !left.includes(one));
}

/** Steps of the system's clock, in milliseconds: by seconds, an hour, years; back and forth. */
const JUMPS_MS = [5_000, 3_600_000, 1e11].flatMap((ms) => [-ms, ms]);

const mounts: Mounted[] = [];
let mountRefusal = UNLESS_MOUNT;

/** Mounts until the edit has been looked at; does nothing where that is not allowed, and says so. */
async function mountOver(path: string, what: Parameters<typeof mount>[1]): Promise<void> {
  try {
    if (mountRefusal === false) mounts.push(await Promise.resolve(mount(path, what)));
  } catch (error) {
    mountRefusal = `mounting is not allowed here (${error})`;
    process.stdout.write(`SKIPPED: ${mountRefusal}\n`);
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
  async linkAway(node, name) {
    // The whole directory is a link, and what it leads to goes away.
    await rename(join(node.path, "pods.d"), join(node.path, "real"));
    await symlink("real", join(node.path, "pods.d"));
    await rename(join(node.path, "real"), join(node.path, `${name}.away`));
  },
  async fileForDirectory(node) {
    await rename(join(node.path, "pods.d"), join(node.path, "pods.off"));
    await writeFile(join(node.path, "pods.d"), "");
  },
  async swap(node, name, below) {
    // Two drop-ins change names: each pod is there, in another file.
    const other = NAMES.filter((one) => one !== name)[below(NAMES.length - 1)] ?? "bee";
    await rename(at(node, name), join(node.path, "pods.d", ".swap"));
    await rename(at(node, other), at(node, name));
    await rename(join(node.path, "pods.d", ".swap"), at(node, other));
  },
  device: async (node, name) => {
    await rm(at(node, name));
    await symlink("/dev/zero", at(node, name));
  },
  async mountTmpfs(node) {
    await mountOver(join(node.path, "pods.d"), { size: "1m" });
  },
  async mountDirectory(node, name) {
    const other = join(node.path, "other");
    await mkdir(other);
    // Sometimes with a pod of its own.
    if (name < "cat") await writeFile(join(other, "fox.yaml"), pod("fox"));
    await mountOver(join(node.path, "pods.d"), { bind: other });
  },
  async mountFile(node, name) {
    const other = join(node.path, "other.yaml");
    await writeFile(other, "");
    await mountOver(at(node, name), { bind: other });
  },
};

describe("A served pod, whatever is done to the files of its node", () => {
  const unmount = () => mounts.splice(0).forEach((mounted) => mounted.unmount());
  afterEach(unmount);

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
      const what = `seed ${SEED}, edit ${count}: ${kind} ${name}`;
      for (const served of [agent, restarted]) assert.deepEqual(missingIn(served), [], what);
      await agent.close();
      await restarted.close();
      unmount();
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

  it("stays through mistakes while the clock is set, and leaves by a removal all the same", async () => {
    const below = randomOf(SEED);
    const kinds = Object.entries(MISTAKES);
    for (const jumpMs of JUMPS_MS) {
      let offsetMs = 0;
      const clock = { ...systemClock, now: () => systemClock.now() + offsetMs };
      await using node = await servingNode(clock);
      const agent = await node.start();
      await agent.reload("start");
      // A mistake and the step of the clock at about the same time, in either order.
      const [kind, edit] = kinds[below(kinds.length)] ?? kinds[0]!;
      if (below(2) === 0) offsetMs = jumpMs;
      await edit(node, "ant", below);
      offsetMs = jumpMs;
      const settled = await agent.reloadSettled("request");
      assert.deepEqual(missingIn(agent), [], `${kind}, a step of ${jumpMs} ms: ${settled.result}`);
      await agent.close();
      unmount();

      offsetMs = 0;
      await using healthy = await servingNode(clock);
      const other = await healthy.start();
      await other.reload("start");
      offsetMs = jumpMs;
      await healthy.remove("pods.d/bee.yaml");
      assert.equal((await other.reloadSettled("request")).result, "applied");
      assert.deepEqual(missingIn(other), ["bee"], `a step of ${jumpMs} ms`);
      await other.close();
    }
    process.stdout.write(`${JUMPS_MS.length} steps of the clock, 0 pods lost\n`);
  });
});
