import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadState, type ReloadOutcome } from "../../mod/agent/mod.ts";
import { judgeBody } from "../../mod/pods/mod.ts";
import { type AgentNode, makeAgentNode } from "../support/agent_node.ts";

const configMap = (level: string, more = "") =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n${more}data: {LEVEL: ${level}}\n`;
const secret = `apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {pw: hunter2}\n`;
const pod = (spec: string, annotations = "") =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web, annotations: {${annotations}}}\nspec: {${spec}}\n`;
const FILES = "containers: [{name: c, image: 'i:1', volumeMounts: [{name: v, mountPath: /v}]}], " +
  "volumes: [{name: v, configMap: {name: app}}]";
const ENV = "containers: [{name: c, image: 'i:1', envFrom: [{configMapRef: {name: app}}]}]";

const levelOf = (node: AgentNode) => readFile(join(node.volumesDir, "default/web/v/LEVEL"), "utf8");

const podOf = ({ pods }: ReloadOutcome) => pods.find(({ id }) => id === "default-web");
const objectOf = ({ objects = [] }: ReloadOutcome) => objects[0];

describe("an agent with ConfigMaps and Secrets", () => {
  it("serves a pod with its files there, and a list that the kubelet takes", async () => {
    await using node = await makeAgentNode();
    await node.write("pods.d/app.yaml", `${configMap("debug")}---\n${pod(FILES)}`);
    const agent = await node.start();
    const outcome = await agent.reload("start");
    assert.equal(outcome.result, "applied");
    assert.equal(await levelOf(node), "debug");
    const bytes = agent.manifest?.bytes ?? new Uint8Array();
    const { valid } = judgeBody(bytes, { nodeName: "n", kubeletVersion: "1.37" });
    assert.equal(valid, true);
    assert.doesNotMatch(new TextDecoder().decode(bytes), /"configMap"/);
    assert.deepEqual(objectOf(outcome)?.usedBy, ["default/web"]);
  });

  const copies: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ["before it", { "pods.d/a.yaml": configMap("old") }],
    ["after it", { "pods.d/z.yaml": configMap("old") }],
    [
      "before it, while its own file is broken",
      { "pods.d/a.yaml": configMap("old"), "pods.d/cm.yaml": "kind: [" },
    ],
  ];
  for (const [where, files] of copies) {
    it(`keeps an object in its place beside a copy from a file that sorts ${where}`, async () => {
      await using node = await makeAgentNode();
      await node.write("pods.d/cm.yaml", configMap("debug"));
      await node.write("pods.d/pod.yaml", pod(FILES));
      const agent = await node.start();
      await agent.reload("start");
      for (const [file, text] of Object.entries(files)) await node.write(file, text);
      const outcome = await agent.reloadSettled("request");
      assert.equal(outcome.result, "partial");
      assert.equal(await levelOf(node), "debug");
      const problem = outcome.problems.find(({ code }) => code === "duplicate-object");
      assert.match(problem?.file ?? "", /[az]\.yaml$/);
      assert.match(problem?.related?.file ?? "", /cm\.yaml$/);
      await agent.close();
    });
  }

  it("takes a new version of an object from another file, where its own is gone", async () => {
    await using node = await makeAgentNode();
    await node.write("pods.d/cm.yaml", configMap("debug"));
    await node.write("pods.d/pod.yaml", pod(FILES));
    const agent = await node.start();
    await agent.reload("start");
    await node.remove("pods.d/cm.yaml");
    await node.write("pods.d/moved.yaml", configMap("info"));
    await node.write("pods.d/broken.yaml", "app: [");
    await agent.reloadSettled("request");
    assert.equal(await levelOf(node), "info");
    await agent.close();
  });

  it("changes the files of a changed object and leaves the pod alone", async () => {
    await using node = await makeAgentNode();
    await node.write("pods.d/cm.yaml", configMap("debug"));
    await node.write("pods.d/pod.yaml", pod(FILES));
    const agent = await node.start();
    await agent.reload("start");
    const { etag } = agent.manifest ?? {};
    await node.write("pods.d/cm.yaml", configMap("info"));
    const planned = await agent.dryRun();
    assert.equal(await levelOf(node), "debug", "a dry run writes nothing");
    assert.deepEqual(objectOf(planned), {
      kind: "ConfigMap",
      namespace: "default",
      name: "app",
      change: "changed",
      source: { file: join(node.path, "pods.d/cm.yaml"), line: 1 },
      usedBy: ["default/web"],
    });
    const outcome = await agent.reload("signal");
    assert.equal(outcome.result, "applied");
    assert.equal(outcome.revision, 2);
    assert.equal(podOf(outcome)?.change, "unchanged");
    assert.equal(agent.manifest?.etag, etag);
    assert.equal(await levelOf(node), "info");
  });

  it("restarts a pod whose environment changes, or that asks for it", async () => {
    for (const text of [pod(ENV), pod(FILES, "podstead.dev/restart-on: config")]) {
      await using node = await makeAgentNode();
      await node.write("pods.d/cm.yaml", configMap("debug"));
      await node.write("pods.d/pod.yaml", text);
      const agent = await node.start();
      const first = await agent.reload("start");
      await node.write("pods.d/cm.yaml", configMap("info"));
      const second = await agent.reload("signal");
      assert.equal(podOf(second)?.change, "changed", text);
      assert.notEqual(podOf(second)?.hash, podOf(first)?.hash);
    }
  });

  it("keeps the last good object while its file is broken, and removes it when it is taken out", async () => {
    await using node = await makeAgentNode();
    await node.write("pods.d/cm.yaml", configMap("debug"));
    await node.write("pods.d/pod.yaml", pod(FILES));
    const agent = await node.start();
    await agent.reload("start");
    for (const broken of ["kind: [", configMap("[1]"), configMap("x", "dat: {}\n")]) {
      await node.write("pods.d/cm.yaml", broken);
      // A change of the pod is meant; the broken file is not.
      await node.write("pods.d/pod.yaml", pod(`${FILES}, hostname: h${broken.length}`));
      const outcome = await agent.reload("signal");
      assert.equal(outcome.result, "partial", broken);
      assert.equal(podOf(outcome)?.state, "Served", broken);
      assert.equal(podOf(outcome)?.change, "changed", broken);
      assert.match(objectOf(outcome)?.state ?? "", /Kept|Rejected/);
      assert.equal(await levelOf(node), "debug");
    }
    await rm(join(node.path, "pods.d/cm.yaml"));
    const removed = await agent.reloadSettled("signal");
    assert.equal(objectOf(removed)?.change, "removed");
    assert.equal(podOf(removed)?.state, "Rejected");
    assert.equal(podOf(removed)?.errors[0]?.type, "Not found");
    assert.equal(await levelOf(node), "debug", "the last good version stays");
  });

  it("names a reference that nothing resolves with its line and column", async () => {
    await using node = await makeAgentNode();
    await node.write("pods.d/pod.yaml", pod(FILES));
    const outcome = await (await node.start()).reload("start");
    const [error] = podOf(outcome)?.errors ?? [];
    assert.equal(error?.line, 4);
    assert.equal(error?.detail, 'ConfigMap "default/app" is not declared on this node');
    assert.ok((error?.column ?? 0) > 90);
    assert.equal(outcome.pods[0]?.change, "none");
  });

  it("refuses a change of an immutable object", async () => {
    await using node = await makeAgentNode();
    await node.write("pods.d/cm.yaml", configMap("debug", "immutable: true\n"));
    await node.write("pods.d/pod.yaml", pod(FILES));
    const agent = await node.start();
    await agent.reload("start");
    await node.write("pods.d/cm.yaml", configMap("info", "immutable: true\n"));
    const outcome = await agent.reload("signal");
    assert.equal(outcome.problems[0]?.code, "immutable-object");
    assert.equal(objectOf(outcome)?.state, "Rejected");
    assert.equal(await levelOf(node), "debug");
  });

  it("serves the same after a restart, also without its config", async () => {
    await using node = await makeAgentNode();
    await node.write("pods.d/all.yaml", [configMap("debug"), secret, pod(FILES)].join("---\n"));
    const agent = await node.start();
    await agent.reload("start");
    const { etag } = agent.manifest ?? {};
    await agent.close();
    const { damage, isWhole } = await loadState(node.stateDir);
    assert.deepEqual([damage, isWhole], [undefined, true]);
    await node.write("pods.d/all.yaml", "kind: [");
    const again = await node.start();
    assert.equal(again.manifest?.etag, etag);
    const outcome = await again.reload("start");
    assert.equal(podOf(outcome)?.state, "Kept");
    assert.deepEqual(outcome.objects?.map(({ state }) => state), ["Kept", "Kept"]);
    assert.equal(again.manifest?.etag, etag);
  });

  it("holds a pod whose files cannot be written, and serves the others", async () => {
    await using node = await makeAgentNode();
    await writeFile(node.volumesDir, "in the way");
    await node.write("pods.d/all.yaml", `${configMap("debug")}---\n${pod(FILES)}`);
    await node.write("pods.d/other.yaml", pod(ENV).replace("name: web", "name: other"));
    const outcome = await (await node.start()).reload("start");
    assert.equal(podOf(outcome)?.state, "Held");
    assert.match(podOf(outcome)?.reason ?? "", /volume "v" cannot be written/);
    assert.equal(outcome.pods.find(({ name }) => name === "other")?.state, "Served");
  });

  it("shows no value of a Secret in problems, outcomes or events", async () => {
    await using node = await makeAgentNode();
    const env = "containers: [{name: c, image: 'i:1', envFrom: [{secretRef: {name: db}}]}]";
    await node.write("pods.d/all.yaml", `${secret}---\n${pod(env)}`);
    const agent = await node.start();
    const good = await agent.reload("start");
    await node.write("pods.d/all.yaml", `${secret}data: {other: hunter2!}\n---\n${pod(env)}`);
    const bad = await agent.reload("signal");
    assert.equal(bad.result, "partial");
    assert.doesNotMatch(JSON.stringify([good, bad]), /hunter2/);
    assert.doesNotMatch(JSON.stringify(agent.store.list("StaticPod")), /hunter2/);
  });
});
