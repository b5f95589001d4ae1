/** Which objects a node has: the declared ones, with the last good version of those that are not. */
import { isJsonObject, type Problem } from "../../core/mod.ts";
import {
  type JudgedObject,
  judgeObject,
  type ObjectEntry,
  type ObjectPolicy,
  objectProblem,
} from "./judge_object.ts";
import { type NodeObject, objectKey } from "./object.ts";

/** A declared object, and where. */
export interface DeclaredObject {
  readonly object: NodeObject;
  readonly entry: ObjectEntry["entry"];
}

/** The objects of all sources. */
export interface DeclaredObjects {
  readonly objects: readonly DeclaredObject[];
  /** The keys of objects that are declared but refused: their last good versions stay. */
  readonly refused: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  /** Those of the problems that are about objects without a name. */
  readonly unidentified: readonly Problem[];
  /** Those that are about objects that may be pods under a wrong kind. */
  readonly maybePods: readonly Problem[];
}

/**
 * Judges objects. Of several under one key the first one stays. A change of an object that is
 * immutable is refused.
 *
 * @param before the objects that the node has, by key
 */
export function declareObjects(
  entries: readonly ObjectEntry[],
  before: ReadonlyMap<string, NodeObject> = new Map(),
  policy: ObjectPolicy = {},
): DeclaredObjects {
  const problems: Problem[] = [];
  const unidentified: Problem[] = [];
  const maybePods: Problem[] = [];
  const seen = new Map<string, JudgedObject>();
  for (const judged of entries.map((entry) => judgeObject(entry, policy))) {
    problems.push(...judged.problems);
    const { pod: value } = judged.entry;
    if (judged.key === undefined || isJsonObject(value) && Object.hasOwn(value, "spec")) {
      maybePods.push(...judged.problems);
    }
    if (judged.key === undefined) {
      unidentified.push(...judged.problems);
      continue;
    }
    const key = objectKey({ kind: judged.kind, ...judged.key });
    const earlier = seen.get(key);
    if (earlier === undefined) seen.set(key, judged);
    else problems.push(duplicate(judged, earlier, key));
  }
  const objects: DeclaredObject[] = [];
  const refused = new Set<string>();
  for (const [key, judged] of seen) {
    const frozen = changedThoughImmutable(judged, before.get(key), key);
    if (frozen !== undefined) problems.push(frozen);
    if (judged.object === undefined || frozen !== undefined) refused.add(key);
    else objects.push({ object: judged.object, entry: judged.entry });
  }
  return { objects, refused, problems, unidentified, maybePods };
}

function duplicate(judged: JudgedObject, earlier: JudgedObject, key: string): Problem {
  return objectProblem(judged, ["metadata", "name"], {
    code: "duplicate-object",
    message: `${key} is declared twice; the first one stays`,
    hint: "Remove or rename one of the two",
    related: { file: earlier.entry.source.file, position: earlier.entry.source.position },
  });
}

/** Source: `ValidateConfigMapUpdate` and `ValidateSecretUpdate`. */
function changedThoughImmutable(
  judged: JudgedObject,
  before: NodeObject | undefined,
  key: string,
): Problem | undefined {
  const { object } = judged;
  if (object === undefined || before?.immutable !== true) return undefined;
  const same = object.immutable && sameValues(object.text, before.text) &&
    sameValues(object.binary, before.binary);
  if (same) return undefined;
  return objectProblem(judged, ["immutable"], {
    code: "immutable-object",
    message: `${key} is immutable, and differs from what the node has; that one stays`,
    hint:
      "Declare it under another name, and refer to that; or remove it, reload, and add it again",
  });
}

function sameValues(
  left: Readonly<Record<string, string>>,
  right: Readonly<Record<string, string>>,
): boolean {
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && left[key] === right[key]);
}
