/** The outcome of a reload, as it is logged, kept and returned. */
import { errorText, PodsteadError, type Problem } from "../core/mod.ts";
import { formatKey } from "../pods/mod.ts";
import type { Manifest } from "./list.ts";
import type { PodOutcome, ReloadOutcome, ReloadResult, ReloadTrigger } from "./outcome.ts";
import type { Proposal } from "./proposal.ts";
import { StepTimeout } from "./time_limit.ts";

/** A proposal, or its result, as the report that is logged, kept and returned. */
export function outcomeOf(
  proposal: Pick<Proposal, "plan" | "problems"> & Partial<Pick<Proposal, "objects">>,
  facts: {
    readonly result: ReloadResult;
    readonly trigger: ReloadTrigger;
    readonly revision: number;
    readonly startedMs: number;
    readonly durationMs: number;
    readonly needRestart: readonly string[];
    readonly manifest: Manifest;
  },
): ReloadOutcome {
  const objects = proposal.objects?.outcomes ?? [];
  const looks = [...proposal.plan.outcomes, ...objects].flatMap(({ lookAgainMs }) =>
    lookAgainMs ?? []
  );
  return {
    result: facts.result,
    trigger: facts.trigger,
    revision: facts.revision,
    at: new Date(facts.startedMs).toISOString(),
    durationMs: Math.round(facts.durationMs * 100) / 100,
    pods: proposal.plan.outcomes,
    ...(objects.length === 0 ? {} : { objects }),
    problems: proposal.problems,
    needRestart: facts.needRestart,
    ...(looks.length === 0 ? {} : { lookAgainMs: Math.max(...looks) }),
    served: {
      pods: facts.manifest.pods,
      bytes: facts.manifest.bytes.byteLength,
      etag: facts.manifest.etag,
    },
  };
}

/** A problem of podstead itself, not of a file that a person wrote. */
export function internalProblem(thrown: unknown, stateDir: string): Problem {
  const hint = thrown instanceof PodsteadError ? thrown.hint : undefined;
  return {
    severity: "error",
    code: "failed",
    file: thrown instanceof StepTimeout && thrown.file !== undefined ? thrown.file : stateDir,
    path: [],
    message: errorText(thrown),
    ...(hint === undefined ? {} : { hint }),
  };
}

/**
 * The outcome of a reload and of the second look that it needed, as one: what the
 * first look changed is no news to the second.
 */
export function joinLooks(first: ReloadOutcome, second: ReloadOutcome): ReloadOutcome {
  const before = new Map(first.pods.map((pod) => [formatKey(pod), pod]));
  const seen = new Set(second.pods.map(formatKey));
  const earlier = first.pods.filter((pod) => pod.change === "removed" && !seen.has(formatKey(pod)));
  const pods = second.pods.map((pod): PodOutcome => {
    const { change, resumed } = before.get(formatKey(pod)) ?? {};
    return pod.change === "unchanged" && (change === "added" || change === "changed")
      ? { ...pod, change, ...(resumed === undefined ? {} : { resumed }) }
      : pod;
  });
  const result = second.result === "unchanged" ? first.result : second.result;
  return { ...second, result, at: first.at, pods: [...pods, ...earlier] };
}
