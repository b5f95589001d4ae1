import type { JsonObject } from "../../../mod/core/mod.ts";
import { judge } from "../../../mod/pods/judge.ts";
import type { JudgeOptions } from "../../../mod/pods/judge.ts";
import type { PodIssue } from "../../../mod/pods/issue.ts";

/** A container that gives no warning. */
export const CONTAINER: JsonObject = { name: "app", image: "registry.example/app:1" };

/** The warnings on a pod with this spec and metadata. */
export function warningsOn(
  spec: JsonObject,
  metadata: JsonObject = {},
  options: Partial<JudgeOptions> = {},
): readonly PodIssue[] {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", ...metadata },
    spec: { containers: [CONTAINER], ...spec },
  };
  return judge(pod, { nodeName: "n", ...options }).warnings;
}

/** The same as `rule field`, sorted. */
export function rulesOn(...pod: Parameters<typeof warningsOn>): readonly string[] {
  return warningsOn(...pod).map(({ rule, field }) => `${rule} ${field}`).sort();
}
