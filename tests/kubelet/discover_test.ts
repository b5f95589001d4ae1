import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { discoverKubelet, type KubeletFacts } from "../../mod/kubelet/mod.ts";
import { KUBEADM_NODE, KUBELET_ONLY_NODE, memoryFiles } from "../support/memory_files.ts";

async function factsOf(table: Readonly<Record<string, string>>): Promise<KubeletFacts> {
  const found = await discoverKubelet(memoryFiles(table));
  assert.ok(found.kind === "unit");
  return found.facts;
}

describe("discoverKubelet()", () => {
  it("reads a kubeadm node: drop-in, variables, config", async () => {
    const facts = await factsOf(KUBEADM_NODE);
    assert.deepEqual(facts.command, [
      "/usr/bin/kubelet",
      "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf",
      "--kubeconfig=/etc/kubernetes/kubelet.conf",
      "--config=/var/lib/kubelet/config.yaml",
      "--container-runtime-endpoint=unix:///run/containerd/containerd.sock",
      "--hostname-override=Node1",
    ]);
    assert.equal(facts.configFile, "/var/lib/kubelet/config.yaml");
    assert.equal(facts.configDirectory, undefined);
    assert.equal(facts.kubeadm, true);
    assert.deepEqual(facts.extraArguments, {
      variable: "KUBELET_EXTRA_ARGS",
      value: "",
      from: undefined,
    });
    assert.equal(facts.settings.staticPodPath, "/etc/kubernetes/manifests");
    assert.equal(facts.settings.nodeName, "Node1");
  });

  it("reads a kubelet-only node: continued lines, flags in two words, config drop-ins", async () => {
    const facts = await factsOf(KUBELET_ONLY_NODE);
    assert.equal(facts.configFile, "/etc/kubernetes/kubelet.yaml");
    assert.equal(facts.configDirectory, "/etc/kubernetes/kubelet.d/");
    assert.deepEqual(facts.configDropIns, ["/etc/kubernetes/kubelet.d/10-a.conf"]);
    assert.equal(facts.settings.staticPodPath, "/b");
    assert.equal(facts.settings.httpCheckFrequency, "5s");
    assert.equal(facts.extraArguments, undefined);
  });

  it("lets flags win over files and a stronger unit directory over a weaker one", async () => {
    const facts = await factsOf({
      ...KUBEADM_NODE,
      "/etc/default/kubelet":
        `KUBELET_EXTRA_ARGS="--manifest-url=http://x/y --manifest-url-header=Authorization:Bearer\\ t --http-check-frequency=2s"\n`,
      "/etc/systemd/system/kubelet.service": "[Service]\nExecStart=/opt/new/kubelet\n",
    });
    assert.equal(facts.unitFiles[0], "/etc/systemd/system/kubelet.service");
    assert.equal(facts.settings.staticPodURL, "http://x/y");
    assert.equal(facts.settings.httpCheckFrequency, "2s");
    assert.equal(facts.extraArguments?.from, "/etc/default/kubelet");
  });

  for (const [unit, by] of [["k3s.service", "k3s"], ["rke2-agent.service", "RKE2"]] as const) {
    it(`finds ${by}`, async () => {
      const path = `/etc/systemd/system/${unit}`;
      assert.deepEqual(
        await discoverKubelet(
          memoryFiles({ [path]: "[Service]\nExecStart=/usr/local/bin/x server\n" }),
        ),
        { kind: "embedded", by, unit },
      );
    });
  }

  it("says when there is none", async () => {
    assert.deepEqual(await discoverKubelet(memoryFiles({})), { kind: "none" });
  });

  it("takes a config it cannot read for an empty one", async () => {
    const facts = await factsOf({ ...KUBEADM_NODE, "/var/lib/kubelet/config.yaml": "a: [" });
    assert.equal(facts.settings.staticPodPath, undefined);
  });
});
