/**
 * Every flag that is rendered exists in the version it is rendered for.
 *
 * fixtures/controlplane/flags.json has the flags that the repositories
 * kubernetes/apiserver, component-base, controller-manager and cloud-provider
 * define at the newest tag of each minor (1.37: in July 2026, after its code
 * freeze), taken from their sources. What the
 * components define themselves, in kubernetes/kubernetes, is listed here: all
 * of it is in the manifests that kubeadm writes for these versions, or in
 * pkg/kubeapiserver/options and cmd/kube-scheduler/app/options.
 */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fixtures } from "../support.ts";

const SHARED: Record<string, Record<string, string[]>> = JSON.parse(
  readFileSync(join(fixtures, "flags.json"), "utf8"),
);

const OWN: Readonly<Record<string, readonly string[]>> = {
  "kube-apiserver": [
    "allow-privileged",
    "authentication-config",
    "authorization-config",
    "authorization-mode",
    "enable-bootstrap-token-auth",
    "kubelet-client-certificate",
    "kubelet-client-key",
    "kubelet-preferred-address-types",
    "proxy-client-cert-file",
    "proxy-client-key-file",
    "service-account-issuer",
    "service-account-key-file",
    "service-account-signing-key-file",
    "service-cluster-ip-range",
    "v",
  ],
  "kube-controller-manager": [
    "cluster-signing-cert-file",
    "cluster-signing-key-file",
    "root-ca-file",
    "service-account-private-key-file",
    "service-cluster-ip-range",
  ],
  "kube-scheduler": ["config", "v"],
};

/** Golden plans by minor: `1.36` and the flags of each component in them. */
function renderedFlags(): Map<string, Map<string, Set<string>>> {
  const found = new Map<string, Map<string, Set<string>>>();
  for (const name of readdirSync(join(fixtures, "golden"))) {
    const minor = /^v(1\.\d+)-/.exec(name)?.[1];
    if (minor === undefined) continue;
    const plan = JSON.parse(readFileSync(join(fixtures, "golden", name), "utf8"));
    for (const { component, pod } of plan.pods) {
      const components = found.get(minor) ?? new Map<string, Set<string>>();
      found.set(minor, components);
      const flags = components.get(component) ?? new Set<string>();
      components.set(component, flags);
      for (const word of pod.spec.containers[0].command.slice(1)) {
        flags.add(word.slice(2).split("=")[0]);
      }
    }
  }
  return found;
}

describe("rendered flags", () => {
  const rendered = renderedFlags();

  it("are checked for every version that has golden pods", () => {
    assert.deepEqual([...rendered.keys()].sort(), Object.keys(SHARED).sort());
  });

  for (const [minor, components] of rendered) {
    for (const [component, own] of Object.entries(OWN)) {
      it(`exist in ${component} ${minor}`, () => {
        const known = new Set([...Object.values(SHARED[minor] ?? {}).flat(), ...own]);
        const flags = components.get(component) ?? new Set();
        assert.ok(flags.size > 0);
        assert.deepEqual([...flags].filter((flag) => !known.has(flag)), []);
      });
    }
  }
});
