/** An upgrade of podstead restarts no component, and a change of one brings the newer choices. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../mod/config/mod.ts";
import {
  type ControlPlanePod,
  type ControlPlanePods,
  declareControlPlane,
  prepareControlPlane,
  renderControlPlane,
} from "../../mod/controlplane/mod.ts";
import { proposeReload } from "../../mod/agent/proposal.ts";
import type { ServedPod } from "../../mod/agent/state/state.ts";
import type { DeclaredPod } from "../../mod/pods/mod.ts";
import { DAY, directoryWithPki, NOW, optionsFor } from "../pki/support.ts";
import { configOf, node } from "./support.ts";

/** A control plane with a PKI in a directory, declared. */
async function controlPlane(
  root: string,
  cluster: Record<string, unknown> = {},
): Promise<ControlPlanePods> {
  const config = configOf({
    kubernetesVersion: "v1.35.7",
    etcd: { dataDirectory: join(root, "etcd") },
    pkiDirectory: optionsFor(root).directory,
    kubeconfigDirectory: root,
    configDirectory: join(root, "control-plane"),
    ...cluster,
  });
  const plan = renderControlPlane(config, node);
  const prepared = await prepareControlPlane(plan, { nowMs: NOW + DAY, write: false });
  return declareControlPlane(plan, prepared, "/etc/podstead/config.yaml");
}

function servedPod({ key, id, pod, hash, entry }: DeclaredPod): ServedPod {
  const { file, position } = entry.source;
  const source = { file, line: position.line };
  return { id, ...key, pod, hash, revision: 1, sinceMs: NOW, source };
}

async function propose(pods: ControlPlanePods, previous: readonly ServedPod[]) {
  const directory = mkdtempSync(join(tmpdir(), "podstead-defaults-"));
  const path = join(directory, "config.yaml");
  writeFileSync(path, "agent: {}\n");
  const loaded = await loadConfig(path, { hostname: node.name, address: node.address });
  rmSync(directory, { recursive: true });
  const { plan } = await proposeReload({
    loaded,
    controlPlane: pods,
    previous,
    lastOutcomes: [],
    revision: 1,
    nowMs: NOW,
    judge: (all) =>
      all.map((pod) => ({
        ...{ pod, hash: "", volumes: [], sealed: [], objects: [], errors: [], warnings: [] },
      })),
  });
  return new Map(plan.outcomes.map(({ id, change }) => [id, change]));
}

const oldest = ({ declared, earlier = [] }: ControlPlanePod) =>
  servedPod(earlier.at(-1) ?? declared);

describe("pods of a control plane that an earlier podstead served", () => {
  it("stay as they are after an upgrade of podstead", async () => {
    using root = await directoryWithPki();
    const now = await controlPlane(root.path);
    const names = now.pods.filter(({ earlier }) => earlier !== undefined)
      .map(({ declared }) => declared.id);
    assert.equal(names.length, 4);
    const changes = await propose(now, now.pods.map(oldest));
    assert.deepEqual([...changes.values()], ["unchanged", "unchanged", "unchanged", "unchanged"]);
  });

  it("are not what a new node serves", async () => {
    using root = await directoryWithPki();
    const now = await controlPlane(root.path);
    const api = now.pods.find(({ declared }) => declared.id === "kube-apiserver")?.declared.pod;
    assert.match(JSON.stringify(api), /--shutdown-watch-termination-grace-period=2s/);
    assert.deepEqual([...(await propose(now, [])).values()], ["added", "added", "added", "added"]);
  });

  it("get the newer choices with the next change of the component, and only of that", async () => {
    using root = await directoryWithPki();
    const before = await controlPlane(root.path);
    const after = await controlPlane(root.path, { apiServer: { extraArgs: { v: "2" } } });
    const changes = await propose(after, before.pods.map(oldest));
    assert.equal(changes.get("kube-apiserver"), "changed");
    assert.equal(changes.get("kube-scheduler"), "unchanged");
    assert.equal(changes.get("etcd"), "unchanged");
  });

  it("do not fight a value of the user's own", async () => {
    const flag = "shutdown-watch-termination-grace-period";
    using root = await directoryWithPki();
    const { pods } = await controlPlane(root.path, { apiServer: { extraArgs: { [flag]: "10s" } } });
    const api = pods.find(({ declared }) => declared.id === "kube-apiserver");
    assert.match(JSON.stringify(api?.declared.pod), new RegExp(`--${flag}=10s`));
  });
});
