import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { JsonValue, Path } from "../../../mod/core/mod.ts";
import { withDefaults } from "../../../mod/pods/defaults.ts";
import type { GateSettings } from "../../../mod/pods/versions/feature_gates.ts";
import type { PodIssue } from "../../../mod/pods/issue.ts";
import { NEWEST_MINOR } from "../../../mod/pods/versions/minors.ts";
import { rulesOf } from "../../../mod/pods/rules.ts";
import { asStaticPod } from "../../../mod/pods/static_pod.ts";
import { DecodeReport, Pod, readKind } from "../../../mod/pods/types/mod.ts";
import { validatePod } from "../../../mod/pods/validation/pod.ts";

/** A part of a pod as JSON. */
export type Json = { readonly [key: string]: JsonValue };

/** One case: what it is, the part of a pod, and what is wrong with it. */
export type Case = readonly [name: string, part: JsonValue, issues?: readonly string[]];

/** A container with nothing wrong, and more fields. */
export function container(more: Json = {}): Json {
  return { name: "app", image: "registry.example/app:1", ...more };
}

/** What the rules find in a pod with this spec, as `field: type`, sorted. */
export function findings(spec: Json, minor: number = NEWEST_MINOR): readonly string[] {
  return podFindings(
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web" },
      spec: { containers: [container()], ...spec },
    },
    minor,
  );
}

/** What the rules of a kubelet with these gates find in a pod, as `field: type`, sorted. */
export function podFindings(
  pod: JsonValue,
  minor: number,
  gates: GateSettings = {},
): readonly string[] {
  const report = new DecodeReport(minor);
  const decoded = readKind(Pod, pod, report);
  assert.deepEqual(report.failures, []);
  const rules = rulesOf(minor, gates);
  const issues: PodIssue[] = [];
  const held = asStaticPod(withDefaults(decoded, rules), { nodeName: "node-1", uid: "" });
  validatePod(held, rules, issues);
  for (const issue of issues) assertPlaceExists(pod, issue);
  return issues.map(({ field, type }) => `${field}: ${type}`).sort();
}

/** A place is where the mistake is, or the next thing that is missing there. */
function assertPlaceExists(pod: JsonValue, issue: PodIssue): void {
  const missing = missingSegments(pod, issue.path);
  assert.ok(missing <= 1, `${issue.field} points to nothing: ${JSON.stringify(issue.path)}`);
}

function missingSegments(value: JsonValue, path: Path): number {
  let current: unknown = value;
  for (const [depth, segment] of path.entries()) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, segment)) {
      return path.length - depth;
    }
    current = (current as Record<string, unknown>)[segment];
  }
  return 0;
}

/**
 * One test for each case: the spec that `specOf` makes of its part has exactly the
 * issues named. Fields are named from `prefix` on.
 */
export function describeRules(
  name: string,
  prefix: string,
  specOf: (part: JsonValue) => Json,
  cases: readonly Case[],
  minor?: number,
): void {
  describe(name, () => {
    for (const [title, part, issues = []] of cases) {
      it(`${issues.length === 0 ? "takes" : "refuses"} ${title}`, () => {
        const wanted = issues.map((issue) => `${prefix}${issue}`).sort();
        assert.deepEqual(findings(specOf(part), minor), wanted);
      });
    }
  });
}
