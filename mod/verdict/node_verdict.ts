/** One verdict on the node: what `podstead`, `podstead health`, `/readyz?full` and a metric say. */
import type { PodStatusRow } from "../status/mod.ts";
import { judgeLinks, type Link, type LinkFacts } from "./links.ts";
import { type PodState, podVerdict } from "./pod_verdict.ts";

/**
 * - `well`: every link and every pod was seen to hold within its interval
 * - `changing`: so it is, but for pods that are on their way or ending in time
 * - `unconfirmed`: nothing is known to be wrong, but not everything was seen
 * - `unwell`: something is broken
 */
export type NodeState = "well" | "changing" | "unconfirmed" | "unwell";

/** The likely cause of a pod's state. */
export interface PodCause {
  readonly code: string;
  readonly cause: string;
  readonly nextStep: string;
}

/** One pod in the verdict. */
export interface JudgedPod {
  readonly id: string;
  readonly state: PodState;
  readonly text: string;
}

/** One line of the verdict: a cause, and the pods that have it. */
export interface CauseLine {
  readonly level: "broken" | "unknown" | "changing";
  /** The link that is broken or not confirmed; absent for a cause within pods. */
  readonly link?: string;
  readonly code: string;
  readonly cause: string;
  readonly nextStep: string;
  /** Since when, in Unix milliseconds; absent if it is not known. */
  readonly sinceMs?: number;
  /** IDs of the pods that this explains; empty if it explains none. */
  readonly pods: readonly string[];
}

/** What is said of the node. */
export interface NodeVerdict {
  readonly state: NodeState;
  readonly links: readonly Link[];
  readonly pods: readonly JudgedPod[];
  /** Worst first; causes that explain others before those. */
  readonly causes: readonly CauseLine[];
}

/** What the node is judged by. */
export interface NodeFacts extends LinkFacts {
  readonly rows: readonly PodStatusRow[];
  /** By ID of the pod; a pod without one is described by its state alone. */
  readonly explanations?: ReadonlyMap<string, PodCause>;
}

/** Judges the node as of `nowMs`. */
export function judgeNode(facts: NodeFacts): NodeVerdict {
  const links = judgeLinks(facts);
  const pods = facts.rows.map((row) =>
    judgePod({ id: row.id, ...podVerdict(row, facts.nowMs) }, facts.explanations?.get(row.id))
  );
  const states = new Set<string>([...links, ...pods].map(({ state }) => state));
  return {
    state: states.has("broken")
      ? "unwell"
      : states.has("unknown")
      ? "unconfirmed"
      : states.has("changing")
      ? "changing"
      : "well",
    links,
    pods,
    causes: causeLines(links, pods, facts.explanations ?? new Map()),
  };
}

/** Causes that pass by themselves: a pod on its way may have one of them and be in its time. */
const PASSING: ReadonlySet<string> = new Set([
  ...["none", "unknown", "on-its-way", "not-yet-fetched", "replacing", "waiting-for-others"],
  ...["not-ready", "exited", "orphaned", "held", "held-for-take-over", "stopped"],
]);

/** A pod on its way of which it is known that it will not arrive needs a person now. */
function judgePod(pod: JudgedPod, explained: PodCause | undefined): JudgedPod {
  const stuck = pod.state === "changing" && explained !== undefined && !PASSING.has(explained.code);
  return stuck ? { ...pod, state: "broken", text: explained.code } : pod;
}

/** What stops the most comes first: without its runtime a node has nothing, without polls no change. */
const LINK_RANK: readonly string[] = ["runtime", "kubelet", "polls", "config", "agent"];

const LEVEL_RANK: readonly string[] = ["broken", "unknown", "changing"];

function causeLines(
  links: readonly Link[],
  pods: readonly JudgedPod[],
  explanations: ReadonlyMap<string, PodCause>,
): readonly CauseLine[] {
  const kubeletIsDown = links.some(({ name, state }) => name === "kubelet" && state === "broken");
  const ofLinks = links.filter(({ state }) => state !== "holds")
    // A kubelet that does not run does not poll: that need not be said.
    .filter(({ name, state }) => !(kubeletIsDown && name === "polls" && state === "unknown"))
    .toSorted((left, right) => LINK_RANK.indexOf(left.name) - LINK_RANK.indexOf(right.name))
    .map((link): CauseLine => linkLine(link));
  const lines = new Map<string, CauseLine>(ofLinks.map((line) => [line.code, line]));
  for (const pod of pods) {
    if (pod.state === "holds") continue;
    const line = podLine(pod, explanations.get(pod.id));
    const key = lines.has(line.code) ? line.code : `${line.level} ${line.code}`;
    const known = lines.get(key) ?? line;
    lines.set(key, { ...known, pods: [...known.pods, pod.id] });
  }
  return [...lines.values()]
    .toSorted((left, right) => LEVEL_RANK.indexOf(left.level) - LEVEL_RANK.indexOf(right.level));
}

function linkLine({ name, state, text, cause, confirmedMs }: Link): CauseLine {
  if (state === "broken" && cause !== undefined) {
    const { link, ...rest } = cause;
    return { level: "broken", link, pods: [], ...rest };
  }
  return {
    level: "unknown",
    link: name,
    code: `${name}-unconfirmed`,
    cause: `${UNCONFIRMED[name] ?? name}: ${text}`,
    nextStep: "",
    ...(confirmedMs === undefined ? {} : { sinceMs: confirmedMs }),
    pods: [],
  };
}

const UNCONFIRMED: Readonly<Record<string, string>> = {
  config: "The config is not confirmed",
  kubelet: "That the kubelet runs is not confirmed",
  polls: "That the kubelet polls is not confirmed",
  runtime: "The container runtime is not confirmed",
};

function podLine({ id, state, text }: JudgedPod, explained: PodCause | undefined): CauseLine {
  const level = state === "broken" ? "broken" : state === "unknown" ? "unknown" : "changing";
  if (level === "changing" || explained === undefined || explained.code === "none") {
    return {
      level,
      code: level === "changing" ? text : `${level}: ${text}`,
      cause: `${id}: ${text}`,
      nextStep: "",
      pods: [],
    };
  }
  const { code, cause, nextStep } = explained;
  return { level, code, cause, nextStep, pods: [] };
}
