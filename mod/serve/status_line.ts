import { formatIssueBriefly } from "../core/mod.ts";
import type { ReloadOutcome } from "../agent/mod.ts";

/**
 * The line of `systemctl status`: pods served, refused and held back, and what came of
 * the last reload unless it changed nothing. (A reload by systemd may come twice, as a
 * signal and as a command: the second one is no news.)
 */
export function statusLine(outcome: ReloadOutcome): string {
  const { pods, problems, result, revision, served } = outcome;
  const refused = pods.filter((pod) => pod.state === "Rejected");
  const held = pods.filter(({ state }) => state === "Held" || state === "Blocked");
  const problem = problems.find(({ severity }) => severity === "error");
  return [
    `${served.pods} ${served.pods === 1 ? "pod" : "pods"} served`,
    ...(refused.length === 0 ? [] : [`${refused.length} refused (${firstReason(refused[0])})`]),
    ...(held.length === 0 ? [] : [`${held.length} held back (${held[0]?.id})`]),
    `revision ${revision}`,
    ...(result === "unchanged" ? [] : [`last reload ${result}`]),
    ...(problem === undefined ? [] : [`${problem.file}: ${problem.message}`]),
  ].join(", ");
}

function firstReason(pod: ReloadOutcome["pods"][number] | undefined): string {
  const issue = pod?.errors[0];
  return issue === undefined ? `${pod?.id}` : `${pod?.id}: ${formatIssueBriefly(issue)}`;
}
