/**
 * `matchLabelKeys` and `mismatchLabelKeys`, of pod affinities and of topology spread.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation, `ValidateMatchLabelKeysAndMismatchLabelKeys`
 * and, for kubelets without options, `ValidateMatchLabelKeysInTopologySpread`.
 */
import { forbidden, invalid } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import type { LabelSelector } from "../types/mod.ts";
import { validateLabelName } from "./labels.ts";

const WITHOUT_SELECTOR = "must not be specified when labelSelector is not set";
const IN_SELECTOR = "exists in both matchLabelKeys and labelSelector";

/** The keys of one term or constraint, whose path is `path`. */
export function validateMatchLabelKeys(
  matchKeys: readonly string[],
  mismatchKeys: readonly string[],
  selector: LabelSelector | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  validateKeys(matchKeys, selector, path.child("matchLabelKeys"), issues);
  validateKeys(mismatchKeys, selector, path.child("mismatchLabelKeys"), issues);
  if (selector !== undefined) findInSelector(matchKeys, selector, path, issues);
  for (const [index, key] of matchKeys.entries()) {
    if (!mismatchKeys.includes(key)) continue;
    const place = path.child("matchLabelKeys").index(index);
    issues.push(invalid(place, key, "exists in both matchLabelKeys and mismatchLabelKeys"));
  }
}

function validateKeys(
  keys: readonly string[],
  selector: LabelSelector | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (keys.length === 0) return;
  if (selector === undefined) {
    issues.push(forbidden(path, WITHOUT_SELECTOR));
    return;
  }
  for (const [index, key] of keys.entries()) validateLabelName(key, path.index(index), issues);
}

/** A key is reported where the selector has it twice: once of its own, once for the list. */
function findInSelector(
  matchKeys: readonly string[],
  selector: LabelSelector,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const seen = new Set(selector.matchLabels.keys());
  const text = path.toString();
  for (const { key } of selector.matchExpressions) {
    const index = matchKeys.lastIndexOf(key);
    if (index >= 0 && seen.has(key)) {
      const place = path.child("matchLabelKeys").index(index).named(`${text}[${index}]`);
      issues.push(invalid(place, key, IN_SELECTOR));
    }
    seen.add(key);
  }
}

/** The rule before both lists had one: any key that the selector has. */
export function validateLegacyMatchLabelKeys(
  matchKeys: readonly string[],
  selector: LabelSelector | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (matchKeys.length === 0) return;
  if (selector === undefined) issues.push(forbidden(path, WITHOUT_SELECTOR));
  const selected = new Set([
    ...(selector?.matchLabels.keys() ?? []),
    ...(selector?.matchExpressions.map((expression) => expression.key) ?? []),
  ]);
  for (const [index, key] of matchKeys.entries()) {
    validateLabelName(key, path.index(index), issues);
    if (selected.has(key)) issues.push(invalid(path.index(index), key, IN_SELECTOR));
  }
}
