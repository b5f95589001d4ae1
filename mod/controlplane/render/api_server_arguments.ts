/** The flags of kube-apiserver, as kubeadm sets them. */
import type { Arguments } from "./arguments.ts";
import type { ConfigFile } from "./config_file.ts";
import type { RenderContext } from "../context.ts";
import type { SecretFiles } from "./secret_files.ts";

/** Where the audit log goes; Talos's directory. */
export const AUDIT_DIRECTORY = "/var/log/audit/kube";

/**
 * How long watches may go on once the API server is to end. With 2 s a changed
 * flag took the API away for 6 s instead of 35 (kube-apiserver 1.36.2), and
 * neither scheduler nor controller manager lost its lease.
 * Known since 1.27 (kubernetes/kubernetes pull request 114925).
 */
const WATCH_TERMINATION = "2s";

/** Podstead's own flags of kube-apiserver, but for those that name config files. */
export function apiServerArguments(
  context: RenderContext,
  secrets: SecretFiles,
  configFiles: readonly ConfigFile[],
): Arguments {
  const { cluster, etcd } = context;
  return {
    "advertise-address": context.advertiseAddress,
    "allow-privileged": "true",
    ...(configFiles.some((file) => file.flag === "authorization-config")
      ? {}
      : { "authorization-mode": "Node,RBAC" }),
    "client-ca-file": secrets.pki("ca.crt"),
    "enable-admission-plugins": "NodeRestriction",
    "enable-bootstrap-token-auth": "true",
    "etcd-servers": etcd.endpoints.join(","),
    ...(etcd.caFile === undefined ? {} : { "etcd-cafile": secrets.at(etcd.caFile, "etcd-ca.crt") }),
    ...(etcd.certFile === undefined
      ? {}
      : { "etcd-certfile": secrets.at(etcd.certFile, "apiserver-etcd-client.crt") }),
    ...(etcd.keyFile === undefined
      ? {}
      : { "etcd-keyfile": secrets.at(etcd.keyFile, "apiserver-etcd-client.key") }),
    "kubelet-client-certificate": secrets.pki("apiserver-kubelet-client.crt"),
    "kubelet-client-key": secrets.pki("apiserver-kubelet-client.key"),
    "kubelet-preferred-address-types": "InternalIP,ExternalIP,Hostname",
    "proxy-client-cert-file": secrets.pki("front-proxy-client.crt"),
    "proxy-client-key-file": secrets.pki("front-proxy-client.key"),
    "requestheader-allowed-names": "front-proxy-client",
    "requestheader-client-ca-file": secrets.pki("front-proxy-ca.crt"),
    "requestheader-extra-headers-prefix": "X-Remote-Extra-",
    "requestheader-group-headers": "X-Remote-Group",
    "requestheader-username-headers": "X-Remote-User",
    "secure-port": String(cluster.controlPlane.localAPIServerPort),
    "service-account-issuer": `https://kubernetes.default.svc.${cluster.network.dnsDomain}`,
    "service-account-key-file": secrets.pki("sa.pub"),
    "service-account-signing-key-file": secrets.pki("sa.key"),
    "service-cluster-ip-range": cluster.network.serviceSubnets.join(","),
    ...(context.defaults < 2 ? {} : {
      // Else it waits for its watches, which end with their clients, until it is killed.
      "shutdown-watch-termination-grace-period": WATCH_TERMINATION,
    }),
    "tls-cert-file": secrets.pki("apiserver.crt"),
    "tls-private-key-file": secrets.pki("apiserver.key"),
    ...(cluster.apiServer.auditPolicy === undefined ? {} : {
      "audit-log-maxage": "30",
      "audit-log-maxbackup": "10",
      "audit-log-maxsize": "100",
      "audit-log-path": `${AUDIT_DIRECTORY}/kube-apiserver.log`,
    }),
  };
}

/** The mode flag and the config file exclude each other: the user's file wins over our mode. */
export function withoutConflicts(args: Arguments, extra: Arguments): Arguments {
  if (!Object.hasOwn(extra, "authorization-config")) return args;
  const { "authorization-mode": _, ...others } = args;
  return others;
}
