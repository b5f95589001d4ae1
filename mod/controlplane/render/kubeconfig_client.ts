/** The kubeconfig of a component: a finished one, or one that podstead builds. */
import type { KubeconfigClient } from "../config.ts";
import { localApiServerUrl, type RenderContext } from "../context.ts";
import { formatKubeconfig } from "../access/kubeconfig.ts";
import type { ControlPlaneFile, Requirement } from "../plan.ts";
import { readableBy, type SecretFiles } from "./secret_files.ts";
import { hostVolume, type MountedVolume } from "./volumes.ts";

/** What a component's kubeconfig means for its pod, besides the copies that it asked for. */
export interface ResolvedKubeconfig {
  /** Where the component sees it. */
  readonly path: string;
  /** The kubeconfig, where podstead builds it. */
  readonly files: readonly ControlPlaneFile[];
  /** Its mount, if the component reads it in the place where its owner put it. */
  readonly volumes: readonly MountedVolume[];
  readonly requires: readonly Requirement[];
  /** The files of the node that it stands for, as far as the component reads them only when it starts. */
  readonly readAtStart: readonly string[];
}

/**
 * Resolves the kubeconfig of a component. `kube-scheduler` is the user
 * `system:kube-scheduler`, and kubeadm's file for it is `scheduler.conf`.
 *
 * @param secrets the component's files, to which what the kubeconfig needs is added
 */
export function resolveKubeconfig(
  context: RenderContext,
  client: KubeconfigClient,
  secrets: SecretFiles,
): ResolvedKubeconfig {
  const { cluster } = context;
  const { component } = secrets;
  const caPath = `${cluster.pkiDirectory}/ca.crt`;
  const { clientCertificate, clientKey } = client;
  if (clientCertificate === undefined || clientKey === undefined) {
    const confName = component.replace(/^kube-/, "");
    const source = client.kubeconfig ?? `${cluster.kubeconfigDirectory}/${confName}.conf`;
    return {
      path: secrets.at(source, "kubeconfig"),
      files: [],
      volumes: cluster.runAsNonRoot ? [] : [hostVolume("kubeconfig", source, "File")],
      requires: [{ kind: "kubeconfig", path: source, caPath }],
      readAtStart: [source],
    };
  }
  const path = `${secrets.directory}/kubeconfig`;
  const content = formatKubeconfig({
    clusterName: cluster.clusterName,
    userName: `system:${component}`,
    server: localApiServerUrl(context),
    ca: { path: secrets.copy(caPath, "ca.crt") },
    client: {
      certificatePath: secrets.copy(clientCertificate, "client.crt"),
      keyPath: secrets.copy(clientKey, "client.key"),
    },
  });
  return {
    path,
    files: [{ path, content, ...readableBy(component, cluster) }],
    volumes: [],
    requires: [{ kind: "certificate", path: clientCertificate, keyPath: clientKey, caPath }],
    // Certificates named by path are read again by client-go when they change.
    readAtStart: [],
  };
}
