/** The verdict as of the last look: for questions that must not cost the agent much. */
import type { AgentState } from "../agent/mod.ts";
import type { StatusService } from "../observe/mod.ts";
import { joinStatus, type PodStatusRow } from "../status/mod.ts";
import { judgeNode, type NodeVerdict } from "../verdict/mod.ts";
import { nodeCauses, type NodeEvidenceView } from "./node_causes.ts";
import { reloadFacts, withoutEvidence } from "./overview.ts";

/** The verdict, and the rows that it was made from. */
export interface CurrentVerdict {
  readonly verdict: NodeVerdict;
  readonly rows: readonly PodStatusRow[];
}

/**
 * Judges what is known now, without asking a source.
 *
 * @param known what the watch has found out by itself
 */
export function currentVerdict(
  status: Pick<StatusService, "input">,
  state: AgentState,
  known: Partial<NodeEvidenceView> = {},
): CurrentVerdict {
  const input = status.input();
  const rows = joinStatus(input);
  const verdict = judgeNode({
    nowMs: input.nowMs,
    input,
    rows,
    reload: reloadFacts(state),
    causes: nodeCauses(withoutEvidence(input, known), state.lastReload),
  });
  return { verdict, rows };
}

/** How old a look may be for a probe or a scrape, in milliseconds: any process may send many. */
const RECENT_MS = 10_000;

/** The same after a look, if there was none recently. */
export async function recentVerdict(
  status: Pick<StatusService, "input" | "recent">,
  state: () => AgentState,
  known: () => Partial<NodeEvidenceView> = () => ({}),
): Promise<CurrentVerdict> {
  await status.recent(RECENT_MS);
  return currentVerdict(status, state(), known());
}

/** Whether each link holds, with the pods as the last one; `holds`, `broken` or `unknown`. */
export function linkStates({ links, pods }: NodeVerdict): ReadonlyMap<string, string> {
  const of = (wanted: string) => pods.some(({ state }) => state === wanted);
  const ofPods = of("broken") ? "broken" : of("unknown") ? "unknown" : "holds";
  return new Map([...links.map(({ name, state }) => [name, state] as const), ["pods", ofPods]]);
}

/**
 * What `/readyz?full` answers: the verdict in its first line, then each link.
 * Names of pods are not in it: any process on the node may ask.
 */
export function readinessText(verdict: NodeVerdict): {
  readonly ok: boolean;
  readonly text: string;
} {
  const links = [...linkStates(verdict)].map(([name, state]) => `${name}: ${state}\n`);
  const ok = verdict.state === "well" || verdict.state === "changing";
  return { ok, text: [`${verdict.state}\n`, ...links].join("") };
}
