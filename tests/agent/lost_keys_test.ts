import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { makeAgentNode } from "../support/agent_node.ts";

const WEB = `apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: default
spec:
  containers:
    - name: c
      image: example.org/app:1
`;

describe("A source whose pod has lost its key", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a mistyped name key", WEB.replace("  name: web", "  nmae: web")],
    ["a mistyped metadata key", WEB.replace("metadata:", "metadta:")],
    ["an empty name", WEB.replace("  name: web", "  name:")],
    ["a name that is no text", WEB.replace("  name: web", "  name: yes")],
    ["a namespace that is no text", WEB.replace("namespace: default", "namespace: 5")],
    ["an invalid name", WEB.replace("  name: web", "  name: Web_1")],
    ["an invalid namespace", WEB.replace("namespace: default", "namespace: De.fault")],
    ["a name that is cut short", `apiVersion: v1\nkind: Pod\nmetadata:\n  name: we\n`],
    ["the kind of another object", WEB.replace("kind: Pod", "kind: Secret")],
    ["the kind of a ConfigMap", WEB.replace("kind: Pod", "kind: ConfigMap")],
    ["a Secret without a name", "apiVersion: v1\nkind: Secret\nmetadata: {}\n"],
    [
      "Talos's version and an unknown kind",
      WEB.replace("v1", "v1alpha1").replace("kind: Pod", "kind: Foo"),
    ],
    ["a file cut after its kind", "apiVersion: v1\nkind: Pod\n"],
    ["a file cut in its metadata", "apiVersion: v1\nkind: Pod\nmetadata:\n"],
  ];
  for (const [what, text] of cases) {
    it(`keeps the pod after ${what}, over reloads and a restart, until it is fixed`, async () => {
      await using node = await makeAgentNode();
      await node.write("pods.d/web.yaml", WEB);
      const agent = await node.start();
      await agent.reload("start");
      await node.write("pods.d/web.yaml", text);
      const outcomes = [await agent.reload("signal"), await agent.reload("signal")];
      const restarted = await node.start();
      for (const outcome of [...outcomes, await restarted.reload("start")]) {
        const web = outcome.pods.find(({ id }) => id === "default-web");
        assert.deepEqual([outcome.result, web?.change, web?.state], [
          "partial",
          "unchanged",
          "Kept",
        ]);
        assert.equal(web?.reasonCode, "source-unhealthy", "not only because the file is young");
        assert.match(web?.reason ?? "", /web\.yaml/);
      }
      await node.write("pods.d/web.yaml", WEB);
      const fixed = await restarted.reload("signal");
      assert.equal(fixed.result, "unchanged");
      assert.equal(fixed.pods[0]?.state, "Served");
    });
  }

  it("does not keep a pod that was taken out beside one whose refusal is known", async () => {
    await using node = await makeAgentNode();
    const bad = WEB.replaceAll("web", "bad").replace("image:", "imag:");
    await node.write("pods.d/web.yaml", `${WEB}---\n${bad}`);
    const agent = await node.start();
    await agent.reload("start");
    await node.write("pods.d/web.yaml", bad);
    const { pods } = await agent.reloadSettled("signal");
    assert.deepEqual(pods.map(({ id, change }) => [id, change]), [
      ["default-bad", "none"],
      ["default-web", "removed"],
    ]);
  });

  it("keeps the pod whose name became that of another pod", async () => {
    await using node = await makeAgentNode();
    const other = WEB.replace("name: web", "name: other");
    await node.write("pods.d/a.yaml", other);
    await node.write("pods.d/web.yaml", WEB);
    const agent = await node.start();
    await agent.reload("start");
    await node.write("pods.d/web.yaml", other);
    const { result, pods } = await agent.reload("signal");
    assert.equal(result, "partial");
    assert.deepEqual(pods.map(({ id, state }) => [id, state]), [
      ["default-other", "Served"],
      ["default-web", "Kept"],
    ]);
  });
});
