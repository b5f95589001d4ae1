/** What a reload would do: declare → judge → plan; nothing has changed then. */
import type { LoadedConfig } from "../config/mod.ts";
import { asServed, type ControlPlanePods, joinDeclared } from "../controlplane/mod.ts";
import { formatBytes, type JsonObject, type Problem } from "../core/mod.ts";
import type { ServablePod, VolumeFiles } from "../materialize/mod.ts";
import {
  declarePods,
  duplicateOfServed,
  formatKey,
  MAX_MANIFEST_BYTES,
  noRoom,
} from "../pods/mod.ts";
import { type ChangeVerdict, judgeOrder, type PlannedChange } from "../rollout/mod.ts";
import { type Manifest, manifestOf } from "./list.ts";
import { leftOut } from "./list_limit.ts";
import type { PodOutcome, PodState, ReloadResult } from "./outcome.ts";
import type { JudgedPod } from "./judged_pod.ts";
import { type ObjectPlan, planObjects, withUsers } from "./objects.ts";
import { keepAll, type Plan, planReload } from "./plan.ts";
import { inList, type KubeletNow, takenNow, withRefused } from "./state/refused_now.ts";
import { type Absence, type AbsenceOf, type DecideAbsence, judgeAbsence } from "./source_health.ts";
import { planStops, type StopPlan, undeclaredStops } from "./stops.ts";
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
export interface ProposalInput {
  readonly loaded: LoadedConfig;
  /** The control plane that the config asks for, rendered. */
  readonly controlPlane: ControlPlanePods;
  readonly previous: readonly ServedPod[];
  /** The verdicts of the reload before, which stay if nothing can be judged. */
  readonly lastOutcomes: readonly PodOutcome[];
  /** Which kubelet took the pods last, as far as it is known. */
  readonly taken?: TakenList;
  /** By which version the pods were judged before. */
  readonly judgedBy?: string | undefined;
  /** The kubelet that fetches the list; default: nothing is known of it. */
  readonly kubelet?: KubeletNow;
  readonly revision: number;
  readonly nowMs: number;
  /** What is served of pods, with these objects, and the kubelet's verdicts on it. */
  readonly judge: (
    pods: readonly JsonObject[],
    objects: readonly ServedObject[],
  ) => readonly ServablePod[];
  /** The ConfigMaps and Secrets that the node has; default: none. */
  readonly previousObjects?: readonly ServedObject[];
  /** The pods that are stopped; default: none. */
  readonly previousStops?: readonly SavedStop[];
  /** The files that a served pod has with these objects; undefined if it is to keep what it has. */
  readonly volumesOf?: (
    pod: ServedPod,
    objects: readonly ServedObject[],
  ) => readonly VolumeFiles[] | undefined;
  /** The pods, by key, whose files could not be written, and why. */
  readonly unwritten?: ReadonlyMap<string, string>;
  /** Default: `manifestOf`. */
  readonly render?: (pods: readonly ServedPod[]) => Manifest | Promise<Manifest>;
  /** What the rollout said of the changes, when it was asked. */
  readonly verdicts?: ReadonlyMap<string, ChangeVerdict>;
  /** How to treat pods that no source declares; default: by the sources' health. */
  readonly absence?: "as-found" | "settled" | "allowed";
  /** Files that were written whole a moment ago: what they lack was taken out. Default: none. */
  readonly written?: ReadonlySet<string>;
}

/**
 * Judges every declared pod and plans the list; changes nothing. A pod that the kubelet of
 * today refuses may be withheld, see `takenNow`.
 *
 * @param rest called between the steps, each of which takes its time with thousands of pods
 */
export async function proposeReload(
  input: ProposalInput,
  rest: () => Promise<void> = () => Promise.resolve(),
): Promise<Proposal> {
  const proposal = await proposeAll(input, rest);
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
  rest: () => Promise<void>,
): Promise<Proposal> {
  const { loaded, previous, render = manifestOf } = input;
  const served = new Map(previous.map((pod) => [formatKey(pod), pod]));
  const controlPlane = {
    ...input.controlPlane,
    pods: input.controlPlane.pods.map((pod) =>
      asServed(pod, served.get(formatKey(pod.declared.key))?.hash)
    ),
  };
  const own = joinDeclared(
    declarePods(loaded.entries, new Map(), served),
    controlPlane,
  );
  await rest();
  const declared = [...controlPlane.pods, ...own.pods.map((pod) => ({ declared: pod }))];
  const byId = new Map(declared.map(({ declared: pod }) => [pod.id, pod.pod]));
  const problems = [...loaded.problems, ...own.problems, ...controlPlane.problems];
  if (loaded.settings === undefined) {
    const plan = keepAll(previous, input.lastOutcomes);
    const objects = { objects: input.previousObjects ?? [], outcomes: [], problems: [] };
    const manifest = await render(previous);
    const stops = input.previousStops ?? [];
    return { plan, manifest, objects, stops, problems, declared: byId, result: "rejected" };
  }
  const decide: DecideAbsence = (found, file) => decideAbsence(found, file, input);
  const stops = planStops(loaded, input.previousStops ?? [], decide);
  problems.push(
    ...undeclaredStops(loaded, new Set(declared.map(({ declared: { key } }) => formatKey(key)))),
  );
  const objects = planObjects(
    loaded,
    input.previousObjects ?? [],
    decide,
  );
  problems.push(...objects.problems);
  await rest();
  const byKubelet = judgeDeclared(input, declared, objects);
  await rest();
  const absenceAmong = (judged: readonly JudgedPod[]) =>
    judgeAbsence({
      loaded,
      failedComponents: controlPlane.failed,
      unidentified: own.problems,
      judged,
      previous,
      lastOutcomes: input.lastOutcomes,
    });
  const keptNow = absenceAmong(byKubelet);
  const { judged: rightful, refused } = withoutUsurpers(byKubelet, served, keptNow);
  problems.push(...refused);
  await rest();
  // A pod may come after one that is kept.
  const order = judgeOrder(
    rightful.map(({ declared: { key, pod } }) => ({ key: formatKey(key), pod })),
    new Set(previous.filter((pod) => keptNow(pod).kind !== "removed").map(formatKey)),
  );
  const judged = rightful.map((pod) => ({
    ...pod,
    errors: [...pod.errors, ...order.get(formatKey(pod.declared.key)) ?? []],
  }));
  await rest();
  const fitting = await planFitting(input, judged, absenceAmong(judged), stops, rest);
  await rest();
  const plan = withStops(withObjects(fitting, objects, input), stops, input);
  return {
    plan,
    manifest: await render(plan.pods),
    objects: { ...objects, outcomes: withUsers(objects.outcomes, plan.pods) },
    stops: [...stops.values()].map(({ stop }) => stop),
    problems,
    declared: byId,
    result: resultOf(plan, problems, objects),
  };
}

/** Each pod as it will be served with these objects, and the kubelet's verdict on it. */
function judgeDeclared(
  input: ProposalInput,
  declared: readonly Pick<JudgedPod, "declared" | "held">[],
  { objects }: ObjectPlan,
): readonly JudgedPod[] {
  const servable = input.judge(declared.map(({ declared: { pod } }) => pod), objects);
  return declared.map(({ declared: one, held }, at): JudgedPod => {
    const served = servable[at];
    const { pod = one.pod, hash, errors = [], warnings = [] } = served ?? {};
    const { volumes = [], sealed = [], objects = [] } = served ?? {};
    const why = input.unwritten?.get(formatKey(one.key)) ?? held;
    const judged = { errors, warnings, ...(why === undefined ? {} : { held: why }) };
    if (pod === one.pod || hash === undefined) return { declared: one, ...judged };
    const resolved = {
      declared: one.pod,
      volumes,
      objects,
      ...(sealed.length === 0 ? {} : { sealed }),
    };
    return { declared: { ...one, pod, hash }, resolved, ...judged };
  });
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

/**
 * A pod under the key of one that is served from a file which cannot be read now is
 * no newer version of it: a copy, more likely. The served one keeps its place.
 */
function withoutUsurpers(
  judged: readonly JudgedPod[],
  served: ReadonlyMap<string, ServedPod>,
  absenceOf: (pod: ServedPod) => Absence,
): { readonly judged: readonly JudgedPod[]; readonly refused: readonly Problem[] } {
  const refused: Problem[] = [];
  const rightful = judged.filter(({ declared }) => {
    const before = served.get(formatKey(declared.key));
    const moved = before !== undefined && before.hash !== declared.hash &&
      before.source.file !== declared.entry.source.file && before.id === declared.id;
    if (!moved || absenceOf(before).kind !== "kept") return true;
    refused.push(duplicateOfServed(declared.entry, declared.key, before.source));
    return false;
  });
  return { judged: rightful, refused };
}

/** Plans, and leaves out the changes for which the list has no room. */
async function planFitting(
  input: ProposalInput,
  judged: readonly JudgedPod[],
  found: AbsenceOf,
  stops: StopPlan,
  rest: () => Promise<void>,
): Promise<Plan> {
  const planOf = (pods: readonly JudgedPod[]) =>
    planReload({
      previous: input.previous,
      judged: pods,
      stops,
      stoppedBefore: new Set(input.previousStops?.map(formatKey)),
      absenceOf: (pod) => decideAbsence(found(pod), pod.source.file, input),
      ...(input.verdicts === undefined ? {} : { verdicts: input.verdicts }),
      nextRevision: input.revision + 1,
      nowMs: input.nowMs,
    });
  const plan = planOf(judged);
  await rest();
  const files = new Map(input.loaded.files.map(({ path, mtimeMs }) => [path, mtimeMs ?? 0]));
  const refused = leftOut({
    previous: input.previous,
    next: plan.pods,
    writtenMs: ({ source }) => files.get(source.file) ?? 0,
  });
  if (refused.size === 0) return plan;
  await rest();
  return planOf(
    judged.map((pod) =>
      refused.has(formatKey(pod.declared.key))
        ? { ...pod, errors: [...pod.errors, noRoom(formatBytes(MAX_MANIFEST_BYTES))] }
        : pod
    ),
  );
}

/** What happens to a pod that no source declares, as the caller wants it. */
function decideAbsence(
  absence: Absence,
  file: string,
  { absence: how = "as-found", written }: ProposalInput,
): Absence {
  if (absence.kind === "removed") return absence;
  const isSettled = how === "settled" || written?.has(file) === true;
  if (how !== "allowed" && !(isSettled && absence.kind === "pending")) return absence;
  return { kind: "removed", reason: absence.reason };
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
