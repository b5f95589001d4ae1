/**
 * A node's part in its fleet. No node leads: each step of a roll-out is a transaction by the node
 * that it is about. etcd being away stops the steps, and nothing else.
 */
import { type Clock, errorText, PodsteadError } from "../../core/mod.ts";
import { absent, deleteKey, type Etcd, follow } from "../../etcd/mod.ts";
import type { Logger } from "../../os/mod.ts";
import type { NodeState } from "../plan/mod.ts";
import {
  type FleetKeys,
  type Member,
  readRollout,
  type RolloutSpec,
  type RolloutView,
} from "../store/mod.ts";
import { Connection, type ConnectionStatus } from "./connection.ts";
import { decide, type Decision } from "./decide.ts";
import type { Hands } from "./hands.ts";
import type { Local } from "./local.ts";
import { move, report } from "./moves.ts";
import { Presence } from "./presence.ts";
import { Rest } from "./rest.ts";
import { restoredReason, seenNow } from "./restored.ts";
import { takeTurn, type TurnMemory } from "./turn.ts";
import { Watchman } from "./watchman.ts";

/** What a member needs of its node. */
export interface MemberDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly etcd: Etcd;
  readonly keys: FleetKeys;
  readonly node: string;
  /** What it tells of itself. */
  readonly member: Member;
  readonly hands: Hands;
  /** 0 to 1: spreads what many nodes do at one moment. */
  readonly random: () => number;
  /** What was remembered, and how it is kept. */
  readonly local: Local;
  readonly save: (local: Local) => Promise<void>;
}

/** How a member stands to its fleet, and to its roll-out. */
export interface MemberStatus extends ConnectionStatus {
  /** The last roll-out in which this node had a turn. */
  readonly turn?: NonNullable<Local["turn"]>;
}

/** How often a node looks again while a roll-out runs, and at rest: a watch tells it before. */
const LOOK_MS = 20_000;
const REST_LOOK_MS = 600_000;

/** The wait after a conflict with another node, and after etcd did not answer. */
const CONFLICT_MS = 200;
const RETRY_MS = 2_000;

/** One node of a fleet. */
export class FleetMember {
  readonly #deps: MemberDeps;
  readonly #presence: Presence;
  readonly #watchman = new Watchman();
  readonly #connection: Connection;
  readonly #rest: Rest;
  #local: Local;
  #spec: RolloutSpec | undefined;
  /** Ends the part that the node takes; undefined while it takes none. */
  #part: AbortController | undefined;
  #parted: Promise<void> = Promise.resolve();
  /** What others were told that this node waits for. */
  #waiting = "";

  constructor(deps: MemberDeps) {
    this.#deps = deps;
    this.#local = deps.local;
    this.#presence = new Presence(deps);
    const { clock, log, keys } = deps;
    this.#connection = new Connection({ clock, log, fleet: keys.prefix }, this.#local.detached);
    this.#rest = new Rest(clock);
  }

  get status(): MemberStatus {
    const { turn } = this.#local;
    return { ...this.#connection.status, ...(turn === undefined ? {} : { turn }) };
  }

  /** Takes part until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    while (!signal.aborted) {
      if (this.#local.detached !== undefined) {
        await this.#rest.for(REST_LOOK_MS, signal);
        this.#rest.look();
        continue;
      }
      this.#parted = this.#takePart(signal);
      await this.#parted;
      // Left, or something broke that should not: never in a tight loop.
      await clock.sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }

  /**
   * Takes the node out of the fleet: it keeps its pods, and no roll-out reaches it. Works without
   * etcd, which then learns it by the end of the lease.
   *
   * @returns whether etcd knows of it
   */
  async leave(): Promise<boolean> {
    const detached = new Date(this.#deps.clock.now()).toISOString();
    await this.#keep({ ...this.#local, detached });
    this.#connection.detach();
    this.#part?.abort();
    await this.#parted;
    return await this.#presence.leave().then(() => true, () => false);
  }

  /** Takes part again after `leave`. */
  async join(): Promise<void> {
    const { detached: _, ...local } = this.#local;
    await this.#keep(local);
    this.#connection.attach();
    this.#rest.poke();
  }

  async #takePart(signal: AbortSignal): Promise<void> {
    const { keys, node } = this.#deps;
    const part = new AbortController();
    const stop = () => part.abort();
    signal.addEventListener("abort", stop, { once: true });
    this.#part = part;
    this.#rest.poke();
    const broken = (error: unknown) => {
      if (part.signal.aborted) return;
      this.#deps.log.error("Taking part in the fleet failed", { error: errorText(error) });
      part.abort();
    };
    await Promise.all([
      this.#follow(keys.current, part.signal).catch(broken),
      this.#follow(keys.turn(node), part.signal).catch(broken),
      this.#presence.run(part.signal, (error) => this.#signed(error)).catch(broken),
      this.#steps(part.signal).catch(broken).finally(stop),
    ]);
    this.#part = undefined;
    signal.removeEventListener("abort", stop);
  }

  async #steps(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#deps;
    while (!signal.aborted && this.#local.detached === undefined) {
      let waitMs: number;
      try {
        waitMs = await this.#step(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof PodsteadError)) throw error;
        this.#connection.failed(error);
        await clock.sleep(RETRY_MS * (0.5 + random()), signal).catch(() => undefined);
        continue;
      }
      await this.#rest.for(waitMs, signal);
    }
  }

  /** Does the one thing that is due now. @returns how long it may rest */
  async #step(signal: AbortSignal): Promise<number> {
    const { etcd, keys, node, hands, random } = this.#deps;
    this.#rest.look();
    const snapshot = await etcd.read({ key: keys.current }, { signal });
    const view = snapshot.keys.length === 0
      ? undefined
      : await readRollout(etcd, keys, { signal, known: this.#spec });
    this.#spec = view?.spec;
    const stopped = restoredReason(snapshot, view?.spec, this.#local.seen);
    if (stopped !== undefined) {
      this.#connection.stop(stopped);
      return LOOK_MS;
    }
    this.#connection.answered();
    await this.#remember(seenNow(snapshot, view?.spec.id));
    if (view === undefined) return REST_LOOK_MS;
    const decision = decide(view, this.#local, node);
    const lookMs = LOOK_MS * (0.75 + random() / 2);
    switch (decision.kind) {
      case "rest":
        await this.#watch(view, signal);
        return view.state === "running" ? lookMs : REST_LOOK_MS * (0.5 + random() / 2);
      case "take": {
        const busy = hands.busy();
        if (busy !== undefined) return await this.#wait(view, busy, signal);
        return await this.#take(view, signal);
      }
      case "work":
        await takeTurn(view, this.#turnMemory, this.#deps, signal);
        return 0;
      default:
        return await this.#tell(view, decision, signal);
    }
  }

  /** Takes a slot; the trial begins only when etcd has confirmed it. */
  async #take(view: RolloutView, signal: AbortSignal): Promise<number> {
    const { node, keys } = this.#deps;
    const done = await move(this.#deps, view, { [node]: "updating" }, {
      signal,
      steps: [report(this.#deps, view, "updating"), deleteKey({ key: keys.turn(node) })],
    });
    return done ? 0 : this.#conflict();
  }

  async #tell(
    view: RolloutView,
    decision: Extract<Decision, { kind: "tell" | "return" }>,
    signal: AbortSignal,
  ): Promise<number> {
    const { node } = this.#deps;
    if (decision.kind === "return") {
      const steps = [report(this.#deps, view, "pending")];
      return await move(this.#deps, view, { [node]: "pending" }, { signal, steps, revive: true })
        ? 0
        : this.#conflict();
    }
    const { end, message } = decision;
    const steps = [report(this.#deps, view, end, message)];
    if (!await move(this.#deps, view, { [node]: end }, { signal, steps })) return this.#conflict();
    const { turn } = this.#local;
    if (turn !== undefined) await this.#keep({ ...this.#local, turn: { ...turn, told: true } });
    return 0;
  }

  get #turnMemory(): TurnMemory {
    const local = () => this.#local;
    return {
      get turn() {
        return local().turn;
      },
      keep: (turn) => {
        const { turn: _, ...rest } = this.#local;
        return this.#keep(turn === undefined ? rest : { ...rest, turn });
      },
    };
  }

  /** Notices nodes that fell silent or do not come, and says so for them. */
  async #watch(view: RolloutView, signal: AbortSignal): Promise<void> {
    const { clock, keys, node, log } = this.#deps;
    if (view.state !== "running" && view.state !== "paused") return;
    const { silent, late } = this.#watchman.look(view, clock.monotonicMs());
    if (silent.length > 0) {
      const change = Object.fromEntries(silent.map((one): [string, NodeState] => [one, "failed"]));
      log.warn("Nodes fell silent in their turn", { rollout: view.spec.id, nodes: silent.join() });
      await move(this.#deps, view, change, { signal });
    }
    for (const one of late.filter((other) => other !== node).slice(0, 1)) {
      // Only if it shows no presence: one that is busy is waited for.
      await move(this.#deps, view, { [one]: "skipped" }, {
        signal,
        conditions: [absent(keys.alive(one))],
      });
    }
  }

  /** Says why the node lets the others wait, once. */
  async #wait(view: RolloutView, why: string, signal: AbortSignal): Promise<number> {
    const { etcd } = this.#deps;
    if (this.#waiting !== `${view.spec.id} ${why}`) {
      await etcd.txn([], [report(this.#deps, view, "pending", `waits: ${why}`)], [], { signal });
      this.#waiting = `${view.spec.id} ${why}`;
    }
    return RETRY_MS;
  }

  async #follow(key: string, signal: AbortSignal): Promise<void> {
    const { etcd, clock, random } = this.#deps;
    for await (const told of follow(etcd, { key }, { clock, signal, random })) {
      if (told.kind === "lost") this.#connection.failed(told.error);
      else this.#rest.poke();
    }
  }

  #conflict(): number {
    return CONFLICT_MS * this.#deps.random();
  }

  async #remember(seen: NonNullable<Local["seen"]>): Promise<void> {
    const { seen: before } = this.#local;
    const isNew = before?.clusterId !== seen.clusterId || before.rollout !== seen.rollout;
    this.#local = { ...this.#local, seen };
    // The revision rises with every sign of presence: that alone is not worth a write to the disk.
    if (isNew) await this.#deps.save(this.#local);
  }

  async #keep(local: Local): Promise<void> {
    this.#local = local;
    await this.#deps.save(local);
  }

  /** After a sign of presence: one that was not taken may be the only thing that failed. */
  #signed(error: PodsteadError | undefined): void {
    if (error !== undefined) this.#connection.failed(error);
    else if (this.#connection.isLost) this.#rest.poke();
  }
}
