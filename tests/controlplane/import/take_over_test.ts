import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  type TakenManifest,
  takeOverManifests,
  takeOverSteps,
} from "../../../mod/controlplane/mod.ts";

const manifest = (name: string, namespace = "kube-system"): TakenManifest => ({
  file: `/m/${name}.yaml`,
  key: `${namespace}/${name}`,
});
const KUBEADM = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]
  .map((name) => manifest(name));

/** Runs a take-over in a folder, and tells what was done. */
async function run(notReady: string | undefined, unmovable?: string) {
  const done: string[] = [];
  const folder = new Set([...KUBEADM, manifest("web", "default")].map(({ file }) => file));
  const result = await takeOverManifests(takeOverSteps([...KUBEADM, manifest("web", "default")]), {
    moveAway(file) {
      if (file === unmovable) return Promise.reject(new Error("read-only"));
      folder.delete(file);
      done.push(`away ${file}`);
      return Promise.resolve();
    },
    putBack(file) {
      folder.add(file);
      done.push(`back ${file}`);
      return Promise.resolve();
    },
    waitReady: (keys) => {
      done.push(`wait ${keys.join(" ")}`);
      return Promise.resolve(keys.some((key) => key === notReady) ? "it crashes" : undefined);
    },
    onStep: () => undefined,
  });
  return { result, done, left: [...folder].sort() };
}

describe("takeOverManifests()", () => {
  it("goes one by one, etcd and the API server as one", async () => {
    const { result, done, left } = await run(undefined);
    assert.deepEqual(result, { kind: "done" });
    assert.deepEqual(left, []);
    assert.deepEqual(done.filter((line) => line.startsWith("wait")), [
      "wait kube-system/kube-scheduler",
      "wait kube-system/kube-controller-manager",
      "wait kube-system/etcd kube-system/kube-apiserver",
      "wait default/web",
    ]);
    assert.deepEqual(done.slice(0, 2), [
      "away /m/kube-scheduler.yaml",
      "wait kube-system/kube-scheduler",
    ]);
  });

  it("puts a step back whose pods do not become ready, and stops", async () => {
    const { result, left } = await run("kube-system/kube-apiserver");
    assert.equal(result.kind, "stopped");
    assert.ok(result.kind === "stopped" && result.reason === "it crashes");
    assert.deepEqual(left, ["/m/etcd.yaml", "/m/kube-apiserver.yaml", "/m/web.yaml"]);
  });

  it("puts back the half of a step that could be moved", async () => {
    const { result, done, left } = await run(undefined, "/m/kube-apiserver.yaml");
    assert.ok(result.kind === "stopped" && result.reason === "read-only");
    assert.ok(done.includes("back /m/etcd.yaml"));
    assert.deepEqual(left, ["/m/etcd.yaml", "/m/kube-apiserver.yaml", "/m/web.yaml"]);
  });
});
