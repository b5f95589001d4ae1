/** The kubeconfig of a component: a finished one, or one that podstead builds. */
import type { KubeconfigClient } from "./config.ts";
import { localApiServerUrl, type RenderContext } from "./context.ts";
import { formatKubeconfig } from "./kubeconfig.ts";
import type { Component, ControlPlaneFile, Requirement } from "./plan.ts";
import { kubeconfigSource, readableBy, SecretFiles } from "./secret_files.ts";

/** What a component's kubeconfig means for its pod. */
export interface ResolvedKubeconfig {
  /** Where the component sees it. */
  readonly path: string;
  /** Files that podstead writes for it. */
  readonly files: readonly ControlPlaneFile[];
  readonly requires: readonly Requirement[];
  /** The files of the node that it stands for; the component reads them when it starts. */
  readonly sources: readonly string[];
  /** True where the component reads it in the place where somebody else put it. */
  readonly inPlace: boolean;
}

/**
 * Resolves the kubeconfig of a component.
 *
 * @param confName kubeadm's file name without `.conf`
 * @param user the user the certificate stands for, `system:kube-scheduler`
 */
export function resolveKubeconfig(
  context: RenderContext,
  component: Component,
  client: KubeconfigClient,
  confName: string,
  user: string,
): ResolvedKubeconfig {
  const { cluster } = context;
  const caPath = `${cluster.pkiDirectory}/ca.crt`;
  const secrets = new SecretFiles(component, cluster);
  if (client.clientCertificate === undefined || client.clientKey === undefined) {
    const source = kubeconfigSource(cluster, client, confName);
    return {
      path: secrets.at(source, "kubeconfig"),
      files: secrets.copies,
      requires: [{ kind: "kubeconfig", path: source, caPath }],
      sources: [source],
      inPlace: !cluster.runAsNonRoot,
    };
  }
  const path = `${secrets.directory}/kubeconfig`;
  const content = formatKubeconfig({
    clusterName: cluster.clusterName,
    userName: user,
    server: localApiServerUrl(context),
    ca: { path: secrets.copy(caPath, "ca.crt") },
    client: {
      certificatePath: secrets.copy(client.clientCertificate, "client.crt"),
      keyPath: secrets.copy(client.clientKey, "client.key"),
    },
  });
  return {
    path,
    files: [{ path, content, ...readableBy(component, cluster) }, ...secrets.copies],
    requires: [{
      kind: "certificate",
      path: client.clientCertificate,
      keyPath: client.clientKey,
      caPath,
    }],
    // Certificates named by path are read again by client-go when they change.
    sources: [],
    inPlace: false,
  };
}
