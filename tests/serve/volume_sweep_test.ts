import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../mod/core/mod.ts";
import { VolumeStore } from "../../mod/materialize/mod.ts";
import { volumesInUse } from "../../mod/serve/volume_sweep.ts";
import { type AgentNode, makeAgentNode } from "../support/agent_node.ts";

const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {LEVEL: info}\n";
const pod = (name: string, ...volumes: readonly string[]) => {
  const mounts = volumes.map((one) => `{name: ${one}, mountPath: /${one}}`).join(", ");
  const sources = volumes.map((one) => `{name: ${one}, configMap: {name: app}}`).join(", ");
  return `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n` +
    `  containers: [{name: c, image: 'i:1', volumeMounts: [${mounts}]}]\n  volumes: [${sources}]\n`;
};

/** An agent that serves these pods, and a sweep while the runtime has sandboxes of some. */
async function served(node: AgentNode, ...pods: readonly string[]) {
  await node.write("pods.d/all.yaml", CONFIG_MAP + pods.join(""));
  const agent = await node.start();
  await agent.reload("start");
  const store = new VolumeStore(systemClock);
  return {
    agent,
    sweep: (running: Readonly<Record<string, number>>) =>
      store.sweep(node.volumesDir, volumesInUse(agent, new Map(Object.entries(running)))),
    volumesOf: (name: string) =>
      readdir(join(node.volumesDir, "default", name)).then((names) => names.sort(), () => []),
  };
}

describe("the sweep of volumes", () => {
  it("keeps the files of pods that are served, whether they run yet or not", async () => {
    await using node = await makeAgentNode();
    const { sweep, volumesOf, agent } = await served(node, pod("web", "a", "b"));
    await sweep({});
    await sweep({ "default/web": Date.now() + 1_000 });
    assert.deepEqual(await volumesOf("web"), ["a", "b"]);
    await agent.close();
  });

  it("takes the files of a removed pod away when the runtime has nothing more of it", async () => {
    await using node = await makeAgentNode();
    const { agent, sweep, volumesOf } = await served(node, pod("web", "a"), pod("other", "a"));
    await node.write("pods.d/all.yaml", CONFIG_MAP + pod("other", "a"));
    await agent.reload("signal", { allowRemovals: true });
    await sweep({ "default/web": 0, "default/other": Date.now() + 1_000 });
    assert.deepEqual(await volumesOf("web"), ["a"], "its containers still end");
    await sweep({ "default/other": Date.now() + 1_000 });
    assert.deepEqual(await volumesOf("web"), []);
    assert.deepEqual(await volumesOf("other"), ["a"]);
    await agent.close();
  });

  it("takes a volume away that the new version has not, when the old one has ended", async () => {
    await using node = await makeAgentNode();
    const { agent, sweep, volumesOf } = await served(node, pod("web", "a", "b"));
    const before = Date.now();
    await node.write("pods.d/all.yaml", CONFIG_MAP + pod("web", "b"));
    await agent.reload("signal");
    await sweep({ "default/web": before - 60_000 });
    assert.deepEqual(await volumesOf("web"), ["a", "b"], "the old sandbox is there");
    await sweep({ "default/web": Date.now() + 60_000 });
    assert.deepEqual(await volumesOf("web"), ["b"]);
    await agent.close();
  });
});
