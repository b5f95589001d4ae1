/** Which objects a node has: the declared ones, with the last good version of those that are not. */
import { canonicalJson, isJsonObject, type Position, type Problem } from "../../core/mod.ts";
import { podKey } from "../identity.ts";
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
 * Judges objects. Of several under one key the one that the node has stays: that of the file
 * which it has it from, else that of the same content; if it has none, the first one. A change of an object that is
 * immutable is refused.
 *
 * @param before the objects that the node has, by key
 * @param homes the files that the node has them from, by key
 */
export function declareObjects(
  entries: readonly ObjectEntry[],
  before: ReadonlyMap<string, NodeObject> = new Map(),
  policy: ObjectPolicy = {},
  homes: ReadonlyMap<string, string> = new Map(),
): DeclaredObjects {
  const problems: Problem[] = [];
  const unidentified: Problem[] = [];
  const maybePods: Problem[] = [];
  const byKey = new Map<string, JudgedObject[]>();
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
    byKey.set(key, [...byKey.get(key) ?? [], judged]);
  }
  const objects: DeclaredObject[] = [];
  const refused = new Set<string>();
  for (const [key, alike] of byKey) {
    const known = preferred(alike, homes.get(key), before.get(key));
    const judged = known ?? alike[0];
    if (judged === undefined) continue;
    for (const other of alike) {
      if (other !== judged) {
        problems.push(duplicateObject(other, judged.entry.source, known !== undefined));
      }
    }
    const frozen = changedThoughImmutable(judged, before.get(key), key);
    if (frozen !== undefined) problems.push(frozen);
    if (judged.object === undefined || frozen !== undefined) refused.add(key);
    else objects.push({ object: judged.object, entry: judged.entry });
  }
  return { objects, refused, problems, unidentified, maybePods };
}

/** The one that the node has; undefined if it has none of them. */
function preferred(
  alike: readonly JudgedObject[],
  home: string | undefined,
  before: NodeObject | undefined,
): JudgedObject | undefined {
  if (before === undefined) return undefined;
  const isSame = ({ object }: JudgedObject) =>
    object !== undefined && canonicalJson({ ...object }) === canonicalJson({ ...before });
  return alike.find(({ entry }) => entry.source.file === home) ?? alike.find(isSame);
}

/** The problem of an object under the key of another one, which stays. */
export function duplicateObject(
  { kind, entry }: ObjectEntry,
  stays: { readonly file: string; readonly position: Position },
  isKnown: boolean,
): Problem {
  const key = podKey(entry.pod);
  const name = key === undefined ? kind : objectKey({ kind, ...key });
  return objectProblem({ kind, entry }, ["metadata", "name"], {
    code: "duplicate-object",
    message: `${name} is declared twice; ${
      isKnown ? "the one that the node has" : "the first one"
    } stays`,
    hint: "Remove or rename one of the two",
    related: { file: stays.file, position: stays.position },
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
