/** The pods that a config declares, with the verdicts on them: what a reload is planned from. */
import type { LoadedConfig } from "../config/mod.ts";
import { asServed, type ControlPlanePods, joinDeclared } from "../controlplane/mod.ts";
import { type JsonObject, type Problem, stepByStep } from "../core/mod.ts";
import type { ServablePod } from "../materialize/mod.ts";
import { declareSteps, duplicateOfServed, formatKey } from "../pods/mod.ts";
import { judgeOrder } from "../rollout/mod.ts";
import type { JudgedPod } from "./judged_pod.ts";
import { type ObjectPlan, planObjects } from "./objects.ts";
import type { PodOutcome } from "./outcome.ts";
import {
  type Absence,
  type AbsenceOf,
  type DecideAbsence,
  judgeAbsence,
  mayBeCopied,
} from "./absence/source_health.ts";
import { planStops, type StopPlan, undeclaredStops } from "./stops.ts";
import type { SavedStop, ServedObject, ServedPod } from "./state/state.ts";

/** What `judgeReload` looks at. */
export interface JudgeReloadInput {
  readonly loaded: LoadedConfig;
  /** The control plane that the config asks for, rendered. */
  readonly controlPlane: ControlPlanePods;
  readonly previous: readonly ServedPod[];
  /** The verdicts of the reload before, which stay if nothing can be judged. */
  readonly lastOutcomes: readonly PodOutcome[];
  /** What is served of pods, with these objects, and the kubelet's verdicts on it. */
  readonly judge: (
    pods: readonly JsonObject[],
    objects: readonly ServedObject[],
  ) => readonly ServablePod[] | Promise<readonly ServablePod[]>;
  /** The ConfigMaps and Secrets that the node has; default: none. */
  readonly previousObjects?: readonly ServedObject[];
  /** The pods that are stopped; default: none. */
  readonly previousStops?: readonly SavedStop[];
  /** The pods, by key, whose files could not be written, and why. */
  readonly unwritten?: ReadonlyMap<string, string>;
  /** How to treat pods that no source declares; default: by the sources' health. */
  readonly absence?: "as-found" | "settled" | "allowed";
  /** Files that were written whole a moment ago: what they lack was taken out. Default: none. */
  readonly written?: ReadonlySet<string>;
}

/** What a loaded config declares, judged. */
export interface JudgedReload {
  /** Every pod of the config that has an identity, by ID, valid or not. */
  readonly declared: ReadonlyMap<string, JsonObject>;
  readonly problems: readonly Problem[];
  /** Undefined if the config cannot be used as a whole. */
  readonly verdicts: JudgedReloadVerdicts | undefined;
}

/** What may be planned. */
export interface JudgedReloadVerdicts {
  readonly judged: readonly JudgedPod[];
  readonly objects: ObjectPlan;
  readonly stops: StopPlan;
  /** Why a served pod that is not among `judged` is not there, as its source shows it. */
  readonly absenceOf: AbsenceOf;
}

/**
 * Judges every declared pod; changes nothing.
 *
 * @param rest called between the steps, each of which takes its time with thousands of pods
 */
export async function judgeReload(
  input: JudgeReloadInput,
  rest: () => Promise<void>,
): Promise<JudgedReload> {
  const { loaded, previous } = input;
  const served = new Map(previous.map((pod) => [formatKey(pod), pod]));
  const controlPlane = {
    ...input.controlPlane,
    pods: input.controlPlane.pods.map((pod) =>
      asServed(pod, served.get(formatKey(pod.declared.key))?.hash)
    ),
  };
  const own = joinDeclared(
    await stepByStep(declareSteps(loaded.entries, new Map(), served)),
    controlPlane,
  );
  await rest();
  const declared = [...controlPlane.pods, ...own.pods.map((pod) => ({ declared: pod }))];
  const byId = new Map(declared.map(({ declared: pod }) => [pod.id, pod.pod]));
  const problems = [...loaded.problems, ...own.problems, ...controlPlane.problems];
  if (loaded.settings === undefined) return { declared: byId, problems, verdicts: undefined };
  const decide: DecideAbsence = (found, file) => decideAbsence(found, file, input);
  const stops = planStops(loaded, input.previousStops ?? [], decide);
  problems.push(
    ...undeclaredStops(loaded, new Set(declared.map(({ declared: { key } }) => formatKey(key)))),
  );
  const objects = planObjects(
    loaded,
    input.previousObjects ?? [],
    decide,
    own.problems,
  );
  problems.push(...objects.problems);
  await rest();
  const byKubelet = await judgeDeclared(input, declared, objects);
  await rest();
  const absenceAmong = (judged: readonly JudgedPod[]) =>
    judgeAbsence({
      loaded,
      failedComponents: controlPlane.failed,
      unidentified: [...own.problems, ...objects.maybePods ?? []],
      judged,
      previous,
      lastOutcomes: input.lastOutcomes,
      ...(input.written === undefined ? {} : { written: input.written }),
    });
  const keptNow = absenceAmong(byKubelet);
  const { judged: rightful, refused } = withoutUsurpers(byKubelet, served, keptNow);
  problems.push(...refused);
  await rest();
  const ordered = rightful.map(({ declared: { key, pod } }) => ({ key: formatKey(key), pod }));
  const there = new Set(ordered.map(({ key }) => key));
  // A pod may come after one that is kept.
  const kept = previous.filter((pod) =>
    !there.has(formatKey(pod)) && keptNow(pod).kind !== "removed"
  );
  const order = judgeOrder(ordered, new Set(kept.map(formatKey)));
  const judged = rightful.map((pod) => ({
    ...pod,
    errors: [...pod.errors, ...order.get(formatKey(pod.declared.key)) ?? []],
  }));
  await rest();
  const verdicts = { judged, objects, stops, absenceOf: absenceAmong(judged) };
  return { declared: byId, problems, verdicts };
}

/** Each pod as it will be served with these objects, and the kubelet's verdict on it. */
async function judgeDeclared(
  input: JudgeReloadInput,
  declared: readonly Pick<JudgedPod, "declared" | "held">[],
  { objects }: ObjectPlan,
): Promise<readonly JudgedPod[]> {
  const servable = await input.judge(declared.map(({ declared: { pod } }) => pod), objects);
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
    if (!moved || !mayBeCopied(absenceOf(before))) return true;
    refused.push(duplicateOfServed(declared.entry, declared.key, before.source));
    return false;
  });
  return { judged: rightful, refused };
}

/** What happens to a pod that no source declares, as the caller wants it. */
export function decideAbsence(
  absence: Absence,
  file: string,
  { absence: how = "as-found", written }: JudgeReloadInput,
): Absence {
  if (absence.kind === "removed") return absence;
  const isSettled = how === "settled" || written?.has(file) === true;
  if (how !== "allowed" && !(isSettled && absence.kind === "pending")) return absence;
  return { kind: "removed", reason: absence.reason };
}
