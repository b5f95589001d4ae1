/** What is shown of a roll-out. */
import { judgementOf, type NodeProgress, type RolloutRecord } from "../../../fleet/drive/mod.ts";
import { formatBatches } from "../../../fleet/plan/mod.ts";
import { type Column, formatAge, type Look } from "../../../text/mod.ts";
import {
  asJson,
  type DocumentOf,
  documentOf,
  isDataOutput,
  type Output,
} from "../../output/mod.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";

/** How the states of nodes and of roll-outs look. */
export const STATE_LOOKS: Readonly<Record<string, Look>> = {
  ready: "green",
  done: "green",
  updating: "cyan",
  running: "cyan",
  skipped: "yellow",
  paused: "yellow",
  reverted: "red",
  failed: "red",
  halted: "red",
};

/** One node of a roll-out. */
interface Row {
  readonly node: string;
  readonly progress: NodeProgress | undefined;
}

/** Shows the state of a roll-out and of each of its nodes. @param isDriven whether a process drives it */
export async function printRollout(
  context: CliContext,
  record: RolloutRecord,
  { output, isDriven }: { readonly output: Output; readonly isDriven: boolean },
): Promise<void> {
  if (isDataOutput(output)) {
    await context.print.data(output, rolloutDocument(record, isDriven));
    return;
  }
  const { stdout, clock } = context.world;
  const style = styleOf(context, stdout);
  const { batch, batches, counts } = judgementOf(record);
  const reason = record.reason === undefined ? "" : `: ${record.reason}`;
  const left = record.state === "running" && !isDriven ? ", and no process drives it" : "";
  const counted = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`).join(", ");
  stdout.write(
    `roll-out ${record.id}: ${style(STATE_LOOKS[record.state], record.state)}${reason}${left}\n` +
      `batch ${batch} of ${batches} (${formatBatches(record.rules.batches)}); ${counted}\n`,
  );
  const rows = record.rules.nodes.map((node): Row => ({ node, progress: record.nodes[node] }));
  context.print.table(columns(clock.now()), rows, { wide: output.kind === "wide" });
}

function columns(nowMs: number): readonly Column<Row>[] {
  const stateOf = ({ progress }: Row) => progress?.state ?? "pending";
  return [
    { header: "NODE", cell: ({ node }) => node },
    { header: "STATE", cell: stateOf, look: (row) => STATE_LOOKS[stateOf(row)] },
    { header: "REVISION", cell: ({ progress }) => progress?.revision?.toString() ?? "" },
    {
      header: "SINCE",
      cell: ({ progress }) =>
        progress === undefined ? "" : formatAge(Date.parse(progress.since), nowMs),
    },
    { header: "MESSAGE", cell: ({ progress }) => progress?.message ?? "" },
  ];
}

/** A roll-out as data; what it changes is left out, because it may be secret. */
export function rolloutDocument(record: RolloutRecord, isDriven: boolean): DocumentOf<"Rollout"> {
  const { id, createdAt, state, reason, message, rules, nodes } = record;
  const { batch, batches, counts } = judgementOf(record);
  return documentOf("Rollout", {
    id,
    createdAt,
    state,
    driven: isDriven,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    batch,
    batches,
    counts,
    rules: asJson({ ...rules, batches: formatBatches(rules.batches) }),
    items: rules.nodes.map((node) => ({ node, ...nodes[node] ?? { state: "pending" } })),
  });
}
