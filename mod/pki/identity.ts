/** For whom a PKI is, from the settings of the control plane. */
import {
  apiServerNames,
  type ClusterConfig,
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
