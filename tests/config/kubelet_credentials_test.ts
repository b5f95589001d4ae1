import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../../mod/config/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

async function kubeletOf(text: string) {
  await using directory = await makeTempDir("config");
  const path = join(directory.path, "config.yaml");
  writeFileSync(path, text);
  const { settings, problems } = await loadConfig(path, { hostname: "a", address: "192.0.2.1" });
  assert.deepEqual(problems.filter(({ severity }) => severity === "error"), []);
  const { clientCertificate, clientKey } = settings!.kubelet;
  return [clientCertificate, clientKey];
}

const CLUSTER = "cluster: {kubernetesVersion: 1.36.2, pkiDirectory: /pki}\n";

describe("settings.kubelet", () => {
  it("has the API server's client certificate on a control plane node that sets none", async () => {
    assert.deepEqual(await kubeletOf(CLUSTER), [
      "/pki/apiserver-kubelet-client.crt",
      "/pki/apiserver-kubelet-client.key",
    ]);
  });

  it("has what is set, and nothing on other nodes", async () => {
    const own = "agent: {kubelet: {clientCertificate: /a.crt, clientKey: /a.key}}\n";
    assert.deepEqual(await kubeletOf(CLUSTER + own), ["/a.crt", "/a.key"]);
    const token = "agent: {kubelet: {tokenFile: /token}}\n";
    assert.deepEqual(await kubeletOf(CLUSTER + token), [null, null]);
    assert.deepEqual(await kubeletOf("machine: {}\n"), [null, null]);
  });
});
