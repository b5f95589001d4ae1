/**
 * Which flags a user may set. The lists follow Talos's: paths of certificates,
 * keys and kubeconfigs are podstead's, comma lists grow, the rest is the user's.
 *
 * Checked against the flags of Kubernetes 1.33 to 1.37 (kubernetes/apiserver
 * pkg/server/options at v0.33.13, v0.34.10, v0.35.7, v0.36.3 and v0.37.0-beta.0;
 * pkg/controlplane/apiserver/options, pkg/kubeapiserver/options and
 * cmd/kube-controller-manager/app/options of kubernetes/kubernetes).
 */
import type { ArgumentPolicy } from "./arguments.ts";

const FROM_PKI = "it names a file of cluster.pkiDirectory";
const ETCD = "set cluster.externalEtcd or cluster.etcd instead";

/** kube-apiserver. */
export const API_SERVER_POLICY: ArgumentPolicy = {
  denied: {
    "advertise-address": "set cluster.advertiseAddress instead",
    "secure-port": "set cluster.controlPlane.localAPIServerPort instead",
    "etcd-servers": ETCD,
    "etcd-cafile": ETCD,
    "etcd-certfile": ETCD,
    "etcd-keyfile": ETCD,
    "client-ca-file": FROM_PKI,
    "kubelet-client-certificate": FROM_PKI,
    "kubelet-client-key": FROM_PKI,
    "proxy-client-cert-file": FROM_PKI,
    "proxy-client-key-file": FROM_PKI,
    "requestheader-client-ca-file": FROM_PKI,
    "service-account-signing-key-file": FROM_PKI,
    "tls-cert-file": FROM_PKI,
    "tls-private-key-file": FROM_PKI,
  },
  additive: [
    "enable-admission-plugins",
    "feature-gates",
    "authorization-mode",
    "service-cluster-ip-range",
  ],
  repeated: ["service-account-key-file"],
};

const KUBECONFIG = "set kubeconfig, or clientCertificate and clientKey, instead";

/** kube-controller-manager. */
export const CONTROLLER_MANAGER_POLICY: ArgumentPolicy = {
  denied: {
    "kubeconfig": KUBECONFIG,
    "authentication-kubeconfig": KUBECONFIG,
    "authorization-kubeconfig": KUBECONFIG,
    "client-ca-file": FROM_PKI,
    "requestheader-client-ca-file": FROM_PKI,
    "root-ca-file": FROM_PKI,
    "service-account-private-key-file": FROM_PKI,
    "cluster-cidr": "set cluster.network.podSubnets instead",
    "cluster-name": "set cluster.clusterName instead",
  },
  additive: ["controllers", "feature-gates", "service-cluster-ip-range"],
  repeated: [],
};

/** kube-scheduler. */
export const SCHEDULER_POLICY: ArgumentPolicy = {
  denied: {
    "kubeconfig": KUBECONFIG,
    "authentication-kubeconfig": KUBECONFIG,
    "authorization-kubeconfig": KUBECONFIG,
  },
  additive: ["feature-gates"],
  repeated: [],
};

/** etcd. */
export const ETCD_POLICY: ArgumentPolicy = {
  denied: {
    "name": "it is the node's name",
    "data-dir": "set cluster.etcd.dataDirectory instead",
    "initial-cluster": "set cluster.etcd.initialCluster instead",
    "initial-cluster-state": "set cluster.etcd.initialClusterState instead",
    "cert-file": FROM_PKI,
    "key-file": FROM_PKI,
    "trusted-ca-file": FROM_PKI,
    "peer-cert-file": FROM_PKI,
    "peer-key-file": FROM_PKI,
    "peer-trusted-ca-file": FROM_PKI,
    "client-cert-auth": "etcd without it is open to every process of the node",
    "peer-client-cert-auth": "etcd without it lets anybody join",
  },
  additive: ["feature-gates"],
  repeated: [],
};

/**
 * A policy with more flags denied, for those that podstead sets only because
 * of another setting.
 */
export function withDenied(
  policy: ArgumentPolicy,
  denied: Readonly<Record<string, string>>,
): ArgumentPolicy {
  return { ...policy, denied: { ...policy.denied, ...denied } };
}
