/** What a reload would do: declare → judge → plan; nothing has changed then. */
import { formatBytes, type JsonObject, type Problem, stepByStep } from "../core/mod.ts";
import type { VolumeFiles } from "../materialize/mod.ts";
import { formatKey, MAX_MANIFEST_BYTES, noRoom } from "../pods/mod.ts";
import type { ChangeVerdict, PlannedChange } from "../rollout/mod.ts";
import { type Manifest, manifestOf } from "./list.ts";
import { leftOut } from "./list_limit.ts";
import type { PodState, ReloadResult } from "./outcome.ts";
import type { JudgedPod } from "./judged_pod.ts";
import {
  decideAbsence,
  type JudgedReload,
  type JudgedReloadVerdicts,
  judgeReload,
  type JudgeReloadInput,
} from "./judged_reload.ts";
import { type ObjectPlan, withUsers } from "./objects.ts";
import { keepAll, type Plan, planSteps } from "./plan.ts";
import { inList, type KubeletNow, takenNow, withRefused } from "./state/refused_now.ts";
import type { StopPlan } from "./stops.ts";
import type { SavedStop, ServedObject, ServedPod, TakenList } from "./state/state.ts";

/** What a loaded config asks for, before anything of it is done. */
export interface Proposal {
  readonly plan: Plan;
  readonly manifest: Manifest;
  readonly objects: ObjectPlan;
  readonly stops: readonly SavedStop[];
  readonly problems: readonly Problem[];
  /** Which kubelet takes the pods now; undefined if nothing is known of it. */
  readonly taken?: TakenList;
  /** Every pod of the config that has an identity, by ID, valid or not. */
  readonly declared: ReadonlyMap<string, JsonObject>;
  /** `rejected` if the config cannot be used as a whole. */
  readonly result: Exclude<ReloadResult, "failed">;
}

/** What `proposeReload` looks at. */
export interface ProposalInput extends JudgeReloadInput {
  /** Which kubelet took the pods last, as far as it is known. */
  readonly taken?: TakenList;
  /** By which version the pods were judged before. */
  readonly judgedBy?: string | undefined;
  /** The kubelet that fetches the list; default: nothing is known of it. */
  readonly kubelet?: KubeletNow;
  readonly revision: number;
  readonly nowMs: number;
  /** The files that a served pod has with these objects; undefined if it is to keep what it has. */
  readonly volumesOf?: (
    pod: ServedPod,
    objects: readonly ServedObject[],
  ) => readonly VolumeFiles[] | undefined;
  /** Default: `manifestOf`. */
  readonly render?: (pods: readonly ServedPod[]) => Manifest | Promise<Manifest>;
  /** What the rollout said of the changes, when it was asked. */
  readonly verdicts?: ReadonlyMap<string, ChangeVerdict>;
}

/**
 * Judges every declared pod and plans the list; changes nothing. A pod that the kubelet of
 * today refuses may be withheld, see `takenNow`.
 *
 * @param rest called between the steps, each of which takes its time with thousands of pods
 * @param judged what `judgeReload` gave for the same input, verdicts of the rollout aside
 */
export async function proposeReload(
  input: ProposalInput,
  rest: () => Promise<void> = () => Promise.resolve(),
  judged?: JudgedReload,
): Promise<Proposal> {
  const proposal = await proposeAll(input, judged ?? await judgeReload(input, rest), rest);
  const { taken: before, previous, judgedBy, kubelet, render = manifestOf } = input;
  const taken = kubelet === undefined
    ? before
    : takenNow(proposal.plan, { taken: before, previous, judgedBy }, kubelet);
  if (taken === undefined) return proposal;
  const { plan, problems } = withRefused(proposal.plan, taken);
  if (problems.length === 0) return { ...proposal, taken };
  return {
    ...proposal,
    plan,
    taken,
    problems: [...proposal.problems, ...problems],
    manifest: await render(plan.pods.filter(inList(taken))),
    result: proposal.result === "rejected" ? "rejected" : "partial",
  };
}

async function proposeAll(
  input: ProposalInput,
  { declared, problems, verdicts }: JudgedReload,
  rest: () => Promise<void>,
): Promise<Proposal> {
  const { previous, render = manifestOf } = input;
  if (verdicts === undefined) {
    const plan = keepAll(previous, input.lastOutcomes);
    const objects = { objects: input.previousObjects ?? [], outcomes: [], problems: [] };
    const manifest = await render(previous);
    const stops = input.previousStops ?? [];
    return { plan, manifest, objects, stops, problems, declared, result: "rejected" };
  }
  const { stops, objects } = verdicts;
  const fitting = await planFitting(input, verdicts, rest);
  await rest();
  const plan = withStops(withObjects(fitting, objects, input), stops, input);
  return {
    plan,
    manifest: await render(plan.pods),
    objects: { ...objects, outcomes: withUsers(objects.outcomes, plan.pods) },
    stops: [...stops.values()].map(({ stop }) => stop),
    problems,
    declared,
    result: resultOf(plan, problems, objects),
  };
}

/** A plan in which pods that stay also have the files of the current objects. */
function withObjects(plan: Plan, { objects, outcomes }: ObjectPlan, input: ProposalInput): Plan {
  const pods = plan.pods.map((pod) => {
    const volumes = pod.declared && input.volumesOf?.(pod, objects);
    return volumes === undefined ? pod : { ...pod, volumes };
  });
  const changed = plan.changed || outcomes.some(({ change }) => change !== "unchanged");
  return { ...plan, pods, changed };
}

/** A plan that also changes something if only the stopped pods or their versions differ. */
function withStops(
  plan: Plan,
  stops: StopPlan,
  { previousStops = [], lastOutcomes }: ProposalInput,
): Plan {
  const before = new Set(previousStops.map(formatKey));
  const hashes = new Map(
    lastOutcomes.filter(({ state }) => state === "Stopped").map((
      pod,
    ) => [formatKey(pod), pod.hash]),
  );
  const isSame = before.size === stops.size &&
    [...stops.keys()].every((key) => before.has(key)) &&
    plan.outcomes.every((pod) => {
      const hash = pod.state === "Stopped" ? hashes.get(formatKey(pod)) : undefined;
      return hash === undefined || hash === pod.hash;
    });
  return isSame ? plan : { ...plan, changed: true };
}

/** Plans, and leaves out the changes for which the list has no room. */
async function planFitting(
  input: ProposalInput,
  { judged, absenceOf, stops }: JudgedReloadVerdicts,
  rest: () => Promise<void>,
): Promise<Plan> {
  const planOf = (pods: readonly JudgedPod[]) =>
    stepByStep(planSteps({
      previous: input.previous,
      judged: pods,
      stops,
      stoppedBefore: new Set(input.previousStops?.map(formatKey)),
      absenceOf: (pod) => decideAbsence(absenceOf(pod), pod.source.file, input),
      ...(input.verdicts === undefined ? {} : { verdicts: input.verdicts }),
      nextRevision: input.revision + 1,
      nowMs: input.nowMs,
    }));
  const plan = await planOf(judged);
  await rest();
  const files = new Map(input.loaded.files.map(({ path, mtimeMs }) => [path, mtimeMs ?? 0]));
  const refused = leftOut({
    previous: input.previous,
    next: plan.pods,
    writtenMs: ({ source }) => files.get(source.file) ?? 0,
  });
  if (refused.size === 0) return plan;
  await rest();
  return await planOf(
    judged.map((pod) =>
      refused.has(formatKey(pod.declared.key))
        ? { ...pod, errors: [...pod.errors, noRoom(formatBytes(MAX_MANIFEST_BYTES))] }
        : pod
    ),
  );
}

/** The pods that a plan would add or change. */
export function changesOf(
  previous: readonly ServedPod[],
  plan: Plan,
): readonly PlannedChange[] {
  const before = new Map(previous.map((pod) => [formatKey(pod), pod]));
  return plan.pods.map((after) => ({ before: before.get(formatKey(after)), after }))
    .filter(({ before, after }) => before?.hash !== after.hash);
}

/** Nothing is wrong with a pod that is only on its way. */
const GOOD_STATES: ReadonlySet<PodState> = new Set(["Served", "Replacing", "Waiting", "Stopped"]);

function resultOf(
  plan: Plan,
  problems: readonly Problem[],
  { outcomes }: ObjectPlan,
): Exclude<ReloadResult, "failed" | "rejected"> {
  const wrong = problems.some((problem) => problem.severity === "error") ||
    plan.outcomes.some(({ state, lookAgainMs }) =>
      state !== undefined && !GOOD_STATES.has(state) && lookAgainMs === undefined
    ) ||
    outcomes.some(({ state, lookAgainMs }) => state !== undefined && lookAgainMs === undefined);
  if (wrong) return "partial";
  const underWay = plan.outcomes.some(({ state, change }) =>
    state === "Replacing" || state === "Waiting" && change === "none"
  );
  return plan.changed || underWay ? "applied" : "unchanged";
}
