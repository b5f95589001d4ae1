/** Fields that the kubelet does not know where they stand, and where they belong. */
import {
  editorCharacters,
  findTemplateBlock,
  formatPath,
  isJsonObject,
  nearest,
  renderHint,
  typeInstead,
  valueAt,
} from "../../core/mod.ts";
import type { JsonValue } from "../../core/mod.ts";
import { unknownField } from "../issue.ts";
import type { PodIssue } from "../issue.ts";
import { allFields, fieldNames, findField, formatFieldPath } from "../schema.ts";
import type { Kind, UnknownField } from "../types/mod.ts";

const IGNORED = "the kubelet knows no such field and ignores it";

/** Fields of the objects that make pods, which have no place in a pod. */
const OF_OTHER_OBJECTS: ReadonlyMap<string, string> = new Map([
  ["replicas", "a Deployment"],
  ["selector", "a Deployment or a Service"],
  ["template", "a Deployment: take what stands in its spec.template"],
  ["strategy", "a Deployment"],
  ["updateStrategy", "a DaemonSet"],
  ["minReadySeconds", "a Deployment"],
  ["revisionHistoryLimit", "a Deployment"],
  ["volumeClaimTemplates", "a StatefulSet"],
  ["backoffLimit", "a Job"],
  ["completions", "a Job"],
  ["parallelism", "a Job"],
  ["schedule", "a CronJob"],
  ["jobTemplate", "a CronJob"],
  ["depends_on", "Docker Compose; `podstead.dev/after` orders pods"],
  ["environment", "Docker Compose; use env"],
  ["restart", "Docker Compose; use spec.restartPolicy"],
]);

/** An unknown field, its name and what stands there. */
interface Stray extends UnknownField {
  readonly name: string;
  readonly value: JsonValue | undefined;
  /** The known field of the nearest name. */
  readonly near: string | undefined;
}

/**
 * The warning of a field that no kubelet of this version knows.
 *
 * @param declared the pod that has it
 */
export function describeUnknown(unknown: UnknownField, declared: JsonValue): PodIssue {
  const { path, known } = unknown;
  const name = String(path[path.length - 1]);
  const stray = { ...unknown, name, value: valueAt(declared, path), near: nearest(name, known) };
  return {
    ...unknownField(path, formatPath(path), detailOf(stray)),
    hint: nextStep(stray),
    rule: "unknown-field",
  };
}

function detailOf(stray: Stray): string {
  const { known, name, near } = stray;
  if (known.includes(name)) return `${IGNORED}: it came with a later version of Kubernetes`;
  const place = placeOf(stray);
  if (place !== undefined) return `${IGNORED}; it belongs to ${place}`;
  return near === undefined ? IGNORED : `${IGNORED}; did you mean "${near}"?`;
}

/** Where a field of this name belongs; undefined if it is rather a misspelt one. */
function placeOf({ path, name, value, near }: Stray): string | undefined {
  const other = OF_OTHER_OBJECTS.get(name);
  if (other !== undefined) return other;
  if (near !== undefined && near.toLowerCase() === name.toLowerCase()) return undefined;
  const home = nearestHome(fieldNames(path.slice(0, -1)), name, value);
  return home === undefined ? undefined : formatFieldPath(home);
}

/** More homes than these, and the name says nothing: `name`, `path`. */
const MAX_HOMES = 6;

/** The nearest struct that has a field of this name, as the path of that field's struct. */
function nearestHome(
  here: readonly string[],
  name: string,
  value: JsonValue | undefined,
): readonly string[] | undefined {
  const all = [...allFields()].filter(({ path }) => path.at(-1) === name);
  const fitting = all.filter(({ kind }) => mayHold(kind, value));
  const homes = (fitting.length > 0 ? fitting : all)
    .map(({ path }) => path.slice(0, -1));
  const kinds = new Set(homes.map((home) => findField(home)?.kind.shape));
  const ranked = homes.map((home) => ({ home, steps: steps(here, home) }))
    .sort((left, right) => left.steps - right.steps);
  const [best] = ranked;
  if (best === undefined || (kinds.size > MAX_HOMES && best.steps > 2)) return undefined;
  return best.home;
}

/** Steps from one struct to another; a container of the main list is nearer than one of the others. */
function steps(from: readonly string[], to: readonly string[]): number {
  let common = 0;
  while (common < from.length && from[common] === to[common]) common += 1;
  const detour = to.includes("ephemeralContainers") ? 0.6 : to.includes("initContainers") ? 0.5 : 0;
  return from.length + to.length - 2 * common + detour;
}

/** Whether a value is of the JSON type that a field wants. */
function mayHold({ shape }: Kind<unknown>, value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (shape.is === "list") return Array.isArray(value);
  return isJsonObject(value) === (shape.is !== "scalar");
}

function nextStep(stray: Stray): string {
  const { path, known, name, near } = stray;
  const mark = findTemplateBlock(name);
  if (mark !== undefined) return renderHint(mark);
  for (const character of editorCharacters(name)) return typeInstead(character);
  if (known.includes(name)) return "Remove it, or upgrade the kubelet";
  const place = placeOf(stray);
  if (place !== undefined) return OF_OTHER_OBJECTS.has(name) ? "Remove it" : `Move it to ${place}`;
  if (near !== undefined) return `Write "${near}" if that is meant`;
  const here = ["pod", ...fieldNames(path.slice(0, -1))].join(".");
  return `Remove it; \`podstead explain ${here}\` lists the fields that there are`;
}
