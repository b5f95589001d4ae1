/** What a control plane node lacks, in the order in which it is made. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ControlPlaneConfig } from "../../../controlplane/mod.ts";

/** What is on the node. */
export interface NodeSight {
  readonly exists: (path: string) => boolean;
  /** Whether the kubelet is started with a kubeconfig; undefined if nothing tells. */
  readonly hasKubeconfig: boolean | undefined;
}

/**
 * The steps that are left until a control plane runs, one paragraph each;
 * empty if nothing is missing.
 */
export function controlPlaneSteps(
  { cluster }: ControlPlaneConfig,
  { exists, hasKubeconfig }: NodeSight,
): readonly string[] {
  const { pkiDirectory, kubeconfigDirectory } = cluster;
  const kubeconfig = `${kubeconfigDirectory}/kubelet.conf`;
  const steps: string[] = [];
  if (!exists(`${pkiDirectory}/ca.crt`)) {
    steps.push([
      "Make its certificates and kubeconfigs:",
      "  sudo podstead pki init",
      "or, on a further node of a cluster, with a copy of the first node's PKI:",
      "  sudo podstead pki init --from DIR",
    ].join("\n"));
  } else if (!exists(kubeconfig)) {
    steps.push("Make what is missing of its kubeconfigs:\n  sudo podstead pki renew");
  }
  if (hasKubeconfig === false) {
    steps.push([
      `Start the kubelet with --kubeconfig=${kubeconfig}, and with this in its config file:`,
      "  authentication:",
      "    anonymous: { enabled: false }",
      "    webhook: { enabled: true }",
      `    x509: { clientCAFile: ${pkiDirectory}/ca.crt }`,
      "  authorization: { mode: Webhook }",
    ].join("\n"));
  }
  return steps;
}

/** Makes the directory of a local etcd, for root only. @returns its path if it was made */
export function makeEtcdDirectory(
  { cluster }: ControlPlaneConfig,
  root: string,
): string | undefined {
  if (cluster.etcd === undefined) return undefined;
  const path = join(root, cluster.etcd.dataDirectory);
  if (existsSync(path)) return undefined;
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
