/** What `podstead` shows of the node, as plain data. */
import type { AgentState } from "../agent/mod.ts";
import type { PodChange } from "../observe/mod.ts";
import { imagesOf, type PodStatusRow, type StatusInput } from "../status/mod.ts";
import type {
  CauseLine,
  JudgedPod,
  Link,
  LinkFacts,
  NodeState,
  NodeVerdict,
  PodState,
} from "../verdict/mod.ts";
import type { Explanation } from "./evidence.ts";
import type { NodeEvidenceView } from "./node_causes.ts";
import type { LogTail } from "./log_tail.ts";

/** One pod in an overview. */
export interface PodSummary {
  readonly id: string;
  readonly ready: PodStatusRow["ready"];
  readonly phase: string;
  readonly reason: string;
  readonly drift: PodStatusRow["drift"];
  readonly containers: string;
  readonly restarts: number;
  /** Whether it was seen to be as it should: ready in its version, or done with its work. */
  readonly well: boolean;
  /** More exactly: a pod on its way is no alarm, and one that cannot be seen is not healthy. */
  readonly state: PodState;
  /** That state in a few words: `Terminating, 14 s of 30 s left`. */
  readonly text: string;
  /** Of a pod that a person has stopped. */
  readonly stopped?: true;
  /** When the pod that runs was started, in Unix milliseconds; absent if none runs. */
  readonly startedAtMs?: number;
  /** Images of its containers. */
  readonly images: readonly string[];
  /** Its last change since the agent runs. */
  readonly change?: PodChange;
  /** For a pod that is broken, or of which nothing is known. */
  readonly explanation?: Explanation;
  readonly logTail?: LogTail;
}

/** The verdict on the node: each link, each pod, and every cause once, worst first. */
export interface Overview {
  readonly state: NodeState;
  readonly links: readonly Link[];
  readonly causes: readonly CauseLine[];
  readonly pods: readonly PodSummary[];
}

/** Why a pod is not as it should be. */
export interface Explained {
  readonly explanation: Explanation;
  readonly logTail?: LogTail;
}

/** Puts the overview together. */
export function overviewOf(
  rows: readonly PodStatusRow[],
  { state, links, causes, pods }: NodeVerdict,
  changeOf: (row: PodStatusRow) => PodChange | undefined,
  explained: ReadonlyMap<string, Explained> = new Map(),
): Overview {
  const judged = new Map(pods.map((pod) => [pod.id, pod]));
  return {
    state,
    links,
    causes,
    pods: rows.map((row): PodSummary => {
      const change = changeOf(row);
      return {
        ...summary(row, judged.get(row.id), explained.get(row.id)),
        ...(change === undefined ? {} : { change }),
      };
    }),
  };
}

/**
 * What is known without asking for more: enough to see whether asking is needed.
 *
 * @param known what the watch has found out by itself
 */
export function withoutEvidence(
  input: StatusInput,
  known: Partial<NodeEvidenceView> = {},
): NodeEvidenceView {
  const { nowMs, fetches, limits, runtime, kubelet } = input;
  return {
    nowMs,
    fetches,
    limits,
    url: "",
    runtimeFailure: runtime.failure,
    kubeletFailure: kubelet.failure,
    ...(kubelet.failure === undefined ? {} : known),
  };
}

/** What the verdict needs of the last reload. */
export function reloadFacts({ lastReload }: AgentState): LinkFacts["reload"] {
  if (lastReload === undefined) return undefined;
  const { revision, result, at } = lastReload;
  return { revision, result, atMs: Date.parse(at) };
}

/** Whether a person wants it to be down. */
function isStopped({ joined: { desired } }: PodStatusRow): boolean {
  return desired?.state === "Stopped" && desired.reasonCode !== "held-for-take-over";
}

function summary(
  row: PodStatusRow,
  judged: JudgedPod | undefined,
  explained: Explained | undefined,
): PodSummary {
  const { ready, total } = row.containers;
  const state = judged?.state ?? "unknown";
  return {
    id: row.id,
    ready: row.ready,
    phase: row.phase,
    reason: row.reason,
    drift: row.drift,
    containers: `${ready}/${total}`,
    restarts: row.restarts,
    well: state === "holds",
    state,
    text: judged?.text ?? "",
    ...(isStopped(row) ? { stopped: true as const } : {}),
    ...(row.startedAtMs === undefined ? {} : { startedAtMs: row.startedAtMs }),
    images: imagesOf(row),
    ...(state === "holds" ? {} : explained),
  };
}
