/** What to do about an issue that says only what is wrong. */
import {
  editorCharacters,
  findPlaceholder,
  nearest,
  renderHint,
  typeInstead,
} from "../core/mod.ts";
import type { PodIssue } from "./issue.ts";
import { fieldNames } from "./schema.ts";

/** The next step of an issue: its own, else what its value or its type suggests. */
export function nextStep(issue: PodIssue): string {
  if (issue.hint !== undefined) return issue.hint;
  const { badValue, detail, path, type } = issue;
  const field = String(path.findLast((segment) => typeof segment === "string") ?? "");
  const see = `\`podstead explain ${["pod", ...fieldNames(path)].join(".")}\``;
  const value = typeof badValue === "string" ? badValue : quotedValue(detail);
  if (value !== undefined) {
    const mark = findPlaceholder(value);
    if (mark !== undefined) return renderHint(mark);
    for (const character of editorCharacters(value)) return typeInstead(character);
  }
  switch (type) {
    case "Required value":
      return `Add "${field}"; ${see} shows what it may hold`;
    case "Duplicate value":
      return "Remove or rename one of the two";
    case "Not found":
      return "Write a name that is declared in this pod";
    case "Unsupported value": {
      const supported = [...detail.matchAll(/"([^"]*)"/g)].map((match) => match[1]!);
      const near = typeof badValue === "string" ? nearest(badValue, supported) : undefined;
      return near === undefined
        ? `Use one of the supported values; see ${see}`
        : `Did you mean "${near}"?`;
    }
    case "Forbidden":
      return `Remove "${field}", or what it conflicts with; see ${see}`;
    case "Too long":
    case "Too many":
      return "Shorten it";
    case "Internal error":
      return "This is a defect of podstead: please report it with the pod";
    case "Decode":
      return decodeHint(detail, see);
    default:
      return `Correct the value; ${see} shows what it may hold`;
  }
}

function decodeHint(detail: string, see: string): string {
  if (/a string \(quote it\)/.test(detail)) return "Put the value in quotes";
  if (/a whole number/.test(detail) && /current value is "-?\d+"/.test(detail)) {
    return "Remove the quotes around the number";
  }
  if (/must be true or false/.test(detail)) return "Write true or false, without quotes";
  if (/must be a list/.test(detail)) return `Begin each item with "- "; see ${see}`;
  if (/must be a mapping/.test(detail)) return `Write "key: value" pairs below it; see ${see}`;
  return `Correct the value; ${see} shows what it may hold`;
}

function quotedValue(detail: string): string | undefined {
  return /current value is "(.*)"$/.exec(detail)?.[1];
}
