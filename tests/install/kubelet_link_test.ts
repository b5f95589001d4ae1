import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parse } from "yaml";
import { discoverKubelet, type KubeletFacts } from "../../mod/kubelet/mod.ts";
import { kubeletConfiguration, kubeletFlags, planKubeletLink } from "../../mod/install/mod.ts";
import { KUBEADM_NODE, KUBELET_ONLY_NODE, memoryFiles } from "../support/memory_files.ts";

const SOURCE = { url: "http://127.0.0.1:10261/manifests", token: "s3cret" };

async function factsOf(table: Readonly<Record<string, string>>): Promise<KubeletFacts> {
  const found = await discoverKubelet(memoryFiles(table));
  assert.ok(found.kind === "unit");
  return found.facts;
}

describe("planKubeletLink()", () => {
  const link = async (table: Readonly<Record<string, string>>, minor?: number) =>
    planKubeletLink(await discoverKubelet(memoryFiles(table)), SOURCE, minor);

  it("puts a drop-in into the config directory in use, readable by root only", async () => {
    const result = await link(KUBELET_ONLY_NODE);
    assert.ok(result.kind === "files");
    assert.deepEqual(result.files.map(({ path, mode, secret }) => ({ path, mode, secret })), [
      { path: "/etc/kubernetes/kubelet.d/90-podstead.conf", mode: 0o600, secret: true },
    ]);
    assert.equal(result.files[0]?.text, kubeletConfiguration(SOURCE));
  });

  it("gives a kubeadm node a config directory through its free variable", async () => {
    const result = await link(KUBEADM_NODE, 34);
    assert.ok(result.kind === "files");
    assert.deepEqual(result.files.map((file) => file.path), [
      "/etc/kubernetes/kubelet.conf.d/90-podstead.conf",
      "/etc/podstead/kubelet.env",
      "/etc/systemd/system/kubelet.service.d/50-podstead.conf",
    ]);
    // What was planned, once it is there, is read back as intended and changes nothing more.
    const written = Object.fromEntries(result.files.map((file) => [file.path, file.text]));
    const facts = await factsOf({ ...KUBEADM_NODE, ...written });
    assert.equal(facts.command.at(-1), "--config-dir=/etc/kubernetes/kubelet.conf.d");
    assert.equal(facts.settings.staticPodURL, SOURCE.url);
    assert.deepEqual(facts.settings.staticPodURLHeader, { Authorization: ["Bearer s3cret"] });
    assert.equal(facts.settings.httpCheckFrequency, "1s");
    assert.deepEqual(await link({ ...KUBEADM_NODE, ...written }, 34), result);
  });

  it("gives no config directory to a kubelet whose config would not survive it", async () => {
    const config = "/var/lib/kubelet/config.yaml";
    const result = await link({
      ...KUBEADM_NODE,
      [config]: `${KUBEADM_NODE[config]}enforceNodeAllocatable: []\n`,
    }, 36);
    assert.ok(result.kind === "manual");
    assert.match(result.lines.join("\n"), /has "enforceNodeAllocatable: \[\]"/);
    assert.match(result.lines.join("\n"), /Add these lines to \/var\/lib\/kubelet\/config\.yaml/);
  });

  it("never edits what an administrator wrote into the variable", async () => {
    const result = await link({
      ...KUBEADM_NODE,
      "/etc/default/kubelet": "KUBELET_EXTRA_ARGS=--v=4\n",
    });
    assert.ok(result.kind === "manual");
    assert.match(result.lines.join("\n"), /in use in \/etc\/default\/kubelet/);
    assert.match(result.lines.join("\n"), /--config-dir=\/etc\/kubernetes\/kubelet\.conf\.d/);
  });

  it("names the lines for the config file of an older kubelet, and flags where there is none", async () => {
    const old = await link(KUBEADM_NODE, 28);
    assert.ok(old.kind === "manual");
    assert.match(old.lines.join("\n"), /Add these lines to \/var\/lib\/kubelet\/config\.yaml/);
    assert.match(old.lines.join("\n"), /staticPodURL: http:\/\/127\.0\.0\.1:10261\/manifests/);
    const bare = await link({
      "/etc/systemd/system/kubelet.service": "[Service]\nExecStart=/usr/bin/kubelet --v=2\n",
    });
    assert.ok(bare.kind === "manual");
    assert.match(bare.lines.join("\n"), /"--manifest-url-header=Authorization:Bearer s3cret"/);
  });

  it("says that another --manifest-url is in the way", async () => {
    const result = await link({
      "/etc/systemd/system/kubelet.service":
        "[Service]\nExecStart=/usr/bin/kubelet --config-dir=/d --manifest-url=http://other/\n",
    });
    assert.ok(result.kind === "manual");
    assert.match(result.lines[0] ?? "", /--manifest-url=http:\/\/other\//);
  });

  it("leaves a kubelet alone that reads the endpoint already", async () => {
    assert.deepEqual(
      await link({
        ...KUBELET_ONLY_NODE,
        "/etc/kubernetes/kubelet.d/99-own.conf": kubeletConfiguration(SOURCE),
      }),
      { kind: "linked" },
    );
  });

  it("tells k3s and RKE2 what can be done and since when", async () => {
    const result = await link({ "/etc/systemd/system/rke2-server.service": "[Service]\n" });
    assert.ok(result.kind === "manual");
    assert.match(
      result.lines.join("\n"),
      /\/var\/lib\/rancher\/rke2\/agent\/etc\/kubelet\.conf\.d/,
    );
    assert.match(result.lines.join("\n"), /Before 1\.32 it cannot work/);
  });
});

describe("kubeletConfiguration()", () => {
  it("is a KubeletConfiguration with URL, header and interval", () => {
    assert.deepEqual(parse(kubeletConfiguration(SOURCE)), {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      staticPodURL: SOURCE.url,
      staticPodURLHeader: { Authorization: ["Bearer s3cret"] },
      httpCheckFrequency: "1s",
    });
  });
  it("has no header without a token", () => {
    const text = kubeletConfiguration({ url: SOURCE.url, token: undefined });
    assert.equal(Object.hasOwn(parse(text), "staticPodURLHeader"), false);
    assert.deepEqual(kubeletFlags({ url: SOURCE.url, token: undefined }), [
      `--manifest-url=${SOURCE.url}`,
      "--http-check-frequency=1s",
    ]);
  });
});
