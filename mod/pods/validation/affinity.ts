/**
 * Affinities to nodes and to pods.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation, `validateAffinity` and below.
 */
import { forbidden, invalid, required } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import type { RuleOptions } from "../rules.ts";
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from "../types/mod.ts";
import { validateLabelName, validateLabelSelector } from "./labels.ts";
import { validateMatchLabelKeys } from "./match_label_keys.ts";
import { dnsLabel, dnsSubdomain, labelValue, pushInvalid } from "./names.ts";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

/** The affinities of a pod, or none. */
export function validateAffinity(
  affinity: Affinity | undefined,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  if (affinity === undefined) return;
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  if (nodeAffinity !== undefined) {
    const place = path.child("nodeAffinity");
    const selector = nodeAffinity[REQUIRED];
    if (selector !== undefined) {
      validateNodeSelector(selector, place.child(REQUIRED), options, issues);
    }
    for (const [index, term] of nodeAffinity[PREFERRED].entries()) {
      const termPath = place.child(PREFERRED).index(index);
      validateWeight(term.weight, termPath, issues);
      // Labels of a mere preference are not looked at: an impossible one does no harm.
      validateTerm(term.preference, false, termPath.child("preference"), issues);
    }
  }
  validatePodAffinity(podAffinity, path.child("podAffinity"), issues);
  validatePodAffinity(podAntiAffinity, path.child("podAntiAffinity"), issues);
}

function validateWeight(weight: number, path: FieldPath, issues: PodIssue[]): void {
  if (weight >= 1 && weight <= 100) return;
  issues.push(invalid(path.child("weight"), weight, "must be in the range 1-100"));
}

function validateNodeSelector(
  selector: NodeSelector,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const terms = path.child("nodeSelectorTerms");
  if (selector.nodeSelectorTerms.length === 0) {
    issues.push(required(terms, "must have at least one node selector term"));
  }
  for (const [index, term] of selector.nodeSelectorTerms.entries()) {
    validateTerm(term, options.nodeAffinityLabelValues, terms.index(index), issues);
  }
}

function validateTerm(
  term: NodeSelectorTerm,
  checkValues: boolean,
  path: FieldPath,
  issues: PodIssue[],
): void {
  for (const [index, requirement] of term.matchExpressions.entries()) {
    const place = path.child("matchExpressions").index(index);
    validateExpression(requirement, checkValues, place, issues);
  }
  for (const [index, requirement] of term.matchFields.entries()) {
    validateFieldRequirement(requirement, path.child("matchFields").index(index), issues);
  }
}

function validateExpression(
  requirement: NodeSelectorRequirement,
  checkValues: boolean,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { operator, values } = requirement;
  const place = path.child("values");
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0) {
        issues.push(required(place, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0) {
        issues.push(
          forbidden(place, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
        );
      }
      break;
    case "Gt":
    case "Lt":
      if (values.length !== 1) {
        issues.push(required(place, "must be a single value when `operator` is 'Lt' or 'Gt'"));
      }
      break;
    default:
      issues.push(
        invalid(
          path.child("operator"),
          operator,
          "must be In, NotIn, Exists, DoesNotExist, Gt or Lt",
        ),
      );
  }
  validateLabelName(requirement.key, path.child("key"), issues);
  if (!checkValues) return;
  for (const [index, value] of values.entries()) {
    pushInvalid(issues, place.index(index), value, labelValue(value));
  }
}

function validateFieldRequirement(
  requirement: NodeSelectorRequirement,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { key, operator, values } = requirement;
  const place = path.child("values");
  if (operator !== "In" && operator !== "NotIn") {
    issues.push(invalid(path.child("operator"), operator, "must be In or NotIn for a field"));
  } else if (values.length !== 1) {
    issues.push(required(place, "must be only one value for a field"));
  }
  if (key !== "metadata.name") {
    issues.push(invalid(path.child("key"), key, "must be metadata.name"));
    return;
  }
  for (const [index, value] of values.entries()) {
    pushInvalid(issues, place.index(index), value, dnsSubdomain(value));
  }
}

function validatePodAffinity(
  affinity: PodAffinity | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (affinity === undefined) return;
  for (const [index, term] of affinity[REQUIRED].entries()) {
    validatePodTerm(term, path.child(REQUIRED).index(index), issues);
  }
  for (const [index, weighted] of affinity[PREFERRED].entries()) {
    const place = path.child(PREFERRED).index(index);
    validateWeight(weighted.weight, place, issues);
    validatePodTerm(weighted.podAffinityTerm, place.child("podAffinityTerm"), issues);
  }
}

function validatePodTerm(term: PodAffinityTerm, path: FieldPath, issues: PodIssue[]): void {
  validateLabelSelector(term.labelSelector, path.child("labelSelector"), issues);
  validateLabelSelector(term.namespaceSelector, path.child("namespaceSelector"), issues);
  const text = path.toString();
  for (const [index, name] of term.namespaces.entries()) {
    const place = path.child("namespaces").index(index).named(`${text}.namespace`);
    pushInvalid(issues, place, name, dnsLabel(name));
  }
  validateMatchLabelKeys(
    term.matchLabelKeys,
    term.mismatchLabelKeys,
    term.labelSelector,
    path,
    issues,
  );
  const topologyKey = path.child("topologyKey");
  if (term.topologyKey === "") issues.push(required(topologyKey, "can not be empty"));
  validateLabelName(term.topologyKey, topologyKey, issues);
}
