/**
 * Kubelets newer than the newest known minor. Their rules are the newest known ones with what
 * is known of the next: gates that are off in those come on in time, so what is refused for
 * a gate alone is only a warning. A field that podstead does not know may be a new one; with
 * a wrong value in it the kubelet would refuse the whole list, so it is refused here, alone.
 */
import { unknownField } from "../issue.ts";
import type { PodIssue } from "../issue.ts";
import type { GateSettings } from "./feature_gates.ts";
import { minorOf, NEWEST_MINOR } from "./minors.ts";

/** What to do with a field that a newer kubelet than is known may know. */
export type UnknownFields = "refuse" | "allow";

/** Whether the rules of this kubelet are not known because it is too new. */
export function isNewerThanKnown(kubeletVersion: string | undefined): boolean {
  return (minorOf(kubeletVersion ?? "") ?? 0) > NEWEST_MINOR;
}

/** The gates of a kubelet whose defaults are not known yet: all on that are not set. */
export function gatesToCome(settings: GateSettings): GateSettings {
  return { AllAlpha: true, AllBeta: true, ...settings };
}

/** An issue of the newest known rules, as a warning: a newer kubelet may take it. */
export function asWarning(issue: PodIssue): PodIssue {
  const reason = issue.detail === "" ? "" : ` (${issue.detail})`;
  return {
    ...issue,
    type: "Discouraged",
    detail: `Kubernetes 1.${NEWEST_MINOR} refuses it by default${reason}; this newer kubelet may ` +
      "take it",
    hint: "If the kubelet refuses the list now, remove it; a newer podstead may know the rule",
  };
}

/** The refusal of an unknown field, from the warning of it: it may be misspelt, or new. */
export function refusedField({ path, field, hint }: PodIssue): PodIssue {
  const own = hint === undefined ? "Remove it" : hint.replace(/\.$/, "");
  return {
    ...unknownField(
      path,
      field,
      `podstead knows the fields up to 1.${NEWEST_MINOR} and not this one; if this newer kubelet ` +
        "knows it and its value is wrong, it refuses every pod",
    ),
    hint: `${own}; to serve it as it is, set agent.kubelet.unknownFields to allow`,
  };
}
