/** Finds the field that a person means, and completes its name. */
import { nearest } from "../../core/mod.ts";
import { allFields, fieldsOf, findField } from "../schema.ts";
import { Pod } from "../types/mod.ts";

/** A field that was found, or what may have been meant instead. */
export type NamedField =
  | { readonly path: readonly string[] }
  | { readonly path: undefined; readonly suggestions: readonly string[] };

/** How many suggestions are worth reading. */
const MAX_SUGGESTIONS = 5;

/**
 * The field behind a name such as `pod.spec.containers[0].image`, `spec.containers` or
 * `livenessProbe`: a whole path from the pod, or the end of one; letters in any case.
 */
export function nameField(text: string): NamedField {
  const names = text.replace(/\[[^\]]*\]/g, "").split(".").filter((name) => name !== "");
  const own = names[0]?.toLowerCase() === "pod" || names[0]?.toLowerCase() === "pods"
    ? names.slice(1)
    : names;
  const whole = walk(own);
  if (whole !== undefined) return { path: whole };
  const ending = [...allFields()].filter(({ path }) => endsWith(path, own)).map(({ path }) => path);
  const [shortest] = ending.toSorted((left, right) => rank(left) - rank(right));
  if (shortest !== undefined && own.length > 0) return { path: shortest };
  return { path: undefined, suggestions: suggestionsFor(own) };
}

function rank(path: readonly string[]): number {
  const detour = /^(?:init|ephemeral)Containers$/.test(path[1] ?? "") ? 0.5 : 0;
  return path.length + detour;
}

function walk(names: readonly string[]): readonly string[] | undefined {
  let path: readonly string[] = [];
  for (const name of names) {
    const known = findField(path)?.fields.find((one) => one.toLowerCase() === name.toLowerCase());
    if (known === undefined) return undefined;
    path = [...path, known];
  }
  return path;
}

function endsWith(path: readonly string[], names: readonly string[]): boolean {
  const end = path.slice(path.length - names.length);
  return end.length === names.length &&
    end.every((name, at) => name.toLowerCase() === names[at]?.toLowerCase());
}

function suggestionsFor(names: readonly string[]): readonly string[] {
  let path: readonly string[] = [];
  for (const name of names) {
    const fields = findField(path)?.fields ?? [];
    const known = fields.find((one) => one.toLowerCase() === name.toLowerCase());
    if (known === undefined) {
      const begun = fields.filter((one) => one.toLowerCase().startsWith(name.toLowerCase()));
      const near = nearest(name, fields);
      const meant = begun.length > 0 ? begun : near === undefined ? [] : [near];
      if (meant.length === 0) break;
      return meant.slice(0, MAX_SUGGESTIONS).map((one) => ["pod", ...path, one].join("."));
    }
    path = [...path, known];
  }
  const all = [...allFields()];
  const near = nearest(names.at(-1) ?? "", new Set(all.map((field) => field.path.at(-1)!)));
  return all.filter(({ path: one }) => one.at(-1) === near).slice(0, MAX_SUGGESTIONS)
    .map(({ path: one }) => ["pod", ...one].join("."));
}

/** The fields that a half-typed name may become: `pod.spec.con` gives `pod.spec.containers`. */
export function completeField(partial: string): readonly string[] {
  if (!"pod.".startsWith(partial) && !partial.startsWith("pod.")) return [];
  const names = partial.split(".").slice(1, -1);
  const path = walk(names);
  if (path === undefined) return [];
  const fields = path.length === 0 ? fieldsOf(Pod) : fieldsOf(findField(path)!.kind);
  return Object.keys(fields ?? {}).filter((name) => path.length > 0 || name !== "status")
    .map((name) => ["pod", ...path, name].join("."));
}
