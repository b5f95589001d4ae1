import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type TakenPod, takeOverManifests, takeOverSteps } from "../../../mod/controlplane/mod.ts";

const manifest = (name: string, namespace = "kube-system") => ({
  file: `/m/${name}.yaml`,
  key: `${namespace}/${name}`,
});
const KUBEADM = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]
  .map((name) => manifest(name));

/** Runs a take-over in a folder, and tells what was done. */
async function run(
  notReady: string | undefined,
  unmovable?: string,
  unending?: string,
  holds: () => Promise<void> = () => Promise.resolve(),
  pods: readonly TakenPod[] = [...KUBEADM, manifest("web", "default")],
) {
  const done: string[] = [];
  const folder = new Set(pods.flatMap(({ file }) => file ?? []));
  const result = await takeOverManifests(takeOverSteps(pods), {
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
    async hold(keys) {
      await holds();
      done.push(`hold ${keys.join(" ")}`);
    },
    release: (keys) => Promise.resolve(void done.push(`release ${keys.join(" ")}`)),
    waitGone(key) {
      done.push(`gone ${key}`);
      return Promise.resolve(key === unending ? "it runs still" : undefined);
    },
    waitRuns: (key) => Promise.resolve(void done.push(`runs ${key}`)),
    waitBriefly: (key) => Promise.resolve(void done.push(`briefly ${key}`)),
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
    // The API server ends before etcd does, and comes back after it.
    assert.deepEqual(done.slice(4, -2), [
      "hold kube-system/etcd kube-system/kube-apiserver",
      "away /m/kube-apiserver.yaml",
      "gone kube-system/kube-apiserver",
      "away /m/etcd.yaml",
      "gone kube-system/etcd",
      "release kube-system/etcd",
      "briefly kube-system/etcd",
      "release kube-system/kube-apiserver",
      "wait kube-system/etcd kube-system/kube-apiserver",
    ]);
    assert.deepEqual(done.slice(0, 2), [
      "away /m/kube-scheduler.yaml",
      "wait kube-system/kube-scheduler",
    ]);
  });

  it("puts a step back whose pods do not become ready, and stops", async () => {
    const { result, done, left } = await run("kube-system/kube-apiserver");
    assert.equal(result.kind, "stopped");
    assert.ok(result.kind === "stopped" && result.reason === "it crashes");
    // The kubelet starts a pod of the folder only once podstead's of that name is gone.
    assert.deepEqual(done.slice(-6), [
      "hold kube-system/etcd kube-system/kube-apiserver",
      "gone kube-system/kube-apiserver",
      "gone kube-system/etcd",
      "back /m/etcd.yaml",
      "runs kube-system/etcd",
      "back /m/kube-apiserver.yaml",
    ]);
    assert.deepEqual(result.held, ["kube-system/etcd", "kube-system/kube-apiserver"]);
    assert.deepEqual(left, ["/m/etcd.yaml", "/m/kube-apiserver.yaml", "/m/web.yaml"]);
  });

  it("puts back the half of a step that could be moved", async () => {
    const { result, done, left } = await run(undefined, "/m/etcd.yaml");
    assert.ok(result.kind === "stopped" && result.reason === "read-only");
    assert.ok(done.includes("back /m/kube-apiserver.yaml"));
    assert.ok(done.includes("release kube-system/etcd"), "it was not moved");
    assert.deepEqual(result.held, ["kube-system/kube-apiserver"]);
    assert.deepEqual(left, ["/m/etcd.yaml", "/m/kube-apiserver.yaml", "/m/web.yaml"]);
  });

  it("puts the API server back whose old pod does not end, and leaves etcd alone", async () => {
    const { result, done, left } = await run(undefined, undefined, "kube-system/kube-apiserver");
    assert.ok(result.kind === "stopped" && result.reason === "it runs still");
    assert.deepEqual(done.slice(4), [
      "hold kube-system/etcd kube-system/kube-apiserver",
      "away /m/kube-apiserver.yaml",
      "gone kube-system/kube-apiserver",
      "release kube-system/etcd",
      "hold kube-system/kube-apiserver",
      "gone kube-system/kube-apiserver",
      "back /m/kube-apiserver.yaml",
    ]);
    assert.deepEqual(left, ["/m/etcd.yaml", "/m/kube-apiserver.yaml", "/m/web.yaml"]);
  });

  it("puts back what it cannot hold, and names what has to be held by hand", async () => {
    let holds = 0;
    const { result, done, left } = await run(
      "kube-system/kube-apiserver",
      undefined,
      undefined,
      () => (holds += 1) === 1 ? Promise.resolve() : Promise.reject(new Error("no agent")),
    );
    assert.ok(result.kind === "stopped");
    assert.deepEqual(result.held, []);
    assert.deepEqual(result.unheld, {
      keys: ["kube-system/etcd", "kube-system/kube-apiserver"],
      reason: "no agent",
    });
    assert.deepEqual(done.slice(-3), [
      "back /m/etcd.yaml",
      "runs kube-system/etcd",
      "back /m/kube-apiserver.yaml",
    ]);
    assert.deepEqual(left, ["/m/etcd.yaml", "/m/kube-apiserver.yaml", "/m/web.yaml"]);
  });

  it("continues with what an attempt before holds: the manifest is away already", async () => {
    const [etcd, apiServer] = KUBEADM;
    const left = (one: TakenPod | undefined): TakenPod => ({ key: one?.key ?? "" });
    const attempt = (...pods: readonly TakenPod[]) =>
      run(undefined, undefined, undefined, () => Promise.resolve(), pods);
    const both = await attempt(left(etcd), left(apiServer));
    assert.deepEqual(both.result, { kind: "done" });
    assert.deepEqual(both.done.slice(-4), [
      "release kube-system/etcd",
      "briefly kube-system/etcd",
      "release kube-system/kube-apiserver",
      "wait kube-system/etcd kube-system/kube-apiserver",
    ]);
    const half = await attempt(etcd!, left(apiServer));
    assert.ok(
      half.done.indexOf("away /m/etcd.yaml") < half.done.indexOf("release kube-system/etcd"),
    );
    assert.ok(!half.done.includes("release kube-system/kube-apiserver kube-system/etcd"));
    const alone = await attempt(left(apiServer));
    assert.deepEqual(alone.done, [
      "release kube-system/kube-apiserver",
      "wait kube-system/kube-apiserver",
    ]);
  });

  it("serves again what an attempt before holds when this one stops", async () => {
    const [etcd, apiServer] = KUBEADM;
    const pods = [etcd!, { key: apiServer!.key }];
    const { result, done } = await run(undefined, etcd!.file, undefined, undefined, pods);
    assert.ok(result.kind === "stopped" && result.reason === "read-only");
    assert.deepEqual(done.slice(-1), ["release kube-system/etcd kube-system/kube-apiserver"]);
  });
});
