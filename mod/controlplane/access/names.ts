/** The names and addresses under which an API server is reached. */
import type { ClusterConfig } from "../config.ts";
import type { ControlPlaneNode } from "../context.ts";
import { addressBytes, canonicalAddress } from "./address.ts";

/**
 * What the serving certificate of the API server must cover: the service in
 * the cluster, the node, the advertised address, the cluster's endpoint and
 * the configured `certSANs`. In this order, each once; IP addresses and names mixed.
 */
export function apiServerNames(cluster: ClusterConfig, node: ControlPlaneNode): readonly string[] {
  const endpoint = cluster.controlPlane.endpoint;
  const names = [
    node.name,
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    `kubernetes.default.svc.${cluster.network.dnsDomain}`,
    ...cluster.network.serviceSubnets.map(firstAddress),
    cluster.advertiseAddress ?? node.address,
    ...(endpoint === undefined ? [] : [hostOf(endpoint)]),
    ...cluster.apiServer.certSANs,
  ];
  return [...new Set(names.filter((name) => name !== undefined && name !== ""))]
    .filter((name) => name !== undefined);
}

/** The first address after the network's own, which `kubernetes.default` gets; undefined if malformed. */
export function firstAddress(cidr: string): string | undefined {
  const bytes = addressBytes(cidr.split("/")[0] ?? "");
  if (bytes === undefined) return undefined;
  const next = [...bytes.slice(0, -1), (bytes.at(-1) ?? 0) + 1];
  if (next.length === 4) return next.join(".");
  const groups = Array.from({ length: 8 }, (_, index) => next.slice(2 * index, 2 * index + 2))
    .map((pair) => pair.map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  return canonicalAddress(groups.join(":"));
}

function hostOf(url: string): string | undefined {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, "");
  } catch {
    // Not a URL: there is no name in it to ask for.
    return undefined;
  }
}
