/** Pods for end-to-end tests, as YAML items of `machine.pods`. */

/** How a test pod differs from the plain one. */
export interface PodYaml {
  readonly namespace?: string;
  /** Default: the stand-in for nginx, which prints three lines and waits. */
  readonly image?: string;
  /** A shell script to run instead of the image's entrypoint. */
  readonly script?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Default: 1. */
  readonly graceSeconds?: number;
  /** A directory of the node that the container sees at the same path. */
  readonly directory?: string;
  /** Further members of the pod's spec, as one line of flow YAML without braces. */
  readonly spec?: string;
}

/** One pod on the host's network, which needs no CNI. */
export function podYaml(name: string, options: PodYaml = {}): string {
  const { namespace, image = "nginx:latest", script, env = {}, spec } = options;
  const { annotations, graceSeconds = 1, directory } = options;
  const metadata = [
    `name: ${name}`,
    ...(namespace === undefined ? [] : [`namespace: ${namespace}`]),
    ...(annotations === undefined ? [] : [`annotations: ${JSON.stringify(annotations)}`]),
  ];
  const container = [
    `name: ${name}`,
    `image: ${image}`,
    "imagePullPolicy: IfNotPresent",
    ...(script === undefined ? [] : [`command: ["/bin/sh", "-c", ${JSON.stringify(script)}]`]),
    `env: [${
      Object.entries(env).map(([key, value]) => `{name: ${key}, value: ${JSON.stringify(value)}}`)
        .join(", ")
    }]`,
    ...(directory === undefined
      ? []
      : [`volumeMounts: [{name: directory, mountPath: ${JSON.stringify(directory)}}]`]),
  ];
  return [
    "- apiVersion: v1",
    "  kind: Pod",
    `  metadata: {${metadata.join(", ")}}`,
    "  spec:",
    "    hostNetwork: true",
    `    terminationGracePeriodSeconds: ${graceSeconds}`,
    ...(spec === undefined ? [] : [`    ${spec}`]),
    ...(directory === undefined
      ? []
      : [`    volumes: [{name: directory, hostPath: {path: ${JSON.stringify(directory)}}}]`]),
    `    containers: [{${container.join(", ")}}]`,
    "",
  ].join("\n");
}
