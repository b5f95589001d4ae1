/** A node's part in its fleet, as it crosses the socket. */

/** How this node stands to its fleet. */
export interface FleetView {
  /** Absent if the node is a member of none. */
  readonly name?: string;
  /**
   * - `none`: `agent.fleet` names no fleet
   * - `connecting`: etcd has not answered since the agent's start
   * - `connected`: it answers
   * - `lost`: it does not answer; roll-outs wait, pods do not
   * - `stopped`: it is not the etcd that this node knows, or went back in time: see `message`
   * - `detached`: a person has taken the node out
   */
  readonly connection: "none" | "connecting" | "connected" | "lost" | "stopped" | "detached";
  /** ISO 8601 */
  readonly since?: string;
  readonly message?: string;
  /** The file that the fleet writes on this node. */
  readonly file?: string;
  /** The last roll-out in which this node had a turn. */
  readonly turn?: {
    readonly id: string;
    /** Absent while it runs. */
    readonly end?: "ready" | "unchanged" | "reverted" | "failed";
    readonly message?: string;
    /** Whether etcd knows of the end. */
    readonly told: boolean;
  };
}

/** What came of leaving or joining a fleet. */
export interface FleetMoved {
  readonly fleet: FleetView;
  /** Whether etcd knows of it; otherwise it learns it when the lease ends. */
  readonly told: boolean;
}
