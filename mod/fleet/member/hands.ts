/** What a fleet's member may do to its node; the agent implements it with its own transactions. */

/** How a change is tried on this node. */
export interface TryOptions {
  /** Of the roll-out: what the node's history calls the change. */
  readonly rollout: string;
  readonly settleMs: number;
  readonly timeoutMs: number;
}

/** What came of bringing a config to the node. */
export type Brought =
  /** The trial runs; its end is asked for by `trial`. */
  | { readonly kind: "trial" }
  /** There is nothing to try. */
  | {
    readonly kind: "ended";
    readonly end: "ready" | "unchanged" | "failed";
    readonly message?: string;
  };

/** Where a node stood when its turn began: by it the trial of the turn is known again. */
export interface Standing {
  /** The revision that was served, which the trial goes back to. */
  readonly backTo: number;
  /** When the trial before it ended; empty if there was none. */
  readonly lastTrial: string;
}

/** How the trial stands that began from a standing. */
export type TrialSight =
  | { readonly kind: "running" }
  | {
    readonly kind: "ended";
    readonly end: "ready" | "reverted" | "failed";
    readonly message?: string;
  }
  /** There was no such trial. */
  | { readonly kind: "none" };

/** The node, as its fleet sees it. */
export interface Hands {
  /** Why no trial can begin now, such as one that runs; undefined if one can. */
  busy(): string | undefined;
  /** The revision that is served. */
  revision(): number;
  /** How many pods are served, and how many of them are ready. */
  pods(): { readonly ready: number; readonly pods: number };
  /**
   * Writes the fleet's include file and applies it, on trial. What the kubelet would refuse is
   * not written at all.
   *
   * @throws {PodsteadError} if it cannot be written; nothing has changed then
   */
  bring(text: string, options: TryOptions): Promise<Brought>;
  standing(): Standing;
  trial(begun: Standing): TrialSight;
}
