/**
 * Probes.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation/validation.go, `validateProbe`,
 * `validateLivenessProbe`, `validateReadinessProbe`, `validateStartupProbe`.
 */
import { invalid } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { RuleOptions } from "../../rules.ts";
import type { Container, Int64, Probe } from "../../types/mod.ts";
import { validateHandler } from "./handlers.ts";

const COUNTS = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

/** All probes of a container that may have them. */
export function validateProbes(
  container: Container,
  gracePeriodSeconds: Int64 | undefined,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  for (const name of ["livenessProbe", "readinessProbe", "startupProbe"] as const) {
    const probe = container[name];
    if (probe === undefined) continue;
    const place = path.child(name);
    validateProbe(probe, gracePeriodSeconds, place, options, issues);
    if (name !== "readinessProbe") {
      if (probe.successThreshold !== 1) {
        issues.push(invalid(place.child("successThreshold"), probe.successThreshold, "must be 1"));
      }
    } else if (probe.terminationGracePeriodSeconds !== undefined) {
      issues.push(
        invalid(
          place.child("terminationGracePeriodSeconds"),
          probe.terminationGracePeriodSeconds,
          "a readiness probe ends no container and takes no grace period",
        ),
      );
    }
  }
}

function validateProbe(
  probe: Probe,
  gracePeriodSeconds: Int64 | undefined,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  validateHandler(probe, gracePeriodSeconds, path, options, issues);
  for (const name of COUNTS) {
    const count = probe[name];
    if (count < 0) issues.push(invalid(path.child(name), count, "must not be negative"));
  }
  const seconds = probe.terminationGracePeriodSeconds;
  if (seconds !== undefined && seconds <= 0) {
    const place = path.child("terminationGracePeriodSeconds");
    issues.push(invalid(place, seconds, "must be greater than 0"));
  }
}
