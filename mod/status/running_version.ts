import { expectedContainers } from "../identity/mod.ts";
import type { PodView } from "../cri/mod.ts";
import type { DesiredPod } from "./input.ts";

/**
 * The spec hash of the version that a running sandbox shows.
 *
 * A sandbox's annotation is of the version that its pod began with. Which version
 * a pod is in that was changed in place, the kubelet's hashes of its containers
 * tell; a change of labels alone shows in nothing but the kubelet's fetch.
 *
 * @param isFetched whether the kubelet has got the list as it is for this pod
 * @returns undefined if it is no version in full that is known
 */
export function runningVersion(
  sandbox: PodView,
  desired: DesiredPod | undefined,
  isFetched: boolean,
): string | undefined {
  const { specHash } = sandbox;
  if (desired?.servedAs === undefined || desired.servedHash === undefined) return specHash;
  const { servedAs: { uid, hash }, servedHash } = desired;
  // Another start of the same version is still another pod.
  if (sandbox.uid !== uid) return specHash === servedHash ? undefined : specHash;
  const changed = hash !== servedHash;
  if (changed && !isFetched) return undefined;
  const latest = new Map<string, string | undefined>();
  // By attempt, so that the last one stays.
  for (const { name, hash } of sandbox.containers) latest.set(name, hash);
  const complete = expectedContainers(desired.pod).every((expected) =>
    latest.has(expected.name)
      ? (latest.get(expected.name) ?? expected.hash) === expected.hash
      : !changed
  );
  return complete ? servedHash : undefined;
}
