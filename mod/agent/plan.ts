/** What a reload makes of the pods it finds: pure, so that every case is a table row. */
import { allAtOnce, type Steps } from "../core/mod.ts";
import {
  compareKeys,
  type DeclaredPod,
  formatKey,
  type PodEntry,
  type PodIssue,
  type ReportedPodIssue,
  reportIssue,
} from "../pods/mod.ts";
import { changedFields, type ChangeVerdict, readRolloutAnnotations } from "../rollout/mod.ts";
import type { JudgedPod } from "./judged_pod.ts";
import type { PodOutcome, SourceRef } from "./outcome.ts";
import type { Absence, AbsenceOf } from "./absence/source_health.ts";
import { type PlannedStop, type StopPlan, stopReason } from "./stops.ts";
import type { ServedPod } from "./state/state.ts";

/** What a plan is made of. */
export interface PlanInput {
  readonly previous: readonly ServedPod[];
  readonly judged: readonly JudgedPod[];
  /** Why a served pod that is not among `judged` is not there. */
  readonly absenceOf: AbsenceOf;
  /** How changed pods will be replaced, by key, and what has to come first; see the rollout. */
  readonly verdicts?: ReadonlyMap<string, ChangeVerdict>;
  /** The pods that are declared and not served; default: none. */
  readonly stops?: StopPlan;
  /** The keys of the pods that were stopped before; default: none. */
  readonly stoppedBefore?: ReadonlySet<string>;
  /** The revision that this reload makes if it changes anything. */
  readonly nextRevision: number;
  readonly nowMs: number;
}

/** What should be served, and what happened to each pod. */
export interface Plan {
  /** Sorted by key. */
  readonly pods: readonly ServedPod[];
  readonly outcomes: readonly PodOutcome[];
  /** Whether a pod was added, changed or removed. */
  readonly changed: boolean;
}

/**
 * Decides pod by pod:
 * - a valid pod is served; if its hash is what is served already, nothing changes
 * - an invalid or held pod keeps its last good version, if it has one now
 * - a pod that may only be out of sight keeps its version; see `judgeAbsence`
 * - a changed pod keeps its version until its images are there
 * - a pod that was taken out of its source is removed
 * - a pod that a person has stopped is not served, whatever else is true of it
 *
 * A pod that was removed before is not remembered: an invalid pod of the same
 * name later brings nothing back.
 */
export function planReload(input: PlanInput): Plan {
  return allAtOnce(planSteps(input));
}

/** The same in steps. */
export function* planSteps(input: PlanInput): Steps<Plan> {
  const previous = new Map(input.previous.map((pod) => [formatKey(pod), pod]));
  const pods: ServedPod[] = [];
  const outcomes: PodOutcome[] = [];
  for (const judged of input.judged) {
    yield;
    const { declared } = judged;
    const before = previous.get(formatKey(declared.key));
    previous.delete(formatKey(declared.key));
    const { outcome, pod } = decide(judged, before, input);
    outcomes.push(outcome);
    if (pod !== undefined) pods.push(pod);
  }
  const servedIds = new Set(pods.map(({ id }) => id));
  for (const left of previous.values()) {
    const stop = input.stops?.get(formatKey(left));
    if (stop !== undefined) {
      outcomes.push({ ...identityOf(left), change: "removed", ...stopped(stop) });
      continue;
    }
    const absence = servedIds.has(left.id)
      ? { kind: "removed" as const, reason: `its ID "${left.id}" belongs to another pod now` }
      : input.absenceOf(left);
    if (absence.kind !== "removed") pods.push(left);
    outcomes.push(absentOutcome(left, absence));
  }
  pods.sort(compareKeys);
  outcomes.sort(compareKeys);
  const changed = outcomes.some(({ change }) => change !== "unchanged" && change !== "none");
  yield;
  return { pods, outcomes: yield* withWaits(outcomes, pods), changed };
}

/** The plan that changes nothing: every pod as it is, with the verdict that it had. */
export function keepAll(pods: readonly ServedPod[], lastOutcomes: readonly PodOutcome[]): Plan {
  const outcomes = lastOutcomes.filter((pod) => pod.state !== undefined)
    .map((pod): PodOutcome => ({ ...pod, change: pod.change === "none" ? "none" : "unchanged" }));
  return { pods, outcomes, changed: false };
}

/** Says of each added pod which others its first start comes after; undeclared pods are ignored. */
function* withWaits(
  outcomes: readonly PodOutcome[],
  pods: readonly ServedPod[],
): Steps<readonly PodOutcome[]> {
  const wanted = new Map(pods.map((pod) => [formatKey(pod), pod]));
  const waiting: PodOutcome[] = [];
  for (const outcome of outcomes) {
    yield;
    const added = outcome.change === "added" ? wanted.get(formatKey(outcome)) : undefined;
    const after = added === undefined ? [] : readRolloutAnnotations(added.pod).after;
    const waitsFor = after.filter((key) => wanted.has(key));
    waiting.push(waitsFor.length === 0 ? outcome : { ...outcome, waitsFor });
  }
  return waiting;
}

/** Issues by the entries that have them: both stay, and each reload plans twice. */
const reports = new WeakMap<PodEntry, Map<PodIssue, ReportedPodIssue>>();

function reported(entry: PodEntry, issue: PodIssue): ReportedPodIssue {
  const ofEntry = reports.get(entry) ?? new Map<PodIssue, ReportedPodIssue>();
  const report = ofEntry.get(issue) ?? reportIssue(entry, issue);
  reports.set(entry, ofEntry.set(issue, report));
  return report;
}

function decide(
  judged: JudgedPod,
  before: ServedPod | undefined,
  input: PlanInput,
): { readonly outcome: PodOutcome; readonly pod: ServedPod | undefined } {
  const { declared } = judged;
  const source = sourceOf(declared);
  const common = {
    id: declared.id,
    namespace: declared.key.namespace,
    name: declared.key.name,
    source,
    hash: declared.hash,
    errors: judged.errors.map((issue) => reported(declared.entry, issue)),
    warnings: judged.warnings.map((issue) => reported(declared.entry, issue)),
  };
  const stop = input.stops?.get(formatKey(declared.key));
  if (stop !== undefined) {
    const change = before === undefined ? "none" : "removed";
    return { pod: undefined, outcome: { ...common, change, ...stopped(stop) } };
  }
  const rejected = judged.errors.length > 0;
  if (rejected || judged.held !== undefined) {
    return {
      pod: before,
      outcome: {
        ...common,
        change: before === undefined ? "none" : "unchanged",
        state: rejected ? "Rejected" : "Held",
        ...(before === undefined ? {} : { servingRevision: before.revision }),
        ...(judged.held === undefined ? {} : { reasonCode: "files-missing", reason: judged.held }),
      },
    };
  }
  const same = before?.hash === declared.hash ? before : undefined;
  const pod: ServedPod = {
    id: declared.id,
    ...declared.key,
    // The object that is known already, so that equal ones need not be compared.
    pod: same?.pod ?? declared.pod,
    hash: declared.hash,
    revision: same?.revision ?? input.nextRevision,
    sinceMs: same?.sinceMs ?? input.nowMs,
    source,
    ...judged.resolved,
  };
  const gate = input.verdicts?.get(formatKey(declared.key))?.gate;
  if (before === undefined && gate !== undefined) {
    const { code: reasonCode, reason } = gate;
    const why = { state: "Waiting", reasonCode, reason } as const;
    return { pod: undefined, outcome: { ...common, change: "none", ...why } };
  }
  const change = before === undefined ? "added" : same === undefined ? "changed" : "unchanged";
  if (before === undefined || change !== "changed") {
    const isResumed = change === "added" && input.stoppedBefore?.has(formatKey(pod)) === true;
    const outcome = { ...common, change, state: "Served", servingRevision: pod.revision } as const;
    return { pod, outcome: isResumed ? { ...outcome, resumed: true } : outcome };
  }
  const verdict = input.verdicts?.get(formatKey(declared.key));
  const how = {
    fields: changedFields(before.pod, declared.pod),
    ...(verdict === undefined ? {} : { method: verdict.method }),
    ...(verdict?.why === undefined ? {} : { methodReason: verdict.why }),
  };
  if (gate === undefined) {
    return {
      pod,
      outcome: { ...common, ...how, change, state: "Served", servingRevision: pod.revision },
    };
  }
  return {
    pod: before,
    outcome: {
      ...common,
      ...how,
      change: "unchanged",
      state: gate.state,
      servingRevision: before.revision,
      reasonCode: gate.code,
      reason: gate.reason,
    },
  };
}

function stopped(
  { stop, lookAgainMs }: PlannedStop,
): Pick<PodOutcome, "state" | "reasonCode" | "reason" | "lookAgainMs"> {
  return {
    state: "Stopped",
    reasonCode: stop.for === "take-over" ? "held-for-take-over" : "stopped",
    reason: stopReason(stop),
    ...(lookAgainMs === undefined ? {} : { lookAgainMs }),
  };
}

function absentOutcome(pod: ServedPod, absence: Absence): PodOutcome {
  const { kind, reason } = absence;
  if (kind === "removed") return { ...identityOf(pod), change: "removed", reason };
  return {
    ...identityOf(pod),
    change: "unchanged",
    state: "Kept",
    servingRevision: pod.revision,
    reasonCode: absence.code,
    reason,
    ...(kind === "pending" ? { lookAgainMs: absence.lookAgainMs } : {}),
  };
}

function identityOf(pod: ServedPod): Omit<PodOutcome, "change"> {
  const { id, namespace, name, source, hash } = pod;
  return { id, namespace, name, source, hash, errors: [], warnings: [] };
}

function sourceOf(declared: DeclaredPod): SourceRef {
  const { file, position, list } = declared.entry.source;
  return { file, line: position.line, ...(list === undefined ? {} : { list }) };
}
