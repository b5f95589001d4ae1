/**
 * Which certificates a control plane has, where they are and what they say.
 *
 * Source: kubernetes cmd/kubeadm/app/phases/certs and its "PKI certificates
 * and requirements" page. Two groups differ: kubeadm gives its admin and the
 * API server's kubelet client the group `kubeadm:cluster-admins`, for which it
 * makes a role binding; no one makes one here, so both have `system:masters`,
 * as with kubeadm before 1.29.
 */
import type { Subject, Usage } from "./certificate.ts";

/** The three authorities. */
export const AUTHORITIES = [
  { name: "ca", commonName: "kubernetes" },
  { name: "front-proxy-ca", commonName: "front-proxy-ca" },
  { name: "etcd/ca", commonName: "etcd-ca" },
] as const;

/** The name of an authority: the path of its files below the PKI directory, without extension. */
export type AuthorityName = (typeof AUTHORITIES)[number]["name"];

/** For which node and cluster. */
export interface PkiIdentity {
  readonly nodeName: string;
  readonly advertiseAddress: string;
  /** Names and addresses of the API server; `apiServerNames` gives them. */
  readonly apiServerNames: readonly string[];
  readonly clusterName: string;
  /** URL of the API server that goes into the components' kubeconfigs. */
  readonly localServer: string;
  /** URL that goes into the administrator's kubeconfig. */
  readonly clusterServer: string;
}

/** A certificate that an authority issues. */
export interface LeafSpec {
  readonly authority: AuthorityName;
  readonly subject: Subject;
  readonly usages: readonly Usage[];
  readonly names: readonly string[];
}

/** A certificate with a file of its own. */
export interface CertificateSpec extends LeafSpec {
  /** Path below the PKI directory, without extension. */
  readonly name: string;
}

/** A certificate inside a kubeconfig. */
export interface KubeconfigSpec extends LeafSpec {
  /** File name in the kubeconfig directory. */
  readonly file: string;
  readonly server: string;
  /** Kept up if it is there, and never made: only kubeadm makes it. */
  readonly optional?: true;
}

/** The certificates with files of their own. */
export function certificateSpecs(identity: PkiIdentity): readonly CertificateSpec[] {
  const local = ["localhost", "127.0.0.1", "::1"];
  const etcdNames = unique([identity.nodeName, ...local, identity.advertiseAddress]);
  const client = (name: string, authority: AuthorityName, subject: Subject): CertificateSpec => ({
    name,
    authority,
    subject,
    usages: ["client"],
    names: [],
  });
  const etcdMember = (name: string): CertificateSpec => ({
    name,
    authority: "etcd/ca",
    subject: { commonName: identity.nodeName },
    usages: ["server", "client"],
    names: etcdNames,
  });
  return [
    {
      name: "apiserver",
      authority: "ca",
      subject: { commonName: "kube-apiserver" },
      usages: ["server"],
      names: unique([...identity.apiServerNames, ...local]),
    },
    client("apiserver-kubelet-client", "ca", {
      commonName: "kube-apiserver-kubelet-client",
      organizations: ["system:masters"],
    }),
    client("front-proxy-client", "front-proxy-ca", { commonName: "front-proxy-client" }),
    etcdMember("etcd/server"),
    etcdMember("etcd/peer"),
    client("etcd/healthcheck-client", "etcd/ca", { commonName: "kube-etcd-healthcheck-client" }),
    client("apiserver-etcd-client", "etcd/ca", { commonName: "kube-apiserver-etcd-client" }),
  ];
}

/** The certificates inside kubeconfigs. */
export function kubeconfigSpecs(identity: PkiIdentity): readonly KubeconfigSpec[] {
  const spec = (file: string, server: string, subject: Subject): KubeconfigSpec => ({
    file,
    server,
    subject,
    authority: "ca",
    usages: ["client"],
    names: [],
  });
  const { clusterServer, localServer } = identity;
  return [
    spec("admin.conf", clusterServer, {
      commonName: "kubernetes-admin",
      organizations: ["system:masters"],
    }),
    {
      // kubeadm 1.29 and later; its admin.conf needs a role binding, this one does not.
      ...spec("super-admin.conf", clusterServer, {
        commonName: "kubernetes-super-admin",
        organizations: ["system:masters"],
      }),
      optional: true,
    },
    spec("controller-manager.conf", localServer, { commonName: "system:kube-controller-manager" }),
    spec("scheduler.conf", localServer, { commonName: "system:kube-scheduler" }),
    spec("kubelet.conf", localServer, {
      commonName: `system:node:${identity.nodeName}`,
      organizations: ["system:nodes"],
    }),
  ];
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
