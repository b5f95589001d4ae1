/** The keys of one fleet. */
export interface FleetKeys {
  /** Everything of the fleet is below it; ends with `/`. */
  readonly prefix: string;
  /** The roll-out that counts: the one key that every node watches. */
  readonly current: string;
  readonly members: string;
  member(node: string): string;
  /** Below it is what each node says of itself: its reports and its presence. */
  readonly nodes: string;
  /** Has a lease: it is there as long as the node is. */
  alive(node: string): string;
  /** Where the node stands in the roll-out, in its own words. */
  report(node: string): string;
  /** Below it are hints that it may be a node's turn, written by nodes that move the roll-out. */
  readonly turns: string;
  /** The hint for one node, which it watches. */
  turn(node: string): string;
  readonly contents: string;
  /** One part of a content, which is named by its hash. */
  part(sha256: string, number: number): string;
  /** Specifications: only an operator writes them, and contents. */
  readonly rollouts: string;
  spec(id: string): string;
  readonly progresses: string;
  /** Every step of a roll-out compares and writes it: the fence. */
  progress(id: string): string;
}

/** @param prefix without a slash at its end, such as `/podstead/v1` */
export function fleetKeys(prefix: string, fleet: string): FleetKeys {
  const root = `${prefix}/${fleet}/`;
  return {
    prefix: root,
    current: `${root}current`,
    members: `${root}members/`,
    member: (node) => `${root}members/${node}`,
    nodes: `${root}nodes/`,
    alive: (node) => `${root}nodes/${node}/alive`,
    report: (node) => `${root}nodes/${node}/rollout`,
    turns: `${root}turns/`,
    turn: (node) => `${root}turns/${node}`,
    contents: `${root}config/`,
    part: (sha256, number) => `${root}config/${sha256}/${number}`,
    rollouts: `${root}rollouts/`,
    spec: (id) => `${root}rollouts/${id}`,
    progresses: `${root}progress/`,
    progress: (id) => `${root}progress/${id}`,
  };
}
