/** Takes a node out of a fleet that cannot do so itself. */
import { PodsteadError } from "../../core/mod.ts";
import { absent, deleteKey, type Etcd, present } from "../../etcd/mod.ts";
import type { FleetKeys } from "../store/mod.ts";

/**
 * Forgets a node that is gone for good. One that comes back nevertheless is a member again.
 *
 * @throws {PodsteadError} if it is there, if there is no such node, or as etcd
 */
export async function removeMember(
  etcd: Pick<Etcd, "read" | "txn">,
  keys: FleetKeys,
  node: string,
): Promise<void> {
  const { succeeded } = await etcd.txn(
    [present(keys.member(node)), absent(keys.alive(node))],
    [
      deleteKey({ key: keys.member(node) }),
      deleteKey({ key: keys.report(node) }),
      deleteKey({ key: keys.turn(node) }),
    ],
  );
  if (succeeded) return;
  const { keys: [alive] } = await etcd.read({ key: keys.alive(node) });
  if (alive !== undefined) {
    throw new PodsteadError(
      "failed",
      `The node "${node}" is there: take it out on the node itself`,
      {
        hint: 'There: "podstead fleet leave". One that has died counts as there for a minute',
      },
    );
  }
  throw new PodsteadError("not-found", `No member of the fleet is named ${node}`, {
    hint: 'See "podstead fleet members"',
  });
}
