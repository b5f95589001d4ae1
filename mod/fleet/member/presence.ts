/** Shows that a node is there: a key that vanishes with it. */
import { type Clock, EtcdUnavailable, PodsteadError } from "../../core/mod.ts";
import { deleteKey, type Etcd, putKey } from "../../etcd/mod.ts";
import { type FleetKeys, type Member, write } from "../store/mod.ts";
import type { Hands } from "./hands.ts";

/** How long a node counts as there after its last sign, in seconds. */
export const LEASE_SECONDS = 60;

/** How often a sign is given: two may be lost. */
const BEAT_MS = 20_000;

/** What presence needs. */
export interface PresenceDeps {
  readonly clock: Clock;
  readonly etcd: Pick<Etcd, "grantLease" | "keepAlive" | "revokeLease" | "txn">;
  readonly keys: FleetKeys;
  readonly node: string;
  readonly member: Member;
  readonly hands: Pick<Hands, "pods" | "revision">;
  readonly random: () => number;
}

/** The presence of one node. */
export class Presence {
  readonly #deps: PresenceDeps;
  #lease: bigint | undefined;
  #shown = "";

  constructor(deps: PresenceDeps) {
    this.#deps = deps;
  }

  /**
   * Shows the node until the signal aborts. The key stays for the lease's time: a restart is short.
   *
   * @param told called after each sign, with why etcd did not take it if it did not
   */
  async run(signal: AbortSignal, told: (error?: PodsteadError) => void): Promise<void> {
    const { clock, random } = this.#deps;
    while (!signal.aborted) {
      try {
        await this.#beat(signal);
        told();
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof PodsteadError)) throw error;
        told(error);
      }
      await clock.sleep(BEAT_MS * (0.8 + random() * 0.2), signal).catch(() => undefined);
    }
  }

  /** Takes the node out of the fleet at once. @throws {PodsteadError} as etcd */
  async leave(): Promise<void> {
    const { etcd, keys, node } = this.#deps;
    await etcd.txn([], [
      deleteKey({ key: keys.member(node) }),
      deleteKey({ key: keys.alive(node) }),
      deleteKey({ key: keys.report(node) }),
      deleteKey({ key: keys.turn(node) }),
    ]);
    this.#shown = "";
    if (this.#lease !== undefined) await etcd.revokeLease(this.#lease);
    this.#lease = undefined;
  }

  async #beat(signal: AbortSignal): Promise<void> {
    const { etcd, keys, node, member, hands } = this.#deps;
    if (this.#lease !== undefined && !await etcd.keepAlive(this.#lease, { signal })) {
      this.#lease = undefined;
    }
    const isNew = this.#lease === undefined;
    this.#lease ??= await etcd.grantLease(LEASE_SECONDS, { signal });
    const alive = write({ revision: hands.revision(), ...hands.pods() });
    if (!isNew && alive === this.#shown) return;
    try {
      await etcd.txn(
        [],
        [
          putKey(keys.alive(node), alive, this.#lease),
          ...(isNew ? [putKey(keys.member(node), write(member))] : []),
        ],
        [],
        { signal },
      );
      this.#shown = alive;
    } catch (error) {
      // It may have ended in between: the next beat takes another one.
      if (!(error instanceof EtcdUnavailable)) this.#lease = undefined;
      this.#shown = "";
      throw error;
    }
  }
}
