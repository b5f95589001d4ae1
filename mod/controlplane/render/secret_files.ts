/** Which certificates, keys and kubeconfigs a component needs, and where it finds them. */
import type { ClusterConfig } from "../config.ts";
import { userId } from "../access/identity.ts";
import type { Component, ControlPlaneFile, Ownership, Requirement } from "../plan.ts";
import { hostVolume, type MountedVolume } from "./volumes.ts";

/**
 * The files of one component: it reads them where they are when it runs as
 * root, and in copies of its own otherwise.
 */
export class SecretFiles {
  readonly component: Component;
  readonly #cluster: ClusterConfig;
  readonly #copies = new Map<string, ControlPlaneFile>();

  constructor(component: Component, cluster: ClusterConfig) {
    this.component = component;
    this.#cluster = cluster;
  }

  /** The component's own directory, the same on the node and inside the container. */
  get directory(): string {
    return `${this.#cluster.configDirectory}/${this.component}`;
  }

  /** What has to be copied for the paths asked for so far. */
  get copies(): readonly ControlPlaneFile[] {
    return [...this.#copies.values()];
  }

  /** The PKI itself, for a component that reads it where it is; nothing for one with copies. */
  get pkiVolumes(): readonly MountedVolume[] {
    const { runAsNonRoot, pkiDirectory } = this.#cluster;
    return runAsNonRoot ? [] : [hostVolume("k8s-certs", pkiDirectory, "Directory")];
  }

  /** Where the component sees a file of the PKI, such as `etcd/ca.crt`. */
  pki(name: string): string {
    return this.at(`${this.#cluster.pkiDirectory}/${name}`, name.replaceAll("/", "-"));
  }

  /** Where the component sees any file of the node. */
  at(source: string, name: string): string {
    return this.#cluster.runAsNonRoot ? this.copy(source, name) : source;
  }

  /** Where the component sees a copy, whatever user it runs as. */
  copy(source: string, name: string): string {
    const path = `${this.directory}/${name}`;
    this.#copies.set(path, { path, copyOf: source, ...readableBy(this.component, this.#cluster) });
    return path;
  }
}

/**
 * Mode and owner of a file that one component reads: root's, so that the
 * component cannot change it, and of the component's own group.
 */
export function readableBy(component: Component, cluster: ClusterConfig): Ownership {
  const gid = userId(component, cluster.runAsNonRoot);
  return { mode: gid === 0 ? 0o400 : 0o440, uid: 0, gid };
}

/** A certificate of the PKI with its key, issued by a CA of the PKI. */
export function pair(
  cluster: ClusterConfig,
  name: string,
  ca: string,
  names?: readonly string[],
): Requirement {
  return {
    kind: "certificate",
    path: `${cluster.pkiDirectory}/${name}.crt`,
    keyPath: `${cluster.pkiDirectory}/${name}.key`,
    caPath: `${cluster.pkiDirectory}/${ca}.crt`,
    ...(names === undefined ? {} : { names }),
  };
}

/** A CA of the PKI whose key is not needed. */
export function authority(cluster: ClusterConfig, name: string): Requirement {
  return { kind: "certificate", path: `${cluster.pkiDirectory}/${name}.crt` };
}
