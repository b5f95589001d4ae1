/** Changes of a control plane, played through on a node with a kubelet of one step each half second. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { choreograph } from "../../mod/rollout/choreography.ts";
import type { ChangeVerdict } from "../../mod/rollout/mod.ts";
import { COMPONENTS, ControlPlaneNode, keyOf } from "./control_plane_node.ts";

async function running(): Promise<ControlPlaneNode> {
  const node = new ControlPlaneNode();
  await node.start();
  return node;
}

describe("a change of a control plane", () => {
  it("of etcd takes the API server out first and brings it back last", async () => {
    const node = await running();
    const verdicts = await node.change({ etcd: "2" });
    assert.equal(verdicts.get(keyOf("etcd"))?.gate?.code, "not-its-turn");
    await node.steps(40);
    node.inOrder("-kube-apiserver", "-etcd", "+etcd@2", "=etcd", "+kube-apiserver@1");
    assert.equal(node.history.filter((event) => event === "-kube-apiserver").length, 1);
    assert.ok(!node.history.includes("-kube-scheduler"));
    const ran = node.scene.events.find(({ name, step }) =>
      name === "kube-apiserver" && step === "running"
    );
    assert.ok((ran?.downtimeMs ?? 0) > 1_000, "the API server's downtime is counted from its end");
    assert.deepEqual(node.scene.states(), {});
    await node.scene.rollout.close();
  });

  it("of all goes from etcd up, each part waiting for the one before to be ready", async () => {
    const node = await running();
    const verdicts = await node.change({
      "etcd": "2",
      "kube-apiserver": "2",
      "kube-controller-manager": "2",
      "kube-scheduler": "2",
    });
    assert.equal(verdicts.get(keyOf("kube-apiserver"))?.gate, undefined);
    assert.match(
      verdicts.get(keyOf("kube-scheduler"))?.gate?.reason ?? "",
      /etcd and kube-apiserver changes first/,
    );
    await node.steps(60);
    node.inOrder(
      ...["-kube-apiserver", "-etcd", "+etcd@2", "=etcd"],
      ...["+kube-apiserver@2", "=kube-apiserver"],
      ...["-kube-controller-manager", "+kube-controller-manager@2"],
    );
    node.inOrder("=kube-apiserver", "-kube-scheduler", "+kube-scheduler@2");
    for (const name of COMPONENTS) {
      assert.equal(node.history.filter((event) => event === `-${name}`).length, 1, name);
    }
    await node.scene.rollout.close();
  });

  it("of one without others that depend on each other is made at once", async () => {
    const node = await running();
    const verdicts = await node.change({ "kube-scheduler": "2", "kube-controller-manager": "2" });
    assert.deepEqual([...verdicts.values()], [{ method: "quick" }, { method: "quick" }]);
    await node.steps(20);
    node.inOrder("-kube-scheduler", "+kube-scheduler@2");
    assert.ok(!node.history.includes("-kube-apiserver"));
    await node.scene.rollout.close();
  });

  it("that is taken back while the API server is out brings it back with the old etcd", async () => {
    const node = await running();
    await node.change({ etcd: "2" });
    for (let step = 0; !node.history.includes("-kube-apiserver"); step += 1) {
      assert.ok(step < 20);
      await node.steps(1);
    }
    await node.change({});
    await node.steps(20);
    node.at("+kube-apiserver@1");
    assert.ok(!node.history.includes("+etcd@2"));
    assert.deepEqual(node.scene.states(), {});
    await node.scene.rollout.close();
  });

  it("brings the API server back before the agent stops, wherever the change has come to", async () => {
    for (let steps = 1; steps < 12; steps += 1) {
      const node = await running();
      await node.change({ etcd: "2" });
      await node.steps(steps);
      const drained = node.scene.rollout.drain();
      await node.steps(30);
      await drained;
      assert.ok(node.scene.list.some(({ name }) => name === "kube-apiserver"), `${steps} steps`);
      await node.scene.rollout.close();
    }
  });

  it("is finished before the agent stops: the API server leaves once, and etcd is back first", async () => {
    for (let steps = 1; steps < 12; steps += 1) {
      const node = await running();
      await node.change({ etcd: "2" });
      await node.steps(steps);
      const drained = node.scene.rollout.drain();
      await node.steps(30);
      await drained;
      node.inOrder("-kube-apiserver", "-etcd", "+etcd@2", "=etcd", "+kube-apiserver@1");
      assert.equal(node.count("-kube-apiserver"), 1, `${steps} steps`);
      await node.scene.rollout.close();
    }
  });

  it("is left by a stopping agent only when the kubelet has the API server again", async () => {
    const node = await running();
    node.stuck.add("etcd");
    await node.change({ etcd: "2" });
    while (!node.history.includes("+etcd@2")) await node.steps(1);
    let drained = false;
    void node.scene.rollout.drain().then(() => drained = true);
    await node.scene.clock.advance(9_500);
    assert.ok(node.scene.list.some(({ name }) => name === "kube-apiserver"));
    assert.equal(drained, false);
    await node.steps(1);
    assert.equal(drained, true);
    await node.scene.rollout.close();
  });

  it("survives a crash: the API server leaves once, and etcd is back first", async () => {
    for (let steps = 1; steps < 20; steps += 1) {
      const node = await running();
      await node.change({ etcd: "2" });
      await node.steps(steps);
      await node.crash();
      await node.steps(40);
      node.inOrder("-kube-apiserver", "-etcd", "+etcd@2", "=etcd", "+kube-apiserver@1");
      assert.equal(node.count("-kube-apiserver"), 1, `${steps} steps`);
      assert.deepEqual(node.scene.states(), {});
      await node.scene.rollout.close();
    }
  });

  it("that is given up over a crash brings the API server back with the old etcd", async () => {
    const node = await running();
    await node.change({ etcd: "2" });
    while (!node.history.includes("-kube-apiserver")) await node.steps(1);
    await node.scene.restart();
    await node.change({});
    await node.steps(20);
    node.at("+kube-apiserver@1");
    assert.ok(!node.history.includes("-etcd"));
    assert.deepEqual(node.scene.states(), {});
    await node.scene.rollout.close();
  });

  it("whose plan does not come after a crash brings the API server back after a limit", async () => {
    const node = await running();
    await node.change({ etcd: "2" });
    while (!node.history.includes("-kube-apiserver")) await node.steps(1);
    await node.scene.restart();
    await node.steps(16);
    assert.ok(!node.history.includes("+kube-apiserver@1"));
    await node.steps(8);
    node.at("+kube-apiserver@1");
    assert.ok(!node.history.includes("-etcd"));
    await node.scene.rollout.close();
  });

  it("brings the API server back after a limit when etcd does not become ready", async () => {
    const node = await running();
    node.stuck.add("etcd");
    await node.change({ etcd: "2" });
    await node.steps(40);
    assert.ok(!node.history.includes("+kube-apiserver@1"));
    assert.deepEqual(node.scene.states(), { [keyOf("kube-apiserver")]: "Replacing" });
    await node.steps(200);
    node.inOrder("+etcd@2", "+kube-apiserver@1");
    await node.scene.rollout.close();
  });
});

describe("choreograph()", () => {
  const quick: ChangeVerdict = { method: "quick" };
  const facts = {
    verdicts: new Map([[keyOf("etcd"), quick]]),
    phases: new Map(),
    settling: new Set<string>(),
    rooms: new Map(),
    isAlive: () => true,
  };

  it("leaves the API server where etcd is changed in place, or has to wait itself", () => {
    const pulling = { state: "Replacing", code: "image-pulling", reason: "" } as const;
    for (const verdict of [{ method: "in-place" }, { ...quick, gate: pulling }] as const) {
      const { out, turns } = choreograph({
        ...facts,
        verdicts: new Map([[keyOf("etcd"), verdict]]),
      });
      assert.deepEqual([out.size, turns.size], [0, 0]);
    }
  });

  it("waits for the API server's own image before it takes that out", () => {
    const pulling = { state: "Replacing", code: "image-pulling", reason: "" } as const;
    const verdicts = new Map<string, ChangeVerdict>([
      [keyOf("etcd"), quick],
      [keyOf("kube-apiserver"), { ...quick, gate: pulling }],
    ]);
    const { out, turns } = choreograph({ ...facts, verdicts });
    assert.deepEqual([out.size, [...turns.keys()]], [0, [keyOf("etcd")]]);
  });

  it("says nothing of pods that belong to no control plane", () => {
    const verdicts = new Map([["default/etcd", quick], ["kube-system/coredns", quick]]);
    const { out, turns } = choreograph({ ...facts, verdicts });
    assert.deepEqual([out.size, turns.size], [0, 0]);
  });
});
