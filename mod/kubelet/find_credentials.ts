import { existsSync } from "node:fs";
import type { CredentialFiles } from "./credentials.ts";

/**
 * The certificate that kubeadm and `podstead pki init` make for the API server
 * to ask kubelets with: it may read everything that podstead wants to know.
 */
const CLIENT = {
  clientCertificate: "/etc/kubernetes/pki/apiserver-kubelet-client.crt",
  clientKey: "/etc/kubernetes/pki/apiserver-kubelet-client.key",
} as const;

/**
 * By what the kubelet's own certificate is verified, the first that is there: the
 * one that it signs itself if it is given none, else the cluster's authority.
 *
 * Source: kubernetes cmd/kubelet/app/server.go `initConfigz`, certificate/kubelet.go.
 */
const AUTHORITIES = ["/var/lib/kubelet/pki/kubelet.crt", "/etc/kubernetes/pki/ca.crt"] as const;

/**
 * The same settings with the files of this node where none is set. What a person
 * has set stays: a part of it is never mixed with what was found.
 *
 * @param exists for tests
 */
export function withFoundCredentials<T extends CredentialFiles & { readonly endpoint: string }>(
  settings: T,
  exists: (path: string) => boolean = existsSync,
): T {
  const { endpoint, clientCertificate, clientKey, tokenFile, certificateAuthority } = settings;
  const set = [clientCertificate, clientKey, tokenFile].some((path) =>
    path !== null && path !== undefined
  );
  // Only the kubelet of this very node is shown the key.
  const local = /^https:\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:|\/|$)/.test(endpoint);
  if (set || !local) return settings;
  const authority = certificateAuthority ?? AUTHORITIES.find((path) => exists(path)) ?? null;
  // A kubelet without an API server is often asked without a certificate; its own is still known.
  if (!exists(CLIENT.clientCertificate) || !exists(CLIENT.clientKey)) {
    return authority === null ? settings : { ...settings, certificateAuthority: authority };
  }
  return { ...settings, ...CLIENT, certificateAuthority: authority };
}
