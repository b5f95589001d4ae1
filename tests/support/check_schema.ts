/** Checks values against the schemas of `type_schemas.ts`, and newer schemas against older ones. */
import type { RootSchema, Schema } from "./type_schemas.ts";

/** What of a value is not as its schema says: `.pods[0].id: must be string`. */
export function faultsOf(value: unknown, root: RootSchema): readonly string[] {
  return faults(value, root, root, "");
}

function faults(value: unknown, schema: Schema, root: RootSchema, at: string): readonly string[] {
  if (schema.$ref !== undefined) return faults(value, resolve(schema, root), root, at);
  if ("const" in schema && value !== schema.const) return [`${at}: must be ${schema.const}`];
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    return [`${at}: must be one of ${schema.enum.join(", ")}, is ${value}`];
  }
  if (schema.anyOf !== undefined) {
    const all = schema.anyOf.map((one) => faults(value, one, root, at));
    if (!all.some((found) => found.length === 0)) return all.flat();
  }
  if (schema.type !== undefined && typeOf(value) !== schema.type) {
    return [`${at}: must be ${schema.type}, is ${typeOf(value)}`];
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined
      ? []
      : value.flatMap((item, index) => faults(item, items, root, `${at}[${index}]`));
  }
  if (typeOf(value) !== "object") return [];
  const members = value as Readonly<Record<string, unknown>>; // by its type
  const missing = (schema.required ?? []).filter((name) => !(name in members))
    .map((name) => `${at}.${name}: is missing`);
  const wrong = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    name in members ? faults(members[name], member, root, `${at}.${name}`) : []
  );
  return [...missing, ...wrong];
}

function typeOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

/** The schema that a reference means. */
function resolve(schema: Schema, root: RootSchema): Schema {
  if (schema.$ref === undefined) return schema;
  const found = root.$defs?.[schema.$ref.replace("#/$defs/", "")];
  if (found === undefined) throw new Error(`There is no ${schema.$ref}`);
  return found;
}

/**
 * What readers of the older schema would miss in documents of the newer one: members that are
 * gone, of another type, or no longer always there. What is added breaks nobody.
 */
export function breaksOf(older: RootSchema, newer: RootSchema): readonly string[] {
  return breaks(older, newer, { older, newer }, "", new Set());
}

function breaks(
  before: Schema,
  after: Schema,
  roots: { readonly older: RootSchema; readonly newer: RootSchema },
  at: string,
  seen: Set<string>,
): readonly string[] {
  if (before.$ref !== undefined) {
    // A type that contains itself is compared once.
    if (seen.has(before.$ref)) return [];
    return breaks(resolve(before, roots.older), after, roots, at, new Set([...seen, before.$ref]));
  }
  const now = resolve(after, roots.newer);
  if (before.type !== now.type) return [`${at}: was ${before.type}, is ${now.type}`];
  const own = Object.entries(before.properties ?? {}).flatMap(([name, member]) => {
    const same = now.properties?.[name];
    if (same === undefined) return [`${at}.${name}: is gone`];
    const optional =
      before.required?.includes(name) === true && now.required?.includes(name) !== true
        ? [`${at}.${name}: is no longer always there`]
        : [];
    return [...optional, ...breaks(member, same, roots, `${at}.${name}`, seen)];
  });
  const items = before.items !== undefined && now.items !== undefined
    ? breaks(before.items, now.items, roots, `${at}[]`, seen)
    : [];
  return [...own, ...items];
}
