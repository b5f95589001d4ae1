/** Which pods are stopped after a reload: pure, as the plan of the pods themselves. */
import type { LoadedConfig } from "../config/mod.ts";
import type { Problem } from "../core/mod.ts";
import { formatKey, podId } from "../pods/mod.ts";
import { type DecideAbsence, judgeAbsence } from "./absence/source_health.ts";
import type { SavedStop } from "./state/state.ts";

/** A stop as the plan of the pods needs it. */
export interface PlannedStop {
  readonly stop: SavedStop;
  /** After how many milliseconds its source is looked at again: it changed a moment ago. */
  readonly lookAgainMs?: number;
}

/** The stops after a reload, by the key of their pods. */
export type StopPlan = ReadonlyMap<string, PlannedStop>;

/**
 * Plans stops by the same rules as pods: one whose source cannot be read or is not healthy
 * stays, so that no broken file starts a pod; one that was taken out is over.
 *
 * @param decide what happens to a stop that no source has any longer
 */
export function planStops(
  loaded: LoadedConfig,
  previous: readonly SavedStop[],
  decide: DecideAbsence,
): StopPlan {
  const absenceOf = judgeAbsence({
    loaded,
    failedComponents: [],
    unidentified: [],
    judged: [],
    previous: [],
    lastOutcomes: [],
    // A broken file of the pod itself names it too.
    mayMove: false,
  });
  const plan = new Map<string, PlannedStop>();
  for (const { source: { file, position }, ...stop } of loaded.stops) {
    if (plan.has(formatKey(stop))) continue;
    plan.set(formatKey(stop), { stop: { ...stop, source: { file, line: position.line } } });
  }
  for (const stop of previous) {
    if (plan.has(formatKey(stop))) continue;
    const absence = decide(absenceOf({ ...stop, id: podId(stop) }), stop.source.file);
    if (absence.kind === "removed") continue;
    plan.set(formatKey(stop), {
      stop,
      ...(absence.kind === "pending" ? { lookAgainMs: absence.lookAgainMs } : {}),
    });
  }
  return plan;
}

/** `stopped by user 0 at 2026-11-30T14:30:00Z: the disk is full`. */
export function stopReason({ why, by, since, source, for: purpose }: SavedStop): string {
  if (purpose === "take-over") {
    return `held${since === undefined ? "" : ` since ${since}`} for a take-over that is not done`;
  }
  const who = by === undefined ? "" : ` by user ${by}`;
  const when = since === undefined ? "" : ` at ${since}`;
  const where = who === "" && when === "" ? ` by ${source.file}` : "";
  return `stopped${who}${when}${where}${why === undefined ? "" : `: ${why}`}`;
}

/** A warning for each stop of a pod that no source declares: a mistyped name, most likely. */
export function undeclaredStops(
  loaded: Pick<LoadedConfig, "stops">,
  declared: ReadonlySet<string>,
): readonly Problem[] {
  return loaded.stops.filter((stop) => !declared.has(formatKey(stop))).map((stop): Problem => ({
    severity: "warning",
    code: "stop-without-pod",
    file: stop.source.file,
    position: stop.source.position,
    path: stop.source.path,
    message: `The stopped pod ${formatKey(stop)} is not declared`,
    hint: "Take the stop out, or declare the pod",
  }));
}
