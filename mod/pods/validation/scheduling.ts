/**
 * Tolerations, topology spread, and what else holds a pod's scheduling back.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation, `ValidateTolerations`,
 * `validateTopologySpreadConstraints`, `validateSchedulingGates`.
 */
import { duplicate, invalid, notSupported, required } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import type { RuleOptions } from "../rules.ts";
import type { PodSchedulingGate, Toleration, TopologySpreadConstraint } from "../types/mod.ts";
import { validateLabelName, validateLabelSelector } from "./labels.ts";
import { validateLegacyMatchLabelKeys, validateMatchLabelKeys } from "./match_label_keys.ts";
import { labelValue, pushInvalid, qualifiedName } from "./names.ts";

const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Operators that compare numbers. */
const COMPARISONS = ["Gt", "Lt"];

/** The tolerations of a pod. */
export function validateTolerations(
  tolerations: readonly Toleration[],
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  for (const [index, toleration] of tolerations.entries()) {
    validateToleration(toleration, path.index(index), options, issues);
  }
}

function validateToleration(
  toleration: Toleration,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const { key, operator, value, effect, tolerationSeconds } = toleration;
  const operatorPath = path.child("operator");
  if (key !== "") validateLabelName(key, path.child("key"), issues);
  else if (operator !== "Exists") {
    issues.push(
      invalid(operatorPath, operator, "must be Exists when `key` is empty, which means all keys"),
    );
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    issues.push(
      invalid(
        path.child("effect"),
        effect,
        "must be 'NoExecute' when `tolerationSeconds` is set",
      ),
    );
  }
  switch (operator) {
    case "":
    case "Equal": {
      const reasons = labelValue(value);
      // The kubelet reports the value under the operator's name, all reasons as one.
      const place = path.child("value").named(operatorPath.toString());
      if (reasons.length > 0) issues.push(invalid(place, value, reasons.join("; ")));
      break;
    }
    case "Exists":
      if (value !== "") {
        const place = path.child("value").named(operatorPath.toString());
        issues.push(invalid(place, value, "value must be empty when `operator` is 'Exists'"));
      }
      break;
    default:
      if (options.tolerationComparisons && COMPARISONS.includes(operator)) {
        pushInvalid(issues, path.child("value"), value, comparedNumber(value));
      } else {
        const comparisons = options.tolerationComparisons ? COMPARISONS : [];
        issues.push(notSupported(operatorPath, operator, ["Equal", "Exists", ...comparisons]));
      }
  }
  if (effect !== "" && !TAINT_EFFECTS.includes(effect)) {
    issues.push(notSupported(path.child("effect"), effect, TAINT_EFFECTS));
  }
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

/** What is wrong with a number that a toleration compares: `-5`, `0`, `950`, within 64 bits. */
function comparedNumber(value: string): readonly string[] {
  if (!/^(0|-?[1-9]\d*)$/.test(value)) return ["must be a whole number such as -5, 0 or 950"];
  const number = BigInt(value);
  return number < MIN_INT64 || number > MAX_INT64 ? ["must be a number of 64 bits"] : [];
}

const SPREAD_ACTIONS = ["DoNotSchedule", "ScheduleAnyway"];
const INCLUSION_POLICIES = ["Honor", "Ignore"];

/** The topology spread constraints of a pod. */
export function validateTopologySpread(
  constraints: readonly TopologySpreadConstraint[],
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  for (const [index, constraint] of constraints.entries()) {
    const place = path.index(index);
    validateConstraint(constraint, place, options, issues);
    const { topologyKey, whenUnsatisfiable } = constraint;
    const isRepeated = constraints.slice(index + 1).some((other) =>
      other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable
    );
    if (isRepeated) {
      const pair = place.named(`${place}.{topologyKey, whenUnsatisfiable}`);
      issues.push(duplicate(pair, `{${topologyKey}, ${whenUnsatisfiable}}`));
    }
  }
}

function validateConstraint(
  constraint: TopologySpreadConstraint,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, matchLabelKeys } = constraint;
  if (maxSkew <= 0) issues.push(invalid(path.child("maxSkew"), maxSkew, "must be greater than 0"));
  if (topologyKey === "") issues.push(required(path.child("topologyKey"), "can not be empty"));
  if (!SPREAD_ACTIONS.includes(whenUnsatisfiable)) {
    issues.push(
      notSupported(path.child("whenUnsatisfiable"), whenUnsatisfiable, SPREAD_ACTIONS),
    );
  }
  if (minDomains !== undefined) {
    const place = path.child("minDomains");
    if (minDomains <= 0) issues.push(invalid(place, minDomains, "must be greater than 0"));
    if (whenUnsatisfiable !== "DoNotSchedule") {
      issues.push(
        invalid(place, minDomains, "can only be used if whenUnsatisfiable is DoNotSchedule"),
      );
    }
  }
  for (const name of ["nodeAffinityPolicy", "nodeTaintsPolicy"] as const) {
    const policy = constraint[name];
    if (policy !== undefined && !INCLUSION_POLICIES.includes(policy)) {
      issues.push(notSupported(path.child(name), policy, INCLUSION_POLICIES));
    }
  }
  if (options.topologySpreadMatchLabelKeys) {
    validateMatchLabelKeys(matchLabelKeys, [], constraint.labelSelector, path, issues);
  } else {
    const place = path.child("matchLabelKeys");
    validateLegacyMatchLabelKeys(matchLabelKeys, constraint.labelSelector, place, issues);
  }
  validateLabelSelector(constraint.labelSelector, path.child("labelSelector"), issues);
}

/** The gates of a pod: qualified names, each once. */
export function validateSchedulingGates(
  gates: readonly PodSchedulingGate[],
  path: FieldPath,
  issues: PodIssue[],
): void {
  const seen = new Set<string>();
  for (const [index, { name }] of gates.entries()) {
    pushInvalid(issues, path.index(index), name, qualifiedName(name));
    if (seen.has(name)) issues.push(duplicate(path.index(index), name));
    seen.add(name);
  }
}
