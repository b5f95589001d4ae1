/** A roll-out as text. */
import { formatBatches, judgeRollout, type StateCounts } from "../../../fleet/plan/mod.ts";
import type { FleetNode } from "../../../fleet/operator/mod.ts";
import type { RolloutView } from "../../../fleet/store/mod.ts";

/** Nodes that are named one by one; a count stands for the rest. */
const MAX_NAMED = 10;

/** What is reported of a roll-out: its state, its counts, and each unhealthy node. */
export function rolloutLines(view: RolloutView, nodes: readonly FleetNode[]): readonly string[] {
  const { spec, state, reason, states } = view;
  const { counts, batch, batches } = judgeRollout(spec.rules, states, state);
  const reports = new Map(nodes.map(({ name, report }) => [name, report]));
  const notable = spec.rules.nodes.filter((node) =>
    ["updating", "reverted", "failed", "skipped"].includes(states[node] ?? "") ||
    reports.get(node)?.message !== undefined
  );
  return [
    `rollout   ${spec.id} ${state}${reason === undefined ? "" : `: ${reason}`}`,
    `          batch ${batch} of ${batches} (${formatBatches(spec.rules.batches)}), ${
      countsText(counts)
    }`,
    ...notable.slice(0, MAX_NAMED).map((node) => {
      const message = reports.get(node)?.message;
      return `          ${node} ${states[node]}${message === undefined ? "" : `: ${message}`}`;
    }),
    ...(notable.length > MAX_NAMED ? [`          and ${notable.length - MAX_NAMED} more`] : []),
  ];
}

/** `1 ready, 3 pending`; states that no node is in are left out. */
export function countsText(counts: StateCounts): string {
  return Object.entries(counts).filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`).join(", ") || "no nodes";
}
