/**
 * Kubelets newer than the newest known minor. Their rules are the newest known ones with what
 * is known of the next: gates that are off in those come on in time, so what is refused for
 * a gate alone is only a warning. A field that podstead does not know may be a new one; with
 * a wrong value in it the kubelet would refuse the whole list, so it is refused here, alone.
 */
import { unknownField } from "./issue.ts";
import type { PodIssue } from "./issue.ts";
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
  const detail =
    `Kubernetes 1.${NEWEST_MINOR} refuses it by default${reason}; this newer kubelet may take it`;
  return { ...issue, type: "Discouraged", detail };
}

/** The refusal of a field that nobody knows, from the warning of it. */
export function refusedField(warning: PodIssue): PodIssue {
  const { path, field, detail } = warning;
  return unknownField(
    path,
    field,
    `${detail}. This kubelet is newer than the rules that podstead knows, up to ` +
      `1.${NEWEST_MINOR}, and refuses every pod if it is a new field with a wrong value; ` +
      `take it out, or set agent.kubelet.unknownFields to allow`,
  );
}
