import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../../mod/config/mod.ts";
import { proposeControlPlane } from "../../../mod/controlplane/mod.ts";

const CONFIG = `agent:
  include: [talos.yaml]
cluster:
  kubernetesVersion: v1.36.2
  scheduler:
    extraArgs:
      v: 2
      kubeconfig: /tmp/x
`;
const TALOS = `# kept apart
apiVersion: v1alpha1
kind: KubeAPIServerConfig
extraArgs:
  secure-port: "7443"
`;

/** The places and lines of the errors in the settings of a control plane. */
async function places(files: Readonly<Record<string, string>>) {
  const directory = mkdtempSync(join(tmpdir(), "podstead-places-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    const path = join(directory, "config.yaml");
    const loaded = await loadConfig(path, { hostname: "cp-1", address: "192.0.2.10" });
    assert.deepEqual(loaded.problems, []);
    assert.ok(loaded.settings);
    const { controlPlane: config, node } = loaded.settings;
    const { placeOf } = loaded;
    const { problems } = await proposeControlPlane({ config, node, file: path, placeOf }, 0);
    return problems.filter(({ severity }) => severity === "error")
      .map(({ code, file, position, sourceLine }) => [
        code,
        file.slice(directory.length + 1),
        position?.line,
        position?.column,
        sourceLine,
      ]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("proposeControlPlane() problems", () => {
  it("point to the setting, also where it stands in an included document", async () => {
    assert.deepEqual(await places({ "config.yaml": CONFIG, "talos.yaml": TALOS }), [
      ["argument-denied", "talos.yaml", 5, 3, '  secure-port: "7443"'],
      ["argument-denied", "config.yaml", 8, 7, "      kubeconfig: /tmp/x"],
    ]);
  });

  it("point to what is above a setting that is missing", async () => {
    assert.deepEqual(await places({ "config.yaml": "cluster:\n  clusterName: x\n" }), [
      ["kubernetes-version-unknown", "config.yaml", 1, 1, "cluster:"],
    ]);
  });
});
