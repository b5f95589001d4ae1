/** What etcd's users may do with the keys of a fleet. */
import type { EtcdRole } from "../../etcd/mod.ts";
import type { FleetKeys } from "../store/mod.ts";

/**
 * The two roles of a fleet. A node reads everything and writes what its steps need; what is rolled
 * out, and to whom, only an operator writes: a node that was taken over can stop a roll-out or
 * lie about itself, and brings nothing to the others.
 */
export function fleetRoles(
  fleet: string,
  keys: FleetKeys,
): { readonly node: EtcdRole; readonly operator: EtcdRole } {
  const write = (prefix: string) => ({ prefix, access: "readwrite" as const });
  return {
    node: {
      name: `podstead-${fleet}`,
      rights: [
        { prefix: keys.prefix, access: "read" },
        { key: keys.current, access: "readwrite" },
        ...[keys.members, keys.nodes, keys.progresses].map(write),
      ],
    },
    operator: { name: `podstead-${fleet}-operator`, rights: [write(keys.prefix)] },
  };
}
