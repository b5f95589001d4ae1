/** Reads a valibot schema as data: for pruning unknown keys, for the docs, for restarts. */
import type * as v from "valibot";

/** What a schema says about one value. */
export interface SchemaInfo {
  readonly shape: SchemaShape;
  readonly description: string | undefined;
  /** False if the value may be left out. */
  readonly required: boolean;
  /** As it would be written; undefined if there is none. */
  readonly defaultValue: unknown;
  /** What is accepted, for people. */
  readonly wanted: string | undefined;
  /** True if the value cannot be changed while the agent runs. */
  readonly restart: boolean;
}

/** The structure of a value. */
export type SchemaShape =
  | { readonly kind: "object"; readonly entries: ReadonlyMap<string, v.GenericSchema> }
  | { readonly kind: "list"; readonly item: v.GenericSchema }
  | { readonly kind: "leaf"; readonly type: string };

// The properties of valibot's schemas that are read here; all of them are public,
// but a generic schema does not have them in its type.
interface Inside {
  readonly type: string;
  readonly message?: unknown;
  readonly pipe?: readonly (Inside & { readonly kind: string })[];
  readonly wrapped?: v.GenericSchema;
  readonly default?: unknown;
  readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  readonly item?: v.GenericSchema;
  readonly description?: string;
  readonly metadata?: { readonly restart?: boolean };
  readonly options?: readonly unknown[];
}

/** Describes a schema: pipes and optional wrappers are looked through, the outermost text wins. */
export function describeSchema(schema: v.GenericSchema): SchemaInfo {
  let inside = schema as unknown as Inside;
  let description: string | undefined;
  let wanted: string | undefined;
  let required = true;
  let restart = false;
  let defaultValue: unknown;
  for (;;) {
    if (inside.pipe !== undefined) {
      for (const action of inside.pipe) {
        if (action.kind === "schema") continue;
        description ??= action.type === "description" ? action.description : undefined;
        if (action.type === "metadata") restart ||= action.metadata?.restart ?? false;
        wanted ??= wantedText(action.message);
      }
      wanted ??= wantedText(inside.message);
      const [first] = inside.pipe;
      if (first === undefined || first.type !== inside.type) break;
      // A pipe repeats its first schema's properties, and that one has no pipe unless nested.
      if (first.pipe === undefined && first.wrapped === undefined) break;
      inside = first;
      continue;
    }
    if (inside.wrapped !== undefined) {
      required = false;
      defaultValue ??= inside.default;
      inside = inside.wrapped as unknown as Inside;
      continue;
    }
    break;
  }
  wanted ??= wantedText(inside.message);
  if (wanted === undefined && inside.type === "picklist" && inside.options !== undefined) {
    wanted = inside.options.join(", ");
  }
  return { shape: shapeOf(inside), description, required, defaultValue, wanted, restart };
}

function shapeOf(inside: Inside): SchemaShape {
  if (inside.entries !== undefined) {
    return { kind: "object", entries: new Map(Object.entries(inside.entries)) };
  }
  if (inside.item !== undefined) return { kind: "list", item: inside.item };
  return { kind: "leaf", type: inside.type };
}

/** `Expected a port` → `a port`; undefined for messages of another form. */
export function wantedText(message: unknown): string | undefined {
  if (typeof message !== "string") return undefined;
  return /^Expected (.+)$/s.exec(message)?.[1];
}
