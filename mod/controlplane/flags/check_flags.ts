/** Tells the flags of extraArgs that a component would not start with. */
import { nearest } from "../../core/mod.ts";
import type { ExtraArgs } from "../config.ts";
import type { ComponentProblem } from "../context.ts";
import type { Component } from "../plan.ts";
import { coversMinor, type FlagTable, judgeFlag } from "./flag_table.ts";
import { FLAG_TABLES } from "./tables.ts";

/** Of what version of a component flags are judged. */
export interface FlagRules {
  readonly component: Component;
  /** Of Kubernetes 1, or of etcd 3. */
  readonly minor: number;
  /** `agent.allowUnknownFlags`: what is refused otherwise is a warning. */
  readonly allowUnknown: boolean;
}

/**
 * Judges flags by the component's table. A flag that the version does not have
 * is an error, because the component exits at once ("unknown flag"); for a
 * version that no table was made for it is a warning.
 */
export function checkFlags(extraArgs: ExtraArgs, rules: FlagRules): readonly ComponentProblem[] {
  const table = FLAG_TABLES[rules.component];
  if (table === undefined) return [];
  return Object.keys(extraArgs).flatMap((flag) => checkFlag(flag, rules, table));
}

function checkFlag(
  flag: string,
  { component, minor, allowUnknown }: FlagRules,
  table: FlagTable,
): readonly ComponentProblem[] {
  const version = (minor: number) => `${component === "etcd" ? "3" : "1"}.${minor}`;
  const setting = ["extraArgs", flag];
  const refused = (code: string, message: string, hint: string): readonly ComponentProblem[] => [{
    severity: allowUnknown || !coversMinor(table, minor) ? "warning" : "error",
    code,
    setting,
    message,
    hint,
  }];
  const verdict = judgeFlag(table, flag, minor);
  switch (verdict.kind) {
    case "known":
      return [];
    case "deprecated":
      return [{
        severity: "warning",
        code: "argument-deprecated",
        setting,
        message: `Flag "${flag}" is deprecated in ${component} ${version(minor)}`,
        hint: "A later version may not start with it; see its release notes for what replaces it",
      }];
    case "removed":
      return refused(
        "argument-removed",
        `${component} has no flag "${flag}" since ${
          version(verdict.since)
        } and would not start with it`,
        "Remove it",
      );
    case "later":
      return refused(
        "argument-unknown",
        `${component} has the flag "${flag}" only from ${
          version(verdict.since)
        } and would not start with it`,
        `Remove it, or upgrade to ${version(verdict.since)}`,
      );
    case "unknown": {
      const near = nearest(flag, verdict.names);
      return refused(
        "argument-unknown",
        `${component} ${version(minor)} has no flag "${flag}" and would not start with it`,
        near === undefined
          ? "Remove it; agent.allowUnknownFlags lets it pass for a component of your own"
          : `Did you mean "${near}"?`,
      );
    }
  }
}
