/** Which ConfigMaps and Secrets the node has after a reload: pure, as the plan of its pods. */
import type { LoadedConfig } from "../config/mod.ts";
import { canonicalJson, isJsonObject, type Problem } from "../core/mod.ts";
import {
  compareObjects,
  declareObjects,
  duplicateObject,
  type NodeObject,
  objectKey,
  podId,
} from "../pods/mod.ts";
import type { ObjectOutcome } from "./outcome.ts";
import type { ServedObject } from "./state/state.ts";
import {
  type AbsenceOf,
  type DecideAbsence,
  judgeAbsence,
  mayBeCopied,
} from "./absence/source_health.ts";

/** The objects after a reload, sorted, and what happened to each. */
export interface ObjectPlan {
  readonly objects: readonly ServedObject[];
  readonly outcomes: readonly ObjectOutcome[];
  readonly problems: readonly Problem[];
  /** Those of the problems that are about objects that may be pods under a wrong kind. */
  readonly maybePods?: readonly Problem[];
}

/**
 * Plans objects by the same rules as pods: one that is refused keeps its last good version, one
 * whose source cannot be read or is not healthy stays, one that was taken out is removed.
 *
 * @param decide what becomes of an object that no source declares
 * @param unnamedPods problems of pods that may be objects under a wrong kind
 */
export function planObjects(
  loaded: LoadedConfig,
  previous: readonly ServedObject[],
  decide: DecideAbsence = (found) => found,
  unnamedPods: readonly Problem[] = [],
): ObjectPlan {
  const before = new Map(previous.map((one) => [objectKey(one.object), one]));
  const declared = declareObjects(
    loaded.objects,
    new Map(Array.from(before, ([key, { object }]) => [key, object])),
    { sealedOnly: loaded.settings?.secrets === "sealed-only" },
    new Map(Array.from(before, ([key, { source }]) => [key, source.file])),
  );
  const absenceOf: AbsenceOf = judgeAbsence({
    loaded,
    failedComponents: [],
    unidentified: [...declared.unidentified, ...unnamedPods, ...maybeObjects(loaded)],
    judged: [],
    previous: [],
    lastOutcomes: [],
  });
  const objects: ServedObject[] = [];
  const outcomes: ObjectOutcome[] = [];
  const copies: Problem[] = [];
  for (const { object, entry } of declared.objects) {
    const key = objectKey(object);
    const { file, position, list } = entry.source;
    const source = { file, line: position.line, ...(list === undefined ? {} : { list }) };
    const old = before.get(key);
    if (old !== undefined && old.source.file !== file && !isSame(old.object, object)) {
      const absence = absenceOf({ id: podId(old.object), ...old.object, source: old.source });
      if (mayBeCopied(absence)) {
        const { file, line } = old.source;
        const there = { file, position: { line, column: 1 } };
        copies.push(duplicateObject({ kind: object.kind, entry }, there, true));
        continue;
      }
    }
    before.delete(key);
    objects.push({ object, source });
    const change = old === undefined
      ? "added"
      : isSame(old.object, object)
      ? "unchanged"
      : "changed";
    outcomes.push({ ...named(object), source, change });
  }
  for (const [key, old] of before) {
    const { object, source } = old;
    if (declared.refused.has(key)) {
      objects.push(old);
      outcomes.push({ ...named(object), source, change: "unchanged", state: "Rejected" });
      continue;
    }
    const absence = decide(absenceOf({ id: podId(object), ...object, source }), source.file);
    if (absence.kind === "removed") {
      outcomes.push({ ...named(object), source, change: "removed", reason: absence.reason });
      continue;
    }
    objects.push(old);
    outcomes.push({
      ...named(object),
      source,
      change: "unchanged",
      state: "Kept",
      reason: absence.reason,
      ...(absence.kind === "pending" ? { lookAgainMs: absence.lookAgainMs } : {}),
    });
  }
  objects.sort((left, right) => compareObjects(left.object, right.object));
  const problems = [...declared.problems, ...copies];
  return { objects, outcomes, problems, maybePods: declared.maybePods };
}

/** Pods with the keys of a ConfigMap or Secret: their kind may be wrong. */
function maybeObjects({ entries }: LoadedConfig): readonly Pick<Problem, "file" | "position">[] {
  const keys = ["data", "stringData", "binaryData"];
  return entries.filter(({ pod }) =>
    isJsonObject(pod) && keys.some((key) => Object.hasOwn(pod, key))
  ).map(({ source: { file, position } }) => ({ file, position }));
}

/** Adds to each outcome which pods use its object. */
export function withUsers(
  outcomes: readonly ObjectOutcome[],
  pods: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly objects?: readonly string[];
  }[],
): readonly ObjectOutcome[] {
  return outcomes.map((outcome) => {
    const key = objectKey(outcome);
    const usedBy = pods.filter(({ objects }) => objects?.includes(key))
      .map(({ namespace, name }) => `${namespace}/${name}`);
    return usedBy.length === 0 ? outcome : { ...outcome, usedBy };
  });
}

function named({ kind, namespace, name }: NodeObject) {
  return { kind, namespace, name };
}

function isSame(left: NodeObject, right: NodeObject): boolean {
  return canonicalJson({ ...left }) === canonicalJson({ ...right });
}
