/**
 * The restart policies of single containers.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go,
 * `validateContainerRestartPolicy`, `validateInitContainerRestartPolicy`.
 */
import { forbidden, notSupported, required, tooLong, tooMany } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { RuleOptions } from "../../rules.ts";
import type { Container, ContainerRestartRule } from "../../types/mod.ts";

const POLICIES = ["Always", "Never", "OnFailure"];
const OPERATORS = ["In", "NotIn"];
const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

/** The policy of an ordinary container, at `path`. */
export function validateRestartPolicy(
  container: Container,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  if (options.containerRestartRules) {
    validatePolicyAndRules(container, path, options, issues);
  } else if (container.restartPolicy !== undefined) {
    issues.push(forbidden(path.child("restartPolicy"), "is for init containers only"));
  }
}

/** The policy of an init container, at `path`: with `Always` it is a sidecar. */
export function validateInitRestartPolicy(
  container: Container,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const { restartPolicy, restartPolicyRules } = container;
  const place = path.child("restartPolicy");
  if (restartPolicy === undefined) {
    if (options.initRestartRulesNeedPolicy && restartPolicyRules.length > 0) {
      issues.push(required(place, "restartPolicyRules need it"));
    }
  } else if (!options.containerRestartRules) {
    if (restartPolicy !== "Always") {
      issues.push(notSupported(place, restartPolicy, ["Always"]));
    }
  } else if (restartPolicy === "Always" && !options.restartAllContainers) {
    if (restartPolicyRules.length > 0) {
      issues.push(forbidden(path.child("restartPolicyRules"), "does not go with Always"));
    }
  } else validatePolicyAndRules(container, path, options, issues);
}

function validatePolicyAndRules(
  container: Container,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const { restartPolicy, restartPolicyRules: rules } = container;
  const place = path.child("restartPolicy");
  if (restartPolicy === undefined) {
    if (rules.length === 0) return;
    issues.push(required(place, "restartPolicyRules need it"));
  } else if (!POLICIES.includes(restartPolicy)) {
    issues.push(notSupported(place, restartPolicy, POLICIES));
  }
  const rulesPath = path.child("restartPolicyRules");
  if (rules.length > MAX_RULES) {
    issues.push(tooLongList(rulesPath, rules.length, MAX_RULES, options));
  }
  for (const [index, rule] of rules.entries()) {
    validateRule(rule, rulesPath.index(index), options, issues);
  }
}

function validateRule(
  rule: ContainerRestartRule,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const { action, exitCodes } = rule;
  const actions = options.restartAllContainers ? ["Restart", "RestartAllContainers"] : ["Restart"];
  if (!actions.includes(action)) {
    issues.push(notSupported(path.child("action"), action, actions));
  }
  const codesPath = path.child("exitCodes");
  if (exitCodes === undefined) {
    issues.push(required(codesPath));
    return;
  }
  const { operator, values } = exitCodes;
  if (!OPERATORS.includes(operator)) {
    issues.push(notSupported(codesPath.child("operator"), operator, OPERATORS));
  }
  if (values.length > MAX_EXIT_CODES) {
    const place = codesPath.child("values");
    issues.push(tooLongList(place, values.length, MAX_EXIT_CODES, options));
  }
}

function tooLongList(
  path: FieldPath,
  length: number,
  max: number,
  options: RuleOptions,
): PodIssue {
  return options.countsRestartRules ? tooMany(path, length, max) : tooLong(path, max);
}
