/**
 * The fields of a pod as a tree, from the very tables that decode it: where a field
 * belongs, what it holds, since which version.
 */
import type { Path } from "../core/mod.ts";
import { Pod } from "./types/mod.ts";
import type { Kind } from "./types/mod.ts";

/** A field of a pod. */
export interface SchemaField {
  /** From the pod's root, without indexes: `spec.containers.image`. */
  readonly path: readonly string[];
  readonly kind: Kind<unknown>;
  /** The fields below, through lists and maps; empty for a scalar. */
  readonly fields: readonly string[];
}

/** The fields that a struct, a list of structs or a map of structs has; undefined for a scalar. */
export function fieldsOf(
  { shape }: Kind<unknown>,
): Readonly<Record<string, Kind<unknown>>> | undefined {
  if (shape.is === "struct") return shape.fields;
  return shape.is === "scalar" ? undefined : fieldsOf(shape.of);
}

/** The field at a path of names; undefined if there is none. */
export function findField(path: readonly string[]): SchemaField | undefined {
  let kind: Kind<unknown> = Pod;
  for (const name of path) {
    const fields = fieldsOf(kind);
    const next = fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (next === undefined) return undefined;
    kind = next;
  }
  return { path, kind, fields: Object.keys(fieldsOf(kind) ?? {}) };
}

/**
 * The names along a path of a pod, without indexes and without the keys of maps, as far
 * as there are such fields: `spec.containers[0].resources.limits[cpu]` gives
 * `["spec", "containers", "resources", "limits"]`.
 */
export function fieldNames(path: Path): readonly string[] {
  const names: string[] = [];
  let kind: Kind<unknown> = Pod;
  for (const segment of path) {
    if (typeof segment === "number") continue;
    const fields = fieldsOf(kind);
    const next = fields !== undefined && Object.hasOwn(fields, segment)
      ? fields[segment]
      : undefined;
    if (next === undefined) break;
    names.push(segment);
    kind = next;
  }
  return names;
}

/** A path of names as text, with `[]` behind each list: `spec.containers[].securityContext`. */
export function formatFieldPath(path: readonly string[]): string {
  let text = "";
  let kind: Kind<unknown> = Pod;
  for (const name of path) {
    kind = fieldsOf(kind)?.[name] ?? kind;
    text += `${text === "" ? "" : "."}${name}${kind.shape.is === "list" ? "[]" : ""}`;
  }
  return text;
}

/** Every field of a pod that its author may set, in the order of the types. */
export function* allFields(): Generator<SchemaField> {
  yield* below([], Pod);
}

/** Not the author's: what the API server and the kubelet keep there. */
const NOT_DECLARED = new Set(["status", "managedFields"]);

function* below(path: readonly string[], kind: Kind<unknown>): Generator<SchemaField> {
  for (const [name, field] of Object.entries(fieldsOf(kind) ?? {})) {
    if (path.length < 2 && NOT_DECLARED.has(name)) continue;
    const own = [...path, name];
    yield { path: own, kind: field, fields: Object.keys(fieldsOf(field) ?? {}) };
    yield* below(own, field);
  }
}
