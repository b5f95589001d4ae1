/** What a warning is: data for the docs, and the function that finds it. */
import type { JsonValue } from "../../core/mod.ts";
import { warning } from "../issue.ts";
import type { FieldPath, PodIssue, WarningType } from "../issue.ts";
import type { RuleOptions } from "../rules.ts";
import type { Pod } from "../types/mod.ts";

/** What a warning needs to know of the node; all of it may be absent. */
export interface NodeFacts {
  /** Whether the control plane runs here, which a pod without requests may starve. */
  readonly controlPlane?: boolean | undefined;
  /** Host ports that are taken, such as `TCP/10250`, each with who has it. */
  readonly usedHostPorts?: ReadonlyMap<string, string> | undefined;
  /** Whether the kubelet is known to run without an API server; absent if that is not known. */
  readonly standAlone?: boolean | undefined;
}

/** What a rule looks at. */
export interface WarningContext {
  /** Decoded, before the defaults. */
  readonly pod: Pod;
  /** The pod as it was declared. */
  readonly declared: JsonValue;
  readonly rules: RuleOptions;
  readonly facts: NodeFacts;
}

/**
 * Notes a finding; `hint` replaces the rule's own next step, `subjects` are what it is
 * about where one line may stand for several.
 */
export type ReportWarning = (
  path: FieldPath,
  detail: string,
  hint?: string,
  subjects?: readonly string[],
) => void;

/** One thing that the kubelet takes but a person will regret. */
export interface WarningRule {
  /** A stable name, such as `image-latest`. */
  readonly name: string;
  readonly type: WarningType;
  /** The fields that it is about, in the notation of `explain`; empty for any. */
  readonly fields: readonly string[];
  /** What it finds and why that matters, in one sentence for the docs. */
  readonly about: string;
  /** The next step. */
  readonly hint: string;
  find(context: WarningContext, report: ReportWarning): void;
}

/** Everything that these rules find, in their order. */
export function applyRules(
  rules: readonly WarningRule[],
  context: WarningContext,
): readonly PodIssue[] {
  const issues: PodIssue[] = [];
  for (const { name, type, hint, find } of rules) {
    find(context, (path, detail, own = hint, subjects) => {
      const more = subjects === undefined ? {} : { subjects };
      issues.push(warning(path, type, detail, { hint: own, rule: name, ...more }));
    });
  }
  return issues;
}
