/** The control plane out of the same config: files first, pods after, each on its own. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { chmod, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually, runPodstead, TestNode } from "../support/node.ts";

const PAGE_TABLE = [
  "NODE         NAMESPACE   TYPE        ID                        VERSION",
  "172.20.0.3   k8s         StaticPod   default-nginx             1",
  "172.20.0.3   k8s         StaticPod   kube-apiserver            1",
  "172.20.0.3   k8s         StaticPod   kube-controller-manager   1",
  "172.20.0.3   k8s         StaticPod   kube-scheduler            1",
  "",
].join("\n");

const COMPONENTS = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"];

describe("podstead on a control plane node", () => {
  let node: TestNode;
  let pki: string;

  before(async () => {
    node = await TestNode.create();
    pki = join(node.directory, "pki");
    await writeConfig();
    const init = await runPodstead(["pki", "init", "--config", node.configPath]);
    assert.equal(init.code, 0, init.stderr);
    await node.startAgent();
  });
  after(() => node.close());

  async function writeConfig(cluster = ""): Promise<void> {
    await writeFile(
      node.configPath,
      `machine:
  pods:
    - apiVersion: v1
      kind: Pod
      metadata: {name: nginx}
      spec: {containers: [{name: nginx, image: "nginx:1.27"}]}
cluster:
  kubernetesVersion: 1.36.2
  pkiDirectory: ${pki}
  kubeconfigDirectory: ${node.directory}
  configDirectory: ${join(node.directory, "control-plane")}
${cluster}agent:
  node: {name: node-1, address: 172.20.0.3}
  manifest: {port: ${node.port}}
  admin: {socket: ${node.socket}}
  stateDir: ${node.stateDir}
`,
    );
  }

  /** Each pod's state and hash, by ID. */
  async function pods(): Promise<ReadonlyMap<string, { state: string; hash: string }>> {
    const { stdout } = await node.podstead("get", "staticpods", "-o", "json");
    const { items } = JSON.parse(stdout);
    return new Map(
      items.map((item: { metadata: { id: string }; status: { state: string; hash: string } }) => [
        item.metadata.id,
        item.status,
      ]),
    );
  }

  const served = async () => {
    const { items } = await (await fetch(node.manifestUrl)).json();
    return items.map((pod: { metadata: { name: string } }) => pod.metadata.name);
  };

  it("prints the documentation page's table", async () => {
    assert.equal((await node.podstead("get", "staticpods")).stdout, PAGE_TABLE);
    assert.deepEqual(await served(), ["nginx", ...COMPONENTS]);
  });

  it("restarts only the component whose setting changed", async () => {
    const before = await pods();
    await writeConfig("  scheduler: {extraArgs: {v: '4'}}\n");
    const reload = await node.podstead("reload");
    assert.equal(reload.code, 0, reload.stdout);
    const after = await pods();
    for (const id of ["kube-apiserver", "kube-controller-manager", "default-nginx"]) {
      assert.equal(after.get(id)?.hash, before.get(id)?.hash, id);
    }
    assert.notEqual(after.get("kube-scheduler")?.hash, before.get("kube-scheduler")?.hash);
  });

  it("does not let a wrong scheduler setting stop the API server", async () => {
    await writeConfig("  scheduler: {extraArgs: {kubeconfig: /elsewhere}}\n");
    const reload = await node.podstead("reload");
    assert.equal(reload.code, 78);
    assert.match(reload.stdout, /kubeconfig/);
    assert.deepEqual(await served(), ["nginx", ...COMPONENTS]);
    await writeConfig();
    assert.equal((await node.podstead("reload")).code, 0);
  });

  it("keeps a running component whose certificate has gone, and says so", async () => {
    const certificate = join(pki, "apiserver.crt");
    await rename(certificate, `${certificate}.away`);
    const reload = await node.podstead("reload");
    assert.equal(reload.code, 78);
    assert.match(reload.stdout, /kube-apiserver: Held, serving revision \d+: .*apiserver\.crt/);
    assert.deepEqual(await served(), ["nginx", ...COMPONENTS]);
    await rename(`${certificate}.away`, certificate);
    await node.podstead("reload");
  });

  it("holds a new component back, and serves it when its file appears, without a reload", async () => {
    await node.signalAgent("SIGTERM", true);
    await writeConfig("  scheduler: {kubeconfig: " + join(node.directory, "late.conf") + "}\n");
    const state = join(node.directory, "fresh");
    await rename(node.stateDir, `${state}.away`);
    await node.startAgent();
    assert.deepEqual(await served(), ["nginx", "kube-apiserver", "kube-controller-manager"]);
    assert.equal((await pods()).get("kube-scheduler")?.state, "Held");
    await rename(join(node.directory, "scheduler.conf"), join(node.directory, "late.conf"));
    await eventually(
      "the scheduler is served",
      async () => (await served()).includes("kube-scheduler") || undefined,
    );
    assert.equal((await pods()).get("kube-scheduler")?.state, "Served");
  });

  it("names a key that others can read", async () => {
    await chmod(join(pki, "apiserver.key"), 0o644);
    const reload = await node.podstead("reload");
    assert.match(reload.stdout, /apiserver\.key/);
    await chmod(join(pki, "apiserver.key"), 0o600);
  });

  it("creates nothing where a file was meant to be", async () => {
    assert.equal((await readdir(pki)).includes("apiserver.crt.away"), false);
    const { items } = await (await fetch(node.manifestUrl)).json();
    for (const pod of items.slice(1)) {
      for (const { hostPath, name } of pod.spec.volumes) {
        if (hostPath === undefined) continue;
        assert.match(hostPath.type ?? "", /^(File|Directory|DirectoryOrCreate)$/, name);
      }
    }
  });
});
