/** By which kubelet pods are judged: its version, and its feature gates with where they are from. */
import type { JsonObject } from "../core/mod.ts";
import type { ApiServerOfKubelet } from "./api_server.ts";
import { kubeletClient, type KubeletOptions } from "./client.ts";
import { type FeatureGates, gatesOfConfig } from "./feature_gates.ts";
import { findNodeKubelet, type NodeKubelet } from "./node_kubelet.ts";

/**
 * Where gates were read: what the running kubelet says of itself, its command line and files,
 * those of its unit, or nowhere, which leaves the defaults. `given`: for a kubelet that is
 * not this node's.
 */
export type GatesFrom = "configz" | "process" | "unit" | "defaults" | "given";

/** The kubelet to judge for. */
export interface JudgedBy {
  readonly version: string | undefined;
  /** Those that are set; the others have the defaults of that version. */
  readonly gates: FeatureGates;
  readonly from: GatesFrom;
  /** That it runs without an API server; absent if it has one, or was not found. */
  readonly standAlone?: true;
}

/** This node's kubelet, as pods are judged for it and shown by it. */
export interface JudgedByNode extends JudgedBy {
  readonly apiServer: ApiServerOfKubelet;
  /** What the node itself shows, whatever settings say; undefined if its kubelet was not found. */
  readonly seen: SeenKubelet | undefined;
}

/** A kubelet that was asked itself, or its executable. */
export interface SeenKubelet {
  readonly version: string;
  readonly gates: FeatureGates;
}

/**
 * The kubelet that pods of this node are judged for.
 *
 * @param configz the running kubelet's own configuration, which knows its gates best;
 * undefined if it cannot be read
 * @param own gates that the node's config sets, which count before all that was found
 */
export function judgedBy(
  { version, gates, apiServer }:
    & Pick<NodeKubelet, "version" | "gates">
    & Partial<Pick<NodeKubelet, "apiServer">>,
  configz: JsonObject | undefined,
  own: FeatureGates = {},
): JudgedBy {
  const found = configz === undefined ? gates.set : gatesOfConfig(configz["featureGates"]);
  const from = configz !== undefined
    ? "configz"
    : gates.from === "nowhere"
    ? "defaults"
    : gates.from;
  // Without a command line nothing is known of its API server.
  const standAlone = apiServer?.kind === "none" && gates.from !== "nowhere";
  return { version, gates: { ...found, ...own }, from, ...(standAlone ? { standAlone } : {}) };
}

/** How long the kubelet may take to say which gates it has, in milliseconds; each reload asks. */
const ASK_TIMEOUT_MS = 2_000;

/** How to reach the kubelet, and what the node's config knows better of it. */
export type KubeletAccess = Omit<KubeletOptions, "timeoutMs"> & {
  readonly version?: string | null;
  readonly kubeconfig?: string | null;
};

/** `judgedBy` for this node's kubelet, asked itself where it answers. */
export async function findJudgedBy(
  { version, kubeconfig, ...access }: KubeletAccess,
  own: FeatureGates,
): Promise<JudgedByNode> {
  const client = kubeletClient({ ...access, timeoutMs: ASK_TIMEOUT_MS });
  const [found, configz] = await Promise.all([
    findNodeKubelet(),
    // Not started yet, or not for us to ask: its files are read instead.
    client.configz().catch(() => undefined),
  ]);
  const apiServer: ApiServerOfKubelet = typeof kubeconfig === "string"
    ? { kind: "kubeconfig", path: kubeconfig }
    : found.apiServer;
  const { gates } = judgedBy(found, configz);
  return {
    seen: found.version === undefined ? undefined : { version: found.version, gates },
    ...judgedBy({ ...found, apiServer, version: version ?? found.version }, configz, own),
    apiServer,
  };
}

const FROM: Readonly<Record<GatesFrom, string>> = {
  configz: "as the running kubelet says",
  process: "by the command line and config of the running kubelet",
  unit: "by the kubelet's unit and config",
  defaults: "as they are by default, because no kubelet was found to read them from",
  given: "as they are by default, but for those that were given",
};

/** Where gates were read, as text that follows "feature gates". */
export function gatesFromText(from: GatesFrom): string {
  return FROM[from];
}
