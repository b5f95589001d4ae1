/** What a change refuses, and what of it is new. */
import type { PodOutcome, ReloadOutcome } from "../agent/mod.ts";
import { formatKey } from "../pods/mod.ts";

/** The refused pods of a reload, each in its version. */
export function refusedIn(outcome: ReloadOutcome | undefined): readonly string[] {
  return (outcome?.pods ?? []).filter(({ state }) => state === "Rejected").map(refusedKey);
}

/** Names a pod in one version. */
export function refusedKey(pod: PodOutcome): string {
  return `${formatKey(pod)} ${pod.hash}`;
}

/** Whether a plan refuses what the last reload did not. */
export function isRefused(planned: ReloadOutcome, last: ReloadOutcome | undefined): boolean {
  const known = new Set(
    last?.pods.filter(({ errors }) => errors.length > 0).map((pod) => `${pod.id} ${pod.hash}`),
  );
  const problems = new Set(last?.problems.map(({ message, file }) => `${file} ${message}`));
  return planned.result === "rejected" || planned.result === "failed" ||
    planned.pods.some((pod) => pod.errors.length > 0 && !known.has(`${pod.id} ${pod.hash}`)) ||
    planned.problems.some(({ severity, message, file }) =>
      severity === "error" && !problems.has(`${file} ${message}`)
    );
}
