/** What the kubelet must know to take its static pods from podstead. */
export interface ManifestSource {
  /** Such as `http://127.0.0.1:10261/manifests`. */
  readonly url: string;
  /** The bearer token the endpoint asks for; undefined: it asks for none. */
  readonly token: string | undefined;
}

/**
 * How often the kubelet asks. Its default is 20 s. One second makes a change
 * quick; an unchanged list costs it a few kilobytes over loopback and no work,
 * for it compares the bytes first.
 */
const CHECK_FREQUENCY = "1s";

/**
 * The `KubeletConfiguration` that makes a kubelet take its static pods from
 * podstead: a drop-in for `--config-dir`, or lines for its `--config` file.
 */
export function kubeletConfiguration(source: ManifestSource): string {
  return `# Made by podstead: static pods come from its endpoint.
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
${kubeletConfigurationLines(source).join("\n")}
`;
}

/** The same settings as lines for a configuration that is already there. */
export function kubeletConfigurationLines(source: ManifestSource): readonly string[] {
  return [
    `staticPodURL: ${source.url}`,
    ...(source.token === undefined
      ? []
      : [`staticPodURLHeader:`, `  Authorization: [${JSON.stringify(`Bearer ${source.token}`)}]`]),
    `httpCheckFrequency: ${CHECK_FREQUENCY}`,
  ];
}

/** The same settings as flags, for a kubelet that has no configuration file at all. */
export function kubeletFlags(source: ManifestSource): readonly string[] {
  return [
    `--manifest-url=${source.url}`,
    ...(source.token === undefined
      ? []
      : [`--manifest-url-header=Authorization:Bearer ${source.token}`]),
    `--http-check-frequency=${CHECK_FREQUENCY}`,
  ];
}
