/** How the kubelet comes to ask podstead for registry logins. */
import type { KubeletFound } from "../kubelet/mod.ts";
import { LAYOUT } from "./layout.ts";

/** What the config of the credential provider depends on. */
export interface CredentialProviderOptions {
  /** Registries on a port of their own, such as `registry.example:5000`: no wildcard fits a port. */
  readonly registries: readonly string[];
  /** Where the agent leaves the logins; undefined for the default. */
  readonly loginFile?: string;
}

/** How many parts the name of a registry may have: a wildcard stands for one. */
const MAX_PARTS = 8;

/**
 * The kubelet's `CredentialProviderConfig`, for every registry.
 *
 * Source: kubernetes 1.36 pkg/credentialprovider/plugin/config.go and keyring.go, `URLsMatch`.
 */
export function credentialProviderConfig(
  { registries, loginFile }: CredentialProviderOptions,
): string {
  const globs = Array.from({ length: MAX_PARTS }, (_, at) => Array(at + 1).fill("*").join("."));
  const args = ["credential-provider", ...(loginFile === undefined ? [] : ["--logins", loginFile])];
  return `# Made by podstead: registry logins of imagePullSecrets for the kubelet's own pulls.
apiVersion: kubelet.config.k8s.io/v1
kind: CredentialProviderConfig
providers:
  - name: podstead
    apiVersion: credentialprovider.kubelet.k8s.io/v1
    matchImages: ${JSON.stringify([...globs, ...[...new Set(registries)].sort()])}
    defaultCacheDuration: 0s
    args: ${JSON.stringify(args)}
`;
}

/** The flags with which the kubelet reads it. @param packaged whether a package has the executable */
export function credentialProviderFlags(packaged: boolean): readonly string[] {
  const binary = packaged ? LAYOUT.packagedBinary : LAYOUT.binary;
  return [
    `--image-credential-provider-config=${LAYOUT.credentialProvider}`,
    `--image-credential-provider-bin-dir=${binary.slice(0, binary.lastIndexOf("/"))}`,
  ];
}

/** Whether the kubelet asks podstead, another provider, or none. */
export function credentialProviderOf(found: KubeletFound): "podstead" | "other" | "none" {
  const file = found.kind === "unit"
    ? found.facts.flags["image-credential-provider-config"]
    : undefined;
  return file === undefined ? "none" : file === LAYOUT.credentialProvider ? "podstead" : "other";
}

/** What a person has to do for it; empty if nothing is left to do. */
export function credentialProviderNote(
  found: KubeletFound,
  packaged: boolean,
  isGiven: boolean,
): readonly string[] {
  const provider = credentialProviderOf(found);
  if (isGiven || provider === "podstead") return [];
  const lines = provider === "other"
    ? [
      "The kubelet has a credential provider already. To give it the logins of imagePullSecrets for",
      `its own pulls too, add the provider of ${LAYOUT.credentialProvider} to its config, and put`,
      "podstead into its --image-credential-provider-bin-dir (a link will do).",
    ]
    : [
      "podstead pulls the images of pods with imagePullSecrets by itself. For the kubelet's own pulls",
      "(imagePullPolicy: Always), give the kubelet these flags:",
      ...credentialProviderFlags(packaged).map((flag) => `    ${flag}`),
    ];
  return [lines.join("\n")];
}
