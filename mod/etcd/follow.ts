/** Follows keys through lost connections, other endpoints and compactions. */
import { type Clock, errorText, PodsteadError } from "../core/mod.ts";
import type { Etcd } from "./client.ts";
import { Compacted } from "./compacted.ts";
import type { KeyEvent, KeyRange, Snapshot } from "./keys.ts";

/** What following tells. */
export type Followed =
  /** Everything, as listed; first of all, and after each gap. */
  | { readonly kind: "list"; readonly snapshot: Snapshot }
  | {
    readonly kind: "events";
    readonly revision: bigint;
    readonly events: readonly KeyEvent[];
  }
  /** etcd does not answer; it is tried again without end. */
  | { readonly kind: "lost"; readonly error: PodsteadError };

/** How to follow. */
export interface FollowOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** 0 to 1: spreads the tries of many nodes over time. */
  readonly random: () => number;
}

/** The wait before the first try after a loss, and the longest, in milliseconds. */
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 15_000;

/** Lists, then watches; again after every loss. Ends when the signal aborts; never throws. */
export async function* follow(
  etcd: Pick<Etcd, "read" | "watch">,
  range: KeyRange,
  { clock, signal, random }: FollowOptions,
): AsyncGenerator<Followed> {
  let waitMs = FIRST_WAIT_MS;
  while (!signal.aborted) {
    try {
      const snapshot = await etcd.read(range, { signal });
      yield { kind: "list", snapshot };
      waitMs = FIRST_WAIT_MS;
      for await (const batch of etcd.watch(range, snapshot.revision + 1n, signal)) {
        yield { kind: "events", revision: batch.revision, events: batch.events };
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Compacted) continue;
      const told = error instanceof PodsteadError
        ? error
        : new PodsteadError("failed", errorText(error), { cause: error });
      yield { kind: "lost", error: told };
      // A thousand nodes must not come back in one moment.
      await clock.sleep(waitMs * (0.5 + random() / 2), signal).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, MAX_WAIT_MS);
    }
  }
}
