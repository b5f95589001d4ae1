import * as v from "valibot";
import { formatPath, isJsonObject, nearest, valueAt } from "../core/mod.ts";
import type { JsonValue, Path, Problem } from "../core/mod.ts";
import type { YamlDocument } from "../yaml/mod.ts";
import { describeSchema, wantedText } from "./schema/describe.ts";
import { isIgnoredTalosKey } from "./schema/talos_keys.ts";

/** Where the value stands that is checked. */
export interface CheckedText {
  readonly file: string;
  readonly document: YamlDocument;
  lineText(line: number): string;
}

/** The settings, or nothing where there is an error among the problems. */
export interface CheckedSettings<T> {
  readonly output: T | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Checks a document against a schema and reports everything at once: unknown keys
 * with the nearest known name, Talos keys that mean nothing here (one warning for
 * all of them), and every value that does not fit. A key whose value is null
 * counts as left out.
 */
export function checkSettings<T extends v.GenericSchema>(
  schema: T,
  text: CheckedText,
): CheckedSettings<v.InferOutput<T>> {
  const problems: Problem[] = [];
  const ignored: Path[] = [];
  const { value } = text.document;
  if (!isJsonObject(value)) {
    problems.push(problemAt(text, [], {
      code: "invalid-value",
      message: `The document is ${describeValue(value)}`,
      wanted: "a mapping, lines of the form key: value",
    }));
    return { output: undefined, problems };
  }

  const prune = (current: JsonValue, against: v.GenericSchema, path: Path): JsonValue => {
    const { shape } = describeSchema(against);
    if (shape.kind === "list" && Array.isArray(current)) {
      return current.map((item, index) => prune(item, shape.item, [...path, index]));
    }
    if (shape.kind !== "object" || !isJsonObject(current)) return current;
    const kept: [string, JsonValue][] = [];
    for (const [key, member] of Object.entries(current)) {
      const memberPath = [...path, key];
      const known = shape.entries.get(key);
      if (known !== undefined) {
        if (member === null && !describeSchema(known).required) continue;
        kept.push([key, prune(member, known, memberPath)]);
      } else if (isIgnoredTalosKey(memberPath)) ignored.push(memberPath);
      else problems.push(unknownKey(text, memberPath, [...shape.entries.keys()]));
    }
    return Object.fromEntries(kept);
  };

  const pruned = prune(value, schema, []);
  const parsed = v.safeParse(schema, pruned);
  for (const issue of parsed.issues ?? []) {
    const problem = issueProblem(text, issue, pruned);
    // Several rules can fail on one value for one reason.
    if (!problems.some((earlier) => samePlace(earlier, problem))) problems.push(problem);
  }
  if (ignored.length > 0) problems.push(ignoredKeys(text, ignored));
  problems.sort(byPosition);
  const failed = problems.some((problem) => problem.severity === "error");
  return { output: failed || !parsed.success ? undefined : parsed.output, problems };
}

function samePlace(left: Problem, right: Problem): boolean {
  return left.message === right.message && left.wanted === right.wanted &&
    byPosition(left, right) === 0;
}

/** Orders the problems of one file from its beginning on. */
export function byPosition(left: Problem, right: Problem): number {
  return (left.position?.line ?? 0) - (right.position?.line ?? 0) ||
    (left.position?.column ?? 0) - (right.position?.column ?? 0);
}

function unknownKey(text: CheckedText, path: Path, known: readonly string[]): Problem {
  const key = String(path.at(-1));
  const near = nearest(key, known);
  const parent = formatPath(path.slice(0, -1));
  const where = parent === "" ? "" : ` in "${parent}"`;
  return problemAt(text, path, {
    code: "unknown-key",
    message: `Unknown key "${key}"${where}`,
    wanted: `one of ${[...known].sort().join(", ")}`,
    ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
  }, "key");
}

function ignoredKeys(text: CheckedText, paths: readonly Path[]): Problem {
  const names = paths.map(formatPath).sort();
  return {
    ...problemAt(text, paths[0]!, {
      code: "ignored-keys",
      message: `Talos settings that podstead does not manage are ignored: ${names.join(", ")}`,
    }, "key"),
    severity: "warning",
  };
}

function issueProblem(
  text: CheckedText,
  issue: v.BaseIssue<unknown>,
  root: JsonValue,
): Problem {
  const path: Path = (issue.path ?? []).map((item) =>
    // valibot types keys as unknown; those of JSON values are these two.
    typeof item.key === "number" ? item.key : String(item.key)
  );
  const name = formatPath(path);
  const current = valueAt(root, path);
  const wanted = wantedText(issue.message) ?? expectedText(issue);
  if (issue.path?.at(-1)?.origin === "key") {
    return problemAt(text, path, {
      code: "invalid-key",
      message: `The key "${path.at(-1)}" in "${formatPath(path.slice(0, -1))}" is not accepted`,
      ...(wanted === undefined ? {} : { wanted }),
    }, "key");
  }
  if (current === undefined) {
    return problemAt(text, path, {
      code: "missing-key",
      message: `"${name}" is missing`,
      ...(wanted === undefined ? {} : { wanted }),
    }, "key");
  }
  if (issue.kind === "validation" && isJsonObject(current)) {
    return problemAt(text, path, {
      code: "contradiction",
      message: `The settings in "${name}" do not fit together`,
      ...(wanted === undefined ? {} : { wanted }),
    }, "key");
  }
  const hint = hintFor(current, wanted ?? "");
  return problemAt(text, path, {
    code: "invalid-value",
    message: `"${name}" cannot be ${describeValue(current)}`,
    ...(wanted === undefined ? {} : { wanted }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The mistakes that people really make. */
function hintFor(value: JsonValue, wanted: string): string | undefined {
  if (typeof value === "string") {
    const bare = value.trim();
    if (/^(a )?(boolean|port|number|integer)/.test(wanted) && /^(true|false|\d+)$/.test(bare)) {
      return `Remove the quotes: ${bare}`;
    }
    if (wanted.startsWith("a unix socket") && bare.startsWith("/")) return `Write unix://${bare}`;
    if (wanted.startsWith("a unix socket") && /^unix:\/?[^/]/.test(bare)) {
      return "unix: is followed by three slashes";
    }
    if (wanted.startsWith("a list")) {
      return "Begin the item on its own line with a dash and a space";
    }
    const lower = bare.toLowerCase().replaceAll("_", "-");
    if (/lower case|lower-case/.test(wanted) && lower !== bare && /^[a-z0-9.-]+$/.test(lower)) {
      return `Write "${lower}"`;
    }
  }
  if (typeof value === "number" && wanted === "a text") return `Put it in quotes: "${value}"`;
  if (typeof value === "number" && wanted.startsWith("a duration")) {
    return `Write ${value}s for seconds, or ${value}ms for milliseconds`;
  }
  if (typeof value === "boolean" && !wanted.startsWith("a boolean")) {
    return "YAML reads yes, no, on, off, y and n as booleans; put text in quotes";
  }
  if (isJsonObject(value) && wanted.startsWith("a list")) {
    return "Begin each item with a dash and a space";
  }
  return undefined;
}

/** valibot's own notation of a type in words. */
function expectedText(issue: v.BaseIssue<unknown>): string | undefined {
  switch (issue.expected) {
    case null:
      return undefined;
    case "string":
      return "a text";
    case "number":
      return "a number";
    case "boolean":
      return "a boolean, true or false";
    case "Array":
      return "a list";
    case "Object":
      return "a mapping, lines of the form key: value";
    default:
      return issue.expected.replaceAll('"', "").replaceAll(/[()]/g, "").replaceAll(" | ", " or ");
  }
}

/** A value as a message shows it: short, and never a whole structure. */
export function describeValue(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "empty";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (isJsonObject(value)) {
    return Object.keys(value).length === 0 ? "an empty mapping" : "a mapping";
  }
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
}

/** A place of a text, as a problem has it. */
export type Place = Required<Pick<Problem, "file" | "position" | "sourceLine">>;

/** Where a path of a document stands. */
export function placeAt(text: CheckedText, path: Path, part: "key" | "value" = "value"): Place {
  const position = text.document.positionOf(path, part);
  return { file: text.file, position, sourceLine: text.lineText(position.line) };
}

/** A problem at a path of a document. */
export function problemAt(
  text: CheckedText,
  path: Path,
  about: Pick<Problem, "code" | "message"> & Pick<Partial<Problem>, "wanted" | "hint" | "related">,
  part: "key" | "value" = "value",
): Problem {
  return { severity: "error", ...placeAt(text, path, part), path, ...about };
}
