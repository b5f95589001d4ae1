/** A fleet as it is now, read at one go. */
import type { Etcd, KeyState } from "../../etcd/mod.ts";
import {
  type Alive,
  type FleetKeys,
  type Member,
  readAlive,
  readMember,
  readReport,
  readRollout,
  type Report,
  type RolloutView,
} from "../store/mod.ts";

/** One node. */
export interface FleetNode {
  readonly name: string;
  /** Undefined for a node that has left, and is still in the roll-out. */
  readonly member: Member | undefined;
  /** Undefined if it has not been seen for a minute. */
  readonly alive: Alive | undefined;
  /** Its own words on the current roll-out; undefined if it has not said anything yet. */
  readonly report: Report | undefined;
}

/** A fleet. */
export interface FleetOverview {
  /** By name. */
  readonly nodes: readonly FleetNode[];
  readonly rollout: RolloutView | undefined;
  /** Of the etcd cluster, in hex. */
  readonly clusterId: string;
}

/** @throws {PodsteadError} as etcd, and for keys that hold something else */
export async function readFleet(etcd: Pick<Etcd, "read">, keys: FleetKeys): Promise<FleetOverview> {
  const [members, nodes, rollout] = await Promise.all([
    etcd.read({ prefix: keys.members }),
    etcd.read({ prefix: keys.nodes }),
    readRollout(etcd, keys),
  ]);
  const byKey = new Map(nodes.keys.map((one) => [one.key, one]));
  const known = new Map(
    members.keys.map((one) => [one.key.slice(keys.members.length), readMember(one)]),
  );
  const names = new Set([...known.keys(), ...rollout?.spec.rules.nodes ?? []]);
  const read = <T>(key: string, as: (state: KeyState) => T): T | undefined => {
    const found = byKey.get(key);
    return found && as(found);
  };
  return {
    nodes: [...names].sort().map((name): FleetNode => {
      const report = read(keys.report(name), readReport);
      return {
        name,
        member: known.get(name),
        alive: read(keys.alive(name), readAlive),
        report: report?.id === rollout?.spec.id ? report : undefined,
      };
    }),
    rollout,
    clusterId: members.clusterId.toString(16),
  };
}
