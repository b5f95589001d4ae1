/** Kubeconfigs: the text of one, and what is read out of one. */
import { Buffer } from "node:buffer";

/** What a kubeconfig says. Credentials are file paths or PEM text. */
export interface KubeconfigParts {
  readonly clusterName: string;
  readonly userName: string;
  /** URL of the API server. */
  readonly server: string;
  readonly ca: { readonly path: string } | { readonly pem: string };
  readonly client:
    | { readonly certificatePath: string; readonly keyPath: string }
    | { readonly certificatePem: string; readonly keyPem: string };
}

/** Writes a kubeconfig with one cluster, one user and one context, as kubeadm does. */
export function formatKubeconfig(parts: KubeconfigParts): string {
  const { clusterName, userName, ca, client } = parts;
  const quoted = JSON.stringify;
  const caLine = "path" in ca
    ? `certificate-authority: ${quoted(ca.path)}`
    : `certificate-authority-data: ${base64(ca.pem)}`;
  const clientLines = "certificatePath" in client
    ? [
      `client-certificate: ${quoted(client.certificatePath)}`,
      `client-key: ${quoted(client.keyPath)}`,
    ]
    : [
      `client-certificate-data: ${base64(client.certificatePem)}`,
      `client-key-data: ${base64(client.keyPem)}`,
    ];
  const context = `${userName}@${clusterName}`;
  return [
    "apiVersion: v1",
    "kind: Config",
    "clusters:",
    "- cluster:",
    `    ${caLine}`,
    `    server: ${quoted(parts.server)}`,
    `  name: ${quoted(clusterName)}`,
    "contexts:",
    "- context:",
    `    cluster: ${quoted(clusterName)}`,
    `    user: ${quoted(userName)}`,
    `  name: ${quoted(context)}`,
    `current-context: ${quoted(context)}`,
    "users:",
    `- name: ${quoted(userName)}`,
    "  user:",
    ...clientLines.map((line) => `    ${line}`),
    "",
  ].join("\n");
}

/** What can be checked of a kubeconfig that podstead did not write. */
export interface KubeconfigCredentials {
  readonly server: string | undefined;
  readonly caPem: string | undefined;
  readonly certificatePem: string | undefined;
  readonly keyPem: string | undefined;
  /** A file with the certificate, as a kubelet has it that rotates its own. */
  readonly certificatePath: string | undefined;
}

/**
 * The embedded certificates of a kubeconfig, in YAML or JSON, and its server.
 * Looks at the first value of each key only: a kubeconfig of a component has
 * one cluster and one user. Files it refers to by path are not followed.
 */
export function readKubeconfig(text: string): KubeconfigCredentials {
  return {
    server: scalarOf(text, "server"),
    caPem: pemOf(text, "certificate-authority-data"),
    certificatePem: pemOf(text, "client-certificate-data"),
    keyPem: pemOf(text, "client-key-data"),
    certificatePath: scalarOf(text, "client-certificate"),
  };
}

/** A kubeconfig with another embedded client certificate; all else stays as it is. */
export function withClientCertificate(text: string, pem: string): string {
  const old = scalarOf(text, "client-certificate-data");
  return old === undefined ? text : text.replace(old, base64(pem));
}

function scalarOf(text: string, key: string): string | undefined {
  const pattern = new RegExp(`(?:^|[\\s{,"'-])${key}["']?\\s*:\\s*["']?([^\\s"',}]+)`);
  return pattern.exec(text)?.[1];
}

function pemOf(text: string, key: string): string | undefined {
  const value = scalarOf(text, key);
  return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
