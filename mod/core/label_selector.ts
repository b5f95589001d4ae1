/** Labels as kubectl's `-l` chooses by them (Kubernetes: apimachinery/pkg/labels/selector.go). */
import { UsageError } from "./errors.ts";

/** One condition on the labels of something. */
export interface LabelCondition {
  readonly label: string;
  /** `in` is `=` too, `notin` is `!=` too: with one value. */
  readonly operator: "in" | "notin" | "exists" | "absent" | ">" | "<";
  readonly values: readonly string[];
}

/** Conditions of which all must hold; none lets everything through. */
export type LabelSelector = readonly LabelCondition[];

const KEY = String.raw`(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?`;
const VALUE = String.raw`(?:[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)?`;
const FORMS = {
  absent: new RegExp(`^!\\s*(${KEY})$`),
  exists: new RegExp(`^(${KEY})$`),
  equality: new RegExp(`^(${KEY})\\s*(==?|!=)\\s*(${VALUE})$`),
  set: new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(\\s*(${VALUE}(?:\\s*,\\s*${VALUE})*)\\s*\\)$`),
  order: new RegExp(`^(${KEY})\\s*([<>])\\s*(-?\\d+)$`),
} as const;

/**
 * Reads `app=web,tier!=db`, `app in (web,api)`, `app notin (web)`, `app`, `!app`, `rank>3`.
 *
 * @throws {UsageError} for anything else, naming the part
 */
export function parseLabelSelector(text: string): LabelSelector {
  // A comma within parentheses is between values.
  return text.split(/,(?![^(]*\))/).map((part) => {
    const condition = conditionOf(part.trim());
    if (condition !== undefined) return condition;
    throw new UsageError(
      part.trim() === ""
        ? `The label selector "${text}" has an empty part`
        : `"${part.trim()}" cannot be read as a condition on labels`,
      { hint: "Such as app=web, app!=web, 'app in (web,api)', 'app notin (web)', app, '!app'" },
    );
  });
}

function conditionOf(part: string): LabelCondition | undefined {
  const absent = FORMS.absent.exec(part);
  if (absent !== null) return { label: absent[1] ?? "", operator: "absent", values: [] };
  const exists = FORMS.exists.exec(part);
  if (exists !== null) return { label: exists[1] ?? "", operator: "exists", values: [] };
  const [, label = "", sign, value = ""] = FORMS.equality.exec(part) ?? [];
  if (sign !== undefined) {
    return { label, operator: sign === "!=" ? "notin" : "in", values: [value] };
  }
  const [, key = "", operator, list = ""] = FORMS.set.exec(part) ?? [];
  if (operator === "in" || operator === "notin") {
    return { label: key, operator, values: list.split(",").map((one) => one.trim()) };
  }
  const [, number = "", order, bound = ""] = FORMS.order.exec(part) ?? [];
  return order === ">" || order === "<"
    ? { label: number, operator: order, values: [bound] }
    : undefined;
}

/** Whether labels satisfy every condition; one that is not there satisfies `!=` and `notin`. */
export function selectsLabels(
  selector: LabelSelector,
  labels: Readonly<Record<string, unknown>>,
): boolean {
  return selector.every((condition) => satisfies(condition, labels));
}

function satisfies(
  { label, operator, values }: LabelCondition,
  labels: Readonly<Record<string, unknown>>,
): boolean {
  const value = Object.hasOwn(labels, label) ? String(labels[label]) : undefined;
  switch (operator) {
    case "exists":
      return value !== undefined;
    case "absent":
      return value === undefined;
    case "in":
      return value !== undefined && values.includes(value);
    case "notin":
      return value === undefined || !values.includes(value);
    case ">":
    case "<": {
      if (value === undefined || !/^-?\d+$/.test(value)) return false;
      const [number, bound] = [BigInt(value), BigInt(values[0] ?? "0")];
      return operator === ">" ? number > bound : number < bound;
    }
  }
}
