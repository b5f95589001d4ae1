/** Values of a node in its pods: the same for the agent, a dry run, validate and render. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestNode } from "../support/node.ts";

const POD = (image: string) =>
  `apiVersion: v1
kind: Pod
metadata: {name: probe}
spec:
  containers:
    - name: probe
      image: ${image}
      args: ["--node=\${node.name}", "$$\{HOME}", "$(VAR)"]
`;
const GOOD = "registry.${env.SITE}.example/probe:1";

describe("podstead with agent.substitute", () => {
  let node: TestNode;
  const served = async () => {
    const { items } = await (await fetch(node.manifestUrl)).json();
    const { image, args } = items[0].spec.containers[0];
    return { image, args };
  };
  const write = (image: string) => writeFileSync(join(node.directory, "pods.d/p.yaml"), POD(image));

  before(async () => {
    node = await TestNode.create();
    node.kubeletVersion = "1.36";
    node.agentEnv = { ...node.agentEnv, SITE: "fra1" };
    mkdirSync(join(node.directory, "pods.d"));
    node.writePods("[]\n", "  substitute: true\n  substituteEnv: [SITE]\n");
    write(GOOD);
    await node.startAgent();
  });
  after(async () => await node?.close());

  it("serves the values", async () => {
    assert.deepEqual(await served(), {
      image: "registry.fra1.example/probe:1",
      args: [`--node=${node.name}`, "${HOME}", "$(VAR)"],
    });
  });

  it("shows the same in validate and render, with the agent's environment", async () => {
    const valid = await node.podstead("validate");
    assert.equal(valid.code, 0, valid.stdout + valid.stderr);
    const file = await node.podstead("validate", join(node.directory, "pods.d/p.yaml"));
    assert.equal(file.code, 0, file.stdout + file.stderr);
    const { stdout } = await node.podstead("render");
    assert.match(stdout, /registry\.fra1\.example\/probe:1/);
  });

  it("says the same of what is unknown, and keeps what was served", async () => {
    write("registry.${env.SIDE}.example/probe:1");
    const place = /p\.yaml:7:23: error: The variable "SIDE" is not in agent\.substituteEnv/;
    for (const command of [["validate"], ["reload", "--dry-run"], ["reload"]]) {
      const { code, stdout, stderr } = await node.podstead(...command);
      assert.equal(code, 78, command.join(" "));
      assert.match(stdout + stderr, place, command.join(" "));
    }
    assert.equal((await served()).image, "registry.fra1.example/probe:1");
    const { stdout } = await node.podstead("get", "staticpods", "-o", "wide");
    assert.match(stdout, /Kept/);
  });

  it("changes nothing when a placeholder is written out", async () => {
    const { items: [before] } = await (await fetch(node.manifestUrl)).json();
    write("registry.fra1.example/probe:1");
    const { code, stdout } = await node.podstead("reload");
    assert.equal(code, 0, stdout);
    const { items: [now] } = await (await fetch(node.manifestUrl)).json();
    assert.deepEqual(now, before);
  });
});
