import { PodsteadError } from "../../core/mod.ts";
import { formatJsonLine } from "./json.ts";
import type { JsonPathTemplate, Operand, Operator, Part, Step } from "./jsonpath_syntax.ts";

type Filter = Extract<Step, { kind: "filter" }>;
type Scalar = string | number | bigint | boolean;

/**
 * Fills a template in. As in kubectl: several results of one expression are
 * joined by a blank, objects and lists are compact JSON, a missing field gives
 * nothing, null gives `<nil>`; no line feed is added at the end.
 *
 * @throws {PodsteadError} for an index outside its list, an index or a filter on
 * what is no list, and a comparison of different types.
 */
export function evaluateJsonPath(template: JsonPathTemplate, data: unknown): string {
  return formatParts(template.parts, data);
}

function formatParts(parts: readonly Part[], data: unknown): string {
  return parts.map((part) => {
    switch (part.kind) {
      case "text":
        return part.text;
      case "path":
        return walk([data], part.steps).map(formatResult).join(" ");
      case "range":
        return walk([data], part.steps).map((item) => formatParts(part.body, item)).join("");
    }
  }).join("");
}

function formatResult(value: unknown): string {
  if (value === null) return "<nil>";
  return typeof value === "object" ? formatJsonLine(value).trimEnd() : String(value);
}

function walk(values: readonly unknown[], steps: readonly Step[]): readonly unknown[] {
  return steps.reduce<readonly unknown[]>((current, step) => take(current, step), values);
}

function take(values: readonly unknown[], step: Step): readonly unknown[] {
  switch (step.kind) {
    case "field":
      return values.flatMap((value) => {
        if (!isObject(value) || Array.isArray(value) || !Object.hasOwn(value, step.name)) return [];
        const member = value[step.name];
        return member === undefined ? [] : [member];
      });
    case "wildcard":
      return values.flatMap(childrenOf);
    case "recursive":
      return values.flatMap(containersOf);
    case "index":
      return values.flatMap((value) => {
        if (value === null || value === undefined) return [];
        const list = asList(value, `[${step.index}]`, step.at);
        const index = step.index < 0 ? step.index + list.length : step.index;
        if (index < 0 || index >= list.length) outOfBounds(step.index, list.length, step.at);
        return [list[index]];
      });
    case "slice":
      return values.flatMap((value) => {
        if (value === null || value === undefined) return [];
        const list = asList(value, "a slice", step.at);
        const absolute = (at: number) => at < 0 ? at + list.length : at;
        const start = absolute(step.start ?? 0);
        const end = absolute(step.end ?? list.length);
        if (start === end) return [];
        if (start < 0 || start >= list.length) outOfBounds(start, list.length, step.at);
        if (end < 0 || end > list.length) outOfBounds(end - 1, list.length, step.at);
        if (start > end) fail(`a slice from ${start} to ${end} runs backwards`, step.at);
        return list.slice(start, end).filter((_, offset) => offset % step.step === 0);
      });
    case "union":
      return step.branches.flatMap((branch) => take(values, branch));
    case "filter":
      return values.flatMap((value) =>
        value === null || value === undefined
          ? []
          : asList(value, "a filter", step.at).filter((item) => passes(item, step))
      );
  }
}

function passes(item: unknown, filter: Filter): boolean {
  const left = operandValues(item, filter.left);
  if (filter.compare === undefined) return left.length > 0;
  const right = operandValues(item, filter.compare.right);
  if (left.length === 0 || right.length === 0) return false;
  if (left.length > 1 || right.length > 1) {
    fail("a filter compares one value with one value, found several", filter.at);
  }
  return compare(left[0], filter.compare.operator, right[0], filter.at);
}

function operandValues(item: unknown, operand: Operand): readonly unknown[] {
  return operand.kind === "literal" ? [operand.value] : walk([item], operand.steps);
}

function compare(left: unknown, operator: Operator, right: unknown, at: number): boolean {
  if (!isScalar(left) || !isScalar(right) || typeOf(left) !== typeOf(right)) {
    fail(`cannot compare ${typeOf(left)} with ${typeOf(right)}`, at);
  }
  switch (operator) {
    case "==":
      // Loosely on purpose: a number and a bigint of one value are equal.
      return left === right || (typeOf(left) === "a number" && Number(left) === Number(right));
    case "!=":
      return !compare(left, "==", right, at);
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}

function childrenOf(value: unknown): readonly unknown[] {
  return isObject(value) ? Object.values(value).filter((member) => member !== undefined) : [];
}

/** The value and everything below it that holds something, depth first. */
function containersOf(value: unknown): readonly unknown[] {
  const children = childrenOf(value);
  return children.length === 0 ? [] : [value, ...children.flatMap(containersOf)];
}

function asList(value: unknown, what: string, at: number): readonly unknown[] {
  return Array.isArray(value) ? value : fail(`${what} needs a list, found ${typeOf(value)}`, at);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isScalar(value: unknown): value is Scalar {
  return ["string", "number", "bigint", "boolean"].includes(typeof value);
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "bigint" ? "a number" : `a ${typeof value}`;
}

function outOfBounds(index: number, length: number, at: number): never {
  return fail(`index ${index} is outside the list of length ${length}`, at);
}

function fail(what: string, at: number): never {
  throw new PodsteadError("failed", `Cannot apply JSONPath: ${what} (position ${at})`);
}
