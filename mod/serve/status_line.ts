import { formatIssueBriefly } from "../core/mod.ts";
import type { ReloadOutcome } from "../agent/mod.ts";

/** The line of `systemctl status`: pods served and refused, and the last reload's result. */
export function statusLine(outcome: ReloadOutcome): string {
  const refused = outcome.pods.filter((pod) => pod.state === "Rejected");
  const parts = [
    `${outcome.served.pods} pods served`,
    ...(refused.length === 0 ? [] : [`${refused.length} refused (${firstReason(refused[0])})`]),
    `revision ${outcome.revision}`,
    `last reload ${outcome.result}`,
  ];
  const problem = outcome.problems.find(({ severity }) => severity === "error");
  if (problem !== undefined) parts.push(`${problem.file}: ${problem.message}`);
  return parts.join(", ");
}

function firstReason(pod: ReloadOutcome["pods"][number] | undefined): string {
  const issue = pod?.errors[0];
  return issue === undefined ? `${pod?.id}` : `${pod?.id}: ${formatIssueBriefly(issue)}`;
}
