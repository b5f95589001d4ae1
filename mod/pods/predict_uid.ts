import type { JsonValue } from "../core/mod.ts";
import { withDefaults } from "./defaults.ts";
import { minorOf } from "./versions/minors.ts";
import { rulesOf } from "./rules.ts";
import { DecodeReport, Pod, readKind } from "./types/mod.ts";
import { staticPodUid } from "./uid/mod.ts";

/** The only minor whose structs are known as its kubelet keeps them. */
const UID_MINOR = 36;

/**
 * The UID that a kubelet will give to a pod that it takes from `url`, its
 * `staticPodURL`; the directories of the pod and of its logs are named by it.
 *
 * @returns undefined if it cannot be told: for a kubelet whose structs are not
 * known (only 1.36's are), and for a pod that does not decode, has no name, or
 * carries a time, managed fields or a status.
 */
export function predictUid(
  pod: JsonValue,
  url: string,
  kubeletVersion: string = `1.${UID_MINOR}`,
): string | undefined {
  const rules = rulesOf(UID_MINOR);
  const report = new DecodeReport(rules.minor);
  const decoded = readKind(Pod, pod, report);
  if (report.failures.length > 0 || decoded.metadata.name === "") return undefined;
  const { uid } = decoded.metadata;
  if (uid !== "" || minorOf(kubeletVersion) !== UID_MINOR) return uid === "" ? undefined : uid;
  return staticPodUid(withDefaults(decoded, rules), url);
}
