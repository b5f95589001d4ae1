/** The names and addresses under which an API server is reached. */
import { isIPv6 } from "node:net";
import type { ClusterConfig } from "../config.ts";
import type { ControlPlaneNode } from "../context.ts";

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
  const [network = ""] = cidr.split("/");
  if (isIPv6(network)) {
    const groups = expandIPv6(network);
    if (groups === undefined) return undefined;
    const last = groups.at(-1) ?? 0;
    return compressIPv6([...groups.slice(0, -1), last + 1]);
  }
  const bytes = network.split(".").map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !Number.isInteger(byte))) return undefined;
  return [...bytes.slice(0, 3), (bytes[3] ?? 0) + 1].join(".");
}

function hostOf(url: string): string | undefined {
  try {
    return new URL(url).hostname.replace(/^\[|\]$/g, "");
  } catch {
    // Not a URL: there is no name in it to ask for.
    return undefined;
  }
}

function expandIPv6(address: string): readonly number[] | undefined {
  const [head = "", tail] = address.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return undefined;
  const zeros = Array.from({ length: missing }, () => "0");
  return [...left, ...zeros, ...right].map((group) => parseInt(group, 16));
}

function compressIPv6(groups: readonly number[]): string {
  // The URL parser writes an address in its one canonical form (RFC 5952).
  const text = groups.map((group) => group.toString(16)).join(":");
  return new URL(`http://[${text}]`).hostname.slice(1, -1);
}
