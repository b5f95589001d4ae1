/**
 * A node's part in its fleet. Nobody leads: each step of a roll-out is a transaction by the node
 * that it is about. etcd being away stops the steps, and nothing else.
 */
import { type Clock, errorText, EtcdUnavailable, PodsteadError } from "../../core/mod.ts";
import {
  absent,
  type Condition,
  deleteKey,
  type Etcd,
  follow,
  putKey,
  type Step,
} from "../../etcd/mod.ts";
import type { Logger } from "../../os/mod.ts";
import type { NodeState, NodeStates } from "../plan/mod.ts";
import {
  type FleetKeys,
  loadContent,
  type Member,
  planMove,
  readRollout,
  type RolloutSpec,
  type RolloutView,
  write,
} from "../store/mod.ts";
import { decide, type Decision } from "./decide.ts";
import type { Hands } from "./hands.ts";
import type { Local, TurnEnd } from "./local.ts";
import { Presence } from "./presence.ts";
import { restoredReason, seenNow } from "./restored.ts";
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

/** How a member stands to its fleet. */
export interface MemberStatus {
  /**
   * - `connecting`: etcd has not answered since the agent's start
   * - `connected`: it answers
   * - `lost`: it does not answer; roll-outs wait, pods do not
   * - `stopped`: it is not the etcd that this node knows, or went back in time: see `message`
   * - `detached`: a person has taken the node out
   */
  readonly connection: "connecting" | "connected" | "lost" | "stopped" | "detached";
  /** ISO 8601 */
  readonly since: string;
  readonly message?: string;
  /** The last roll-out in which this node had a turn. */
  readonly turn?: NonNullable<Local["turn"]>;
}

/** How often a node looks again while a roll-out runs, and at rest: a watch tells it before. */
const LOOK_MS = 20_000;
const REST_LOOK_MS = 600_000;

/** How often the end of the own trial is looked for. */
const TRIAL_LOOK_MS = 500;

/** The wait after a conflict with another node, and after etcd did not answer. */
const CONFLICT_MS = 200;
const RETRY_MS = 2_000;

/** One node of a fleet. */
export class FleetMember {
  readonly #deps: MemberDeps;
  readonly #presence: Presence;
  readonly #watchman = new Watchman();
  #local: Local;
  #spec: RolloutSpec | undefined;
  #status: Pick<MemberStatus, "connection" | "since" | "message">;
  /** Ends a rest; there are none at first. */
  #wake: () => void = () => {};
  #isPoked = true;
  /** Ends the part that the node takes; undefined while it takes none. */
  #part: AbortController | undefined;
  #parted: Promise<void> = Promise.resolve();
  /** What others were told that this node waits for. */
  #waiting = "";

  constructor(deps: MemberDeps) {
    this.#deps = deps;
    this.#local = deps.local;
    this.#presence = new Presence(deps);
    const since = this.#local.detached;
    this.#status = since === undefined
      ? { connection: "connecting", since: this.#now() }
      : { connection: "detached", since };
  }

  get status(): MemberStatus {
    const { turn } = this.#local;
    return { ...this.#status, ...(turn === undefined ? {} : { turn }) };
  }

  /** Takes part until the signal aborts; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    while (!signal.aborted) {
      if (this.#local.detached !== undefined) {
        await this.#rest(REST_LOOK_MS, signal);
        this.#isPoked = false;
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
    await this.#keep({ ...this.#local, detached: this.#now() });
    this.#status = { connection: "detached", since: this.#now() };
    this.#part?.abort();
    await this.#parted;
    return await this.#presence.leave().then(() => true, () => false);
  }

  /** Takes part again after `leave`. */
  async join(): Promise<void> {
    const { detached: _, ...local } = this.#local;
    await this.#keep(local);
    this.#status = { connection: "connecting", since: this.#now() };
    this.#poke();
  }

  async #takePart(signal: AbortSignal): Promise<void> {
    const { keys, node } = this.#deps;
    const part = new AbortController();
    const stop = () => part.abort();
    signal.addEventListener("abort", stop, { once: true });
    this.#part = part;
    this.#isPoked = true;
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
        this.#failed(error);
        await clock.sleep(RETRY_MS * (0.5 + random()), signal).catch(() => undefined);
        continue;
      }
      await this.#rest(waitMs, signal);
    }
  }

  /** Does the one thing that is to be done now. @returns how long it may rest */
  async #step(signal: AbortSignal): Promise<number> {
    const { etcd, keys, node, hands, random } = this.#deps;
    this.#isPoked = false;
    const snapshot = await etcd.read({ key: keys.current }, { signal });
    const view = snapshot.keys.length === 0
      ? undefined
      : await readRollout(etcd, keys, { signal, known: this.#spec });
    this.#spec = view?.spec;
    const stopped = restoredReason(snapshot, view?.spec, this.#local.seen);
    if (stopped !== undefined) {
      this.#stop(stopped);
      return LOOK_MS;
    }
    this.#answered();
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
        await this.#work(view, signal);
        return 0;
      default:
        return await this.#tell(view, decision, signal);
    }
  }

  /** Takes a slot; the trial begins only when etcd has confirmed it. */
  async #take(view: RolloutView, signal: AbortSignal): Promise<number> {
    const { node, keys } = this.#deps;
    const done = await this.#move(view, { [node]: "updating" }, signal, {
      steps: [this.#report("updating"), deleteKey({ key: keys.turn(node) })],
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
      const steps = [this.#report("pending")];
      return await this.#move(view, { [node]: "pending" }, signal, { steps, revive: true })
        ? 0
        : this.#conflict();
    }
    const { end, message } = decision;
    const steps = [this.#report(end, message)];
    if (!await this.#move(view, { [node]: end }, signal, { steps })) return this.#conflict();
    const { turn } = this.#local;
    if (turn !== undefined) await this.#keep({ ...this.#local, turn: { ...turn, told: true } });
    return 0;
  }

  /** Brings the config, or waits for the end of a trial that a restart has cut short. */
  async #work({ spec, states }: RolloutView, signal: AbortSignal): Promise<void> {
    const { etcd, keys, hands, clock, log, node } = this.#deps;
    const own = this.#local.turn;
    // One whose end is known was an earlier try of the same roll-out.
    const begun = own?.id === spec.id && own.end === undefined ? own : undefined;
    let sight = begun === undefined ? undefined : hands.trial(begun);
    if (sight === undefined || sight.kind === "none") {
      if (states[node] !== "updating") {
        // It was given up before it had begun: nothing has changed here.
        const { turn: _, ...local } = this.#local;
        return await this.#keep(local);
      }
      const turn = { id: spec.id, ...hands.standing(), told: false };
      const text = await loadContent(etcd, keys, spec, signal).catch(failedAsText);
      await this.#keep({ ...this.#local, turn });
      log.info("Takes part in a roll-out", { rollout: spec.id });
      const brought = typeof text === "string"
        ? await hands.bring(text, { rollout: spec.id, ...spec.rules }).catch(failedAsText)
        : text;
      if (brought.kind === "ended") return await this.#end(brought.end, brought.message);
      sight = hands.trial(turn);
    }
    // Needs no etcd: what has begun comes to its end on the node.
    const { turn } = this.#local;
    while (sight.kind === "running" && turn !== undefined) {
      await clock.sleep(TRIAL_LOOK_MS, signal);
      sight = hands.trial(turn);
    }
    if (sight.kind === "ended") await this.#end(sight.end, sight.message);
    else await this.#end("failed", "its trial has vanished");
  }

  async #end(end: TurnEnd, message: string | undefined): Promise<void> {
    const { turn } = this.#local;
    if (turn === undefined) return;
    this.#deps.log[end === "ready" || end === "unchanged" ? "info" : "warn"](
      "The turn in the roll-out has ended",
      { rollout: turn.id, end, ...(message === undefined ? {} : { message }) },
    );
    const ended = { ...turn, end, told: false, ...(message === undefined ? {} : { message }) };
    await this.#keep({ ...this.#local, turn: ended });
  }

  /** Notices nodes that fell silent or do not come, and says so for them. */
  async #watch(view: RolloutView, signal: AbortSignal): Promise<void> {
    const { clock, keys, node, log } = this.#deps;
    if (view.state !== "running" && view.state !== "paused") return;
    const { silent, late } = this.#watchman.look(view, clock.monotonicMs());
    if (silent.length > 0) {
      const change = Object.fromEntries(silent.map((one): [string, NodeState] => [one, "failed"]));
      log.warn("Nodes fell silent in their turn", { rollout: view.spec.id, nodes: silent.join() });
      await this.#move(view, change, signal, {});
    }
    for (const one of late.filter((other) => other !== node).slice(0, 1)) {
      // Only if it shows no presence: one that is busy is waited for.
      await this.#move(view, { [one]: "skipped" }, signal, {
        conditions: [absent(keys.alive(one))],
      });
    }
  }

  /** Moves the roll-out if it still is as it was read; false if another node came first. */
  async #move(
    view: RolloutView,
    change: NodeStates,
    signal: AbortSignal,
    { steps = [], conditions = [], revive = false }: {
      readonly steps?: readonly Step[];
      readonly conditions?: readonly Condition[];
      /** A roll-out that is done runs again, for this node. */
      readonly revive?: boolean;
    },
  ): Promise<boolean> {
    const { etcd, keys } = this.#deps;
    const states = { ...view.states, ...change };
    const state = revive && view.state === "done" ? "running" : view.state;
    const plan = planMove(keys, view.spec, { states, state, reason: view.reason }, view);
    const { succeeded } = await etcd.txn(
      [...plan.conditions, ...conditions],
      [...plan.steps, ...steps],
      [],
      { signal },
    );
    return succeeded;
  }

  /** Says why the node lets the others wait, once. */
  async #wait(view: RolloutView, why: string, signal: AbortSignal): Promise<number> {
    const { etcd } = this.#deps;
    if (this.#waiting !== `${view.spec.id} ${why}`) {
      await etcd.txn([], [this.#report("pending", `waits: ${why}`)], [], { signal });
      this.#waiting = `${view.spec.id} ${why}`;
    }
    return RETRY_MS;
  }

  #report(state: NodeState, message?: string): Step {
    const { keys, node, hands } = this.#deps;
    return putKey(
      keys.report(node),
      write({
        id: this.#spec?.id ?? "",
        state,
        since: this.#now(),
        revision: hands.revision(),
        ...(message === undefined ? {} : { message }),
      }),
    );
  }

  async #follow(key: string, signal: AbortSignal): Promise<void> {
    const { etcd, clock, random } = this.#deps;
    for await (const told of follow(etcd, { key }, { clock, signal, random })) {
      if (told.kind === "lost") this.#failed(told.error);
      else this.#poke();
    }
  }

  #poke(): void {
    this.#isPoked = true;
    this.#wake();
  }

  /** Resolves after a time, when the node is poked, or when the signal aborts. */
  async #rest(waitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#isPoked || waitMs <= 0 || signal.aborted) return;
    const over = new AbortController();
    const wake = () => over.abort();
    this.#wake = wake;
    signal.addEventListener("abort", wake, { once: true });
    await this.#deps.clock.sleep(waitMs, over.signal).catch(() => undefined);
    signal.removeEventListener("abort", wake);
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
    if (error !== undefined) this.#failed(error);
    else if (this.#status.connection === "lost") this.#poke();
  }

  #answered(): void {
    const { connection } = this.#status;
    if (connection === "connected" || connection === "detached") return;
    this.#status = { connection: "connected", since: this.#now() };
    this.#deps.log.info("etcd answers", { fleet: this.#deps.keys.prefix });
  }

  #failed(error: PodsteadError): void {
    const { connection } = this.#status;
    if (connection === "detached" || connection === "stopped") return;
    const { message } = error;
    const since = connection === "lost" ? this.#status.since : this.#now();
    if (connection !== "lost") this.#deps.log.warn("The fleet cannot be reached", { message });
    this.#status = { connection: "lost", since, message };
  }

  #stop(why: string): void {
    const message = `etcd was restored or replaced: ${why}`;
    if (this.#status.connection === "stopped") return;
    this.#deps.log.error("Stopped taking part in the fleet", { message });
    this.#status = { connection: "stopped", since: this.#now(), message };
  }

  #now(): string {
    return new Date(this.#deps.clock.now()).toISOString();
  }
}

/** etcd being away is no failure of the change: it is tried again. */
function failedAsText(error: unknown): { kind: "ended"; end: "failed"; message: string } {
  if (error instanceof EtcdUnavailable || !(error instanceof PodsteadError)) throw error;
  return { kind: "ended", end: "failed", message: error.message };
}
