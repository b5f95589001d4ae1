/** Where podstead's own files are on a node. */
export const LAYOUT = {
  binary: "/usr/local/bin/podstead",
  /** Where the Debian package has it. */
  packagedBinary: "/usr/bin/podstead",
  packagedUnit: "/usr/lib/systemd/system/podstead.service",
  unit: "/etc/systemd/system/podstead.service",
  unitName: "podstead.service",
  packagedSocketUnit: "/usr/lib/systemd/system/podstead.socket",
  socketUnit: "/etc/systemd/system/podstead.socket",
  socketName: "podstead.socket",
  configDirectory: "/etc/podstead",
  config: "/etc/podstead/config.yaml",
  podsDirectory: "/etc/podstead/pods.d",
  token: "/etc/podstead/manifest-token",
  /** Tells the kubelet to ask podstead for registry logins. */
  credentialProvider: "/etc/podstead/credential-provider.yaml",
  stateDirectory: "/var/lib/podstead",
  /** What `install` made, for `uninstall`. */
  record: "/var/lib/podstead/install.json",
  /** Whose members may do all that the agent can; the default of `agent.admin.group`. */
  group: "podstead",
  /** Whose members may look and change nothing; the default of `agent.admin.readGroup`. */
  readGroup: "podstead-read",
  /** Variables for the kubelet's unit. */
  kubeletEnvironment: "/etc/podstead/kubelet.env",
  kubeletUnitDropIn: "/etc/systemd/system/kubelet.service.d/50-podstead.conf",
  /** The config directory that the kubelet is given where it has none. */
  kubeletConfigDirectory: "/etc/kubernetes/kubelet.conf.d",
  /** The name of our file in the kubelet's config directory; after what others number 10 to 50. */
  kubeletDropIn: "90-podstead.conf",
} as const;

/**
 * The kubelet's address on a node that is new to podstead: below 1024 only root
 * may listen, and below 512 no client of an RPC service takes a port by chance.
 * Others keep the one that their pods were made from: it is in the pods' UIDs.
 */
export const NEW_NODE_PORT = 261;
