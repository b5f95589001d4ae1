import type { Incarnation } from "../identity/mod.ts";

/** The version that is on its way out. */
export interface OldPod {
  readonly hash: string;
  /** Of the pods in the runtime that are to end; several where an earlier change is not through. */
  readonly uids: readonly string[];
  /** Its grace period, in milliseconds. */
  readonly graceMs: number;
  /** Who it is to the kubelet, if that is known: it comes back as the same one if the change is taken back. */
  readonly incarnation?: Incarnation;
  /** Its next version is the same one, as another pod: no plan can take that back. */
  readonly renewed?: true;
  /** The next version has the same UID: it must not be served before a kubelet has ended this one. */
  readonly mustLeave?: true;
}

/** What can be seen of an old pod at one moment. */
export interface OldSight {
  /** Whether a container of it runs; undefined if the runtime does not answer. */
  readonly running: boolean | undefined;
  /** Whether its sandbox stands. */
  readonly sandbox: boolean | undefined;
  /** Whether its directory is there; undefined if that cannot be seen. */
  readonly directory: boolean | undefined;
  /** Whether `/runningpods/` lists it; undefined if that cannot be read. */
  readonly listed: boolean | undefined;
}
