/** What the renderers of all components look at. */
import type { ClusterConfig, ComponentConfig } from "./config.ts";
import type { ComponentPlan, EtcdAccess, RenderProblem } from "./plan.ts";
import type { DefaultsRevision } from "./defaults.ts";
import { type ComponentVersion, imageTag, parseKubernetesVersion } from "./version.ts";

/** The node a control plane is rendered for. */
export interface ControlPlaneNode {
  /** The name the kubelet registers. */
  readonly name: string;
  /** Its address, used where `cluster.advertiseAddress` is absent. */
  readonly address: string;
}

/** The inputs of one rendering. */
export interface RenderContext {
  readonly cluster: ClusterConfig;
  readonly node: ControlPlaneNode;
  readonly advertiseAddress: string;
  /** `127.0.0.1` or `::1`, of the family of the advertise address. */
  readonly loopback: string;
  readonly version: ComponentVersion;
  readonly etcd: EtcdAccess;
  /** `agent.allowUnknownFlags` */
  readonly allowUnknownFlags: boolean;
  /** Of which time podstead's own choices are; see `DefaultsRevision`. */
  readonly defaults: DefaultsRevision;
}

/** A component's version: its own image's tag, so that components can be upgraded one by one. */
export function componentVersion(
  context: RenderContext,
  { image }: Pick<ComponentConfig, "image">,
): ComponentVersion {
  const tag = image === undefined ? undefined : imageTag(image);
  return (tag === undefined ? undefined : parseKubernetesVersion(tag)) ?? context.version;
}

/** A problem of one component, by the setting below the component's own. */
export interface ComponentProblem
  extends Pick<RenderProblem, "severity" | "code" | "message" | "wanted" | "hint"> {
  readonly setting: readonly (string | number)[];
}

/** One component, rendered; not to be used when there is an error among the problems. */
export interface RenderedComponent {
  readonly plan: ComponentPlan;
  readonly problems: readonly ComponentProblem[];
}

/** An address as it stands in a URL: an IPv6 one in brackets. */
export function urlHost(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** The URL under which the components of this node reach its own API server. */
export function localApiServerUrl(context: RenderContext): string {
  return `https://${
    urlHost(context.advertiseAddress)
  }:${context.cluster.controlPlane.localAPIServerPort}`;
}
