/** A pod or an object with values in place of its placeholders. */
import {
  isJsonObject,
  type JsonValue,
  type Path,
  type Position,
  type Problem,
} from "../../core/mod.ts";
import type { PodEntry } from "../../pods/mod.ts";
import { type Placeholder, placeholdersIn, replacePlaceholders } from "./placeholder.ts";
import { type Value, valueOf, type ValueSources } from "./values.ts";

/** An entry as it counts; undefined, with problems, if a placeholder has no value. */
export interface SubstitutedEntry {
  readonly entry: PodEntry | undefined;
  readonly problems: readonly Problem[];
}

/** @param secret whether its lines may hold secrets, and are not shown */
export async function substituteEntry(
  entry: PodEntry,
  sources: ValueSources,
  secret: boolean,
): Promise<SubstitutedEntry> {
  const found: { readonly path: Path; readonly placeholder: Placeholder }[] = [];
  let hasEscapes = false;
  visitTexts(entry.pod, [], (text, path) => {
    hasEscapes ||= text.includes("$${");
    const once = new Map(placeholdersIn(text).map((one) => [one.text, one]));
    for (const placeholder of once.values()) found.push({ path, placeholder });
  });
  if (found.length === 0 && !hasEscapes) return { entry, problems: [] };
  const values = new Map<string, Value>();
  for (const { placeholder } of found) {
    if (values.has(placeholder.text)) continue;
    values.set(placeholder.text, await valueOf(placeholder, sources));
  }
  const problems = found.flatMap(({ path, placeholder }): Problem[] => {
    const value = values.get(placeholder.text);
    if (value === undefined || "value" in value) return [];
    const position = placeOf(entry, path, placeholder.text);
    const { fault, wanted, hint } = value;
    return [{
      severity: "error",
      code: "unknown-substitution",
      file: entry.source.file,
      position,
      ...(secret ? {} : { sourceLine: entry.lineText(position.line) }),
      path,
      message: fault,
      ...(wanted === undefined ? {} : { wanted }),
      ...(hint === undefined ? {} : { hint }),
    }];
  });
  if (problems.length > 0) return { entry: undefined, problems };
  const pod = mapTexts(entry.pod, [], (text, path) =>
    replacePlaceholders(text, (placeholder) => {
      const value = values.get(placeholder.text);
      const inserted = value !== undefined && "value" in value ? value.value : "";
      return isExpanded(path) ? inserted.replaceAll("$", () => "$$") : inserted;
    }));
  return { entry: { ...entry, pod }, problems: [] };
}

/** Whether the kubelet replaces `$(VAR)` in a field: what is inserted must not become one. */
function isExpanded(path: Path): boolean {
  const [spec, list, , field] = path;
  if (spec !== "spec" || !/^(?:initC|c|ephemeralC)ontainers$/.test(String(list))) return false;
  return field === "command" || field === "args" || path.at(-1) === "subPathExpr" ||
    field === "env" && path.at(-1) === "value";
}

/** Where a placeholder stands: in the line of its value, or in one of those that follow. */
function placeOf(entry: PodEntry, path: Path, text: string): Position {
  const start = entry.positionOf(path);
  for (let line = start.line; line < start.line + MAX_LINES; line++) {
    const from = line === start.line ? start.column - 1 : 0;
    const at = (entry.lineText(line) ?? "").indexOf(text, from);
    if (at !== -1) return { line, column: at + 1 };
  }
  return start;
}

/** How far a placeholder is looked for in a long text. */
const MAX_LINES = 1_000;

function visitTexts(
  value: JsonValue,
  path: Path,
  visit: (text: string, path: Path) => void,
): void {
  if (typeof value === "string") visit(value, path);
  else if (Array.isArray(value)) {
    value.forEach((item: JsonValue, at) => visitTexts(item, [...path, at], visit));
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) visitTexts(member, [...path, key], visit);
  }
}

function mapTexts(
  value: JsonValue,
  path: Path,
  map: (text: string, path: Path) => string,
): JsonValue {
  if (typeof value === "string") return map(value, path);
  if (Array.isArray(value)) {
    return value.map((item: JsonValue, at) => mapTexts(item, [...path, at], map));
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, mapTexts(member, [...path, key], map)]),
  );
}
