/** Reloads that come while a control plane goes back to the version before, at each moment of that. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { COMPONENTS, ControlPlaneNode, keyOf, type Versions } from "./control_plane_node.ts";

/** Half seconds that a change has been tried for when it is taken back. */
const TRIED = 16;
/** Half seconds from the way back until all is as it was. */
const BACK = 14;

const TRIED_CHANGES: readonly Versions[] = [
  { "etcd": "bad" },
  { "kube-apiserver": "bad" },
  { "etcd": "2", "kube-apiserver": "bad" },
  {
    "etcd": "bad",
    "kube-apiserver": "2",
    "kube-controller-manager": "2",
    "kube-scheduler": "2",
  },
];

/** A node that begins to go back. */
async function goingBack(tried: Versions): Promise<ControlPlaneNode> {
  const node = new ControlPlaneNode();
  await node.start();
  await node.change(tried);
  await node.steps(TRIED);
  node.history.length = 0;
  await node.change({});
  return node;
}

/** That each component runs in a version and is ready, and nothing is on its way. */
function assertAll(node: ControlPlaneNode, versions: Versions, when: string): void {
  const listed = new Set(node.scene.listed);
  for (const name of COMPONENTS) {
    assert.ok(listed.has(`${name}@${versions[name] ?? "1"}`), `${name} ${when}: ${[...listed]}`);
    assert.ok(node.scene.ready.has(keyOf(name)), `${name} is not ready, ${when}`);
  }
  assert.deepEqual(node.scene.states(), {}, when);
}

/** That etcd never ended under an API server that ran. */
function assertOrder({ history }: ControlPlaneNode, when: string): void {
  let apiRuns = !history.some((event) => event.startsWith("+kube-apiserver")) ||
    history.indexOf("-kube-apiserver") !== -1 &&
      history.indexOf("-kube-apiserver") <
        history.findIndex((event) => event.startsWith("+kube-apiserver"));
  for (const event of history) {
    if (event === "-kube-apiserver") apiRuns = false;
    else if (event.startsWith("+kube-apiserver")) apiRuns = true;
    else if (event === "-etcd") assert.ok(!apiRuns, `${when}: ${history.join(" ")}`);
  }
}

describe("a reload while a control plane goes back", () => {
  for (const tried of TRIED_CHANGES) {
    const name = Object.entries(tried).map((one) => one.join("@")).join(", ");

    it(`from ${name} with an unrelated change takes the API server out once at most`, async () => {
      for (let stage = 0; stage < BACK; stage += 1) {
        const node = await goingBack(tried);
        await node.steps(stage);
        await node.change({ web: "2" });
        await node.steps(40);
        const when = `after ${stage} steps`;
        assert.ok(node.count("-kube-apiserver") <= 1, `${when}: ${node.history.join(" ")}`);
        assertAll(node, {}, when);
        assertOrder(node, when);
        assert.ok(node.scene.listed.includes("web@2"));
        await node.scene.rollout.close();
      }
    });

    it(`from ${name} with the correction ends there`, async () => {
      const corrected = Object.fromEntries(Object.keys(tried).map((key) => [key, "4"]));
      for (let stage = 0; stage < BACK; stage += 1) {
        const node = await goingBack(tried);
        await node.steps(stage);
        await node.change(corrected);
        await node.steps(50);
        const when = `after ${stage} steps`;
        // Once for the way back, and once more where that had come to its end.
        assert.ok(node.count("-kube-apiserver") <= 2, `${when}: ${node.history.join(" ")}`);
        assertAll(node, corrected, when);
        assertOrder(node, when);
        await node.scene.rollout.close();
      }
    });

    for (const [what, next] of [["same wrong value", tried], ["new wrong value", badly(tried)]]) {
      it(`from ${name} with the ${what} goes back from there`, async () => {
        for (let stage = 0; stage < BACK; stage += 2) {
          const node = await goingBack(tried);
          await node.steps(stage);
          await node.change(next as Versions);
          await node.steps(TRIED);
          await node.change({});
          await node.steps(40);
          const when = `after ${stage} steps`;
          assert.ok(node.count("-kube-apiserver") <= 3, `${when}: ${node.history.join(" ")}`);
          assertAll(node, {}, when);
          assertOrder(node, when);
          await node.scene.rollout.close();
        }
      });
    }
  }
});

/** The same pods in another version each that does not become ready. */
function badly(versions: Versions): Versions {
  return Object.fromEntries(Object.keys(versions).map((key) => [key, "bad-too"]));
}
