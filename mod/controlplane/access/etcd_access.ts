/** How etcd is reached. */
import type { ClusterConfig } from "../config.ts";
import type { EtcdAccess } from "../plan.ts";

/** Where etcd is: the local member, the one named, or one that kubeadm left on this node. */
export function etcdAccess(cluster: ClusterConfig, loopback: string): EtcdAccess {
  const external = cluster.externalEtcd;
  if (external !== undefined) {
    return {
      endpoints: external.endpoints,
      ...(external.caFile === undefined ? {} : { caFile: external.caFile }),
      ...(external.certFile === undefined ? {} : { certFile: external.certFile }),
      ...(external.keyFile === undefined ? {} : { keyFile: external.keyFile }),
    };
  }
  return {
    endpoints: [`https://${loopback}:2379`],
    caFile: `${cluster.pkiDirectory}/etcd/ca.crt`,
    certFile: `${cluster.pkiDirectory}/apiserver-etcd-client.crt`,
    keyFile: `${cluster.pkiDirectory}/apiserver-etcd-client.key`,
  };
}
