/** Whether an etcd is the one that a node knows, and not older than it was. */
import type { Snapshot } from "../../etcd/mod.ts";
import type { RolloutSpec } from "../store/mod.ts";
import type { Local } from "./local.ts";

/**
 * Why the state in etcd is not to be followed: it was restored from a backup, or is another
 * cluster. Undefined if all is as it should be.
 *
 * @param spec of the current roll-out, if there is one
 */
export function restoredReason(
  { clusterId, revision }: Pick<Snapshot, "clusterId" | "revision">,
  spec: RolloutSpec | undefined,
  seen: Local["seen"],
): string | undefined {
  if (seen === undefined) return undefined;
  const id = clusterId.toString(16);
  const isOlder = spec !== undefined && seen.rollout !== undefined && spec.id < seen.rollout;
  const why = seen.clusterId !== id
    ? `its cluster ID is ${id}, and was ${seen.clusterId}`
    : revision < BigInt(seen.revision)
    ? `its revision is ${revision}, and was ${seen.revision}`
    : isOlder || (spec === undefined && seen.rollout !== undefined)
    ? `its roll-out is ${spec?.id ?? "none"}, and was ${seen.rollout}`
    : undefined;
  if (why === undefined) return undefined;
  // A person has looked at it, and begun a roll-out that this node does not know.
  const isNewer = seen.rollout === undefined || (spec?.id ?? "") > seen.rollout;
  return spec?.afterRestore === id && isNewer ? undefined : why;
}

/** What to remember of etcd now. */
export function seenNow(
  { clusterId, revision }: Pick<Snapshot, "clusterId" | "revision">,
  rollout: string | undefined,
): NonNullable<Local["seen"]> {
  return {
    clusterId: clusterId.toString(16),
    revision: revision.toString(),
    ...(rollout === undefined ? {} : { rollout }),
  };
}
