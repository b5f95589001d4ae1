/** What etcd's users may do with the keys of a fleet. */
import type { EtcdRole } from "../../etcd/mod.ts";
import type { FleetKeys } from "../store/mod.ts";

/** The roles of a fleet. */
export interface FleetRoles {
  /** Of every node: it reads everything, and moves a roll-out on. */
  readonly node: EtcdRole;
  /** Of one node: it alone says that it is there, and where it stands. */
  own(node: string): EtcdRole;
  /** Of who begins roll-outs. */
  readonly operator: EtcdRole;
}

/**
 * What is rolled out, and to whom, only an operator writes; of a node, only the node itself. One
 * that was taken over can stop a roll-out, move it on too early or lie about itself: it brings
 * nothing to the others, and does not speak for them.
 */
export function fleetRoles(fleet: string, keys: FleetKeys): FleetRoles {
  const write = (prefix: string) => ({ prefix, access: "readwrite" as const });
  const name = `podstead-${fleet}`;
  return {
    node: {
      name,
      rights: [
        { prefix: keys.prefix, access: "read" },
        { key: keys.current, access: "readwrite" },
        ...[keys.progresses, keys.turns].map(write),
      ],
    },
    own: (node) => ({
      name: `${name}.${node}`,
      rights: [
        { key: keys.member(node), access: "readwrite" },
        write(`${keys.nodes}${node}/`),
      ],
    }),
    operator: { name: `${name}-operator`, rights: [write(keys.prefix)] },
  };
}

/** The users of a fleet, by the common names of their certificates, with the roles of theirs. */
export function fleetUsers(
  roles: FleetRoles,
  nodes: readonly string[],
  operators: readonly string[],
): {
  readonly roles: readonly EtcdRole[];
  readonly users: readonly { readonly name: string; readonly roles: readonly string[] }[];
} {
  const { node, operator } = roles;
  return {
    roles: [node, operator, ...nodes.map(roles.own)],
    users: [
      ...nodes.map((name) => ({ name, roles: [node.name, roles.own(name).name] })),
      ...operators.map((name) => ({ name, roles: [operator.name] })),
    ],
  };
}
