/** Which nodes a roll-out is about. */
import { UsageError } from "../../core/mod.ts";

/** One condition on a label. */
export interface LabelCondition {
  readonly label: string;
  readonly value: string;
  /** False for `!=`: the label is another one, or is not there. */
  readonly isEqual: boolean;
}

/**
 * Reads `role=web,zone!=b`, as kubectl's `-l`.
 *
 * @throws {UsageError} for anything else
 */
export function parseSelector(text: string): readonly LabelCondition[] {
  return text.split(",").map((part) => {
    const [, label = "", sign, value = ""] = /^([\w./-]+)(!?=)=?([\w.-]*)$/.exec(part.trim()) ?? [];
    if (sign !== undefined) return { label, value, isEqual: sign === "=" };
    throw new UsageError(
      `The selector must be such as role=web,zone!=b, current value is "${text}"`,
    );
  });
}

/** Whether labels satisfy every condition. */
export function selects(
  conditions: readonly LabelCondition[],
  labels: Readonly<Record<string, string>>,
): boolean {
  return conditions.every(({ label, value, isEqual }) => (labels[label] === value) === isEqual);
}
