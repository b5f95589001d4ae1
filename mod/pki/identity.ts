/** For whom a PKI is, from the settings of the control plane. */
import {
  apiServerNames,
  applyDocuments,
  type ClusterConfig,
  type ControlPlaneConfig,
  type ControlPlaneNode,
  urlHost,
} from "../controlplane/mod.ts";
import type { PkiIdentity } from "./layout.ts";

/** What the certificates of a node say, by its config. */
export function pkiIdentity(cluster: ClusterConfig, node: ControlPlaneNode): PkiIdentity {
  const advertiseAddress = cluster.advertiseAddress ?? node.address;
  const { endpoint, localAPIServerPort } = cluster.controlPlane;
  const localServer = `https://${urlHost(advertiseAddress)}:${localAPIServerPort}`;
  return {
    nodeName: node.name,
    advertiseAddress,
    apiServerNames: apiServerNames(cluster, node),
    clusterName: cluster.clusterName,
    localServer,
    clusterServer: endpoint ?? localServer,
  };
}

/** Where a node's PKI is and for whom, by its config. */
export interface PkiPlace {
  readonly directory: string;
  readonly kubeconfigDirectory: string;
  readonly identity: PkiIdentity;
}

/** The PKI that a control plane's settings name. */
export function pkiPlaceOf(config: ControlPlaneConfig, node: ControlPlaneNode): PkiPlace {
  const { cluster } = applyDocuments(config);
  return {
    directory: cluster.pkiDirectory,
    kubeconfigDirectory: cluster.kubeconfigDirectory,
    identity: pkiIdentity(cluster, node),
  };
}
