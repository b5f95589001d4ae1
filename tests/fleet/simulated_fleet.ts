/** A fleet of simulated nodes: real members on an etcd in memory, with hands that only remember. */
import { PodsteadError } from "../../mod/core/mod.ts";
import type { Etcd } from "../../mod/etcd/mod.ts";
import {
  type Brought,
  FleetMember,
  type Hands,
  type Local,
  type Standing,
  type TrialSight,
} from "../../mod/fleet/member/mod.ts";
import {
  beginRollout,
  type BegunRollout,
  commandRollout,
  type FleetOverview,
  readFleet,
} from "../../mod/fleet/operator/mod.ts";
import { parseBatches, type RolloutCommand, type RolloutRules } from "../../mod/fleet/plan/mod.ts";
import { fleetKeys } from "../../mod/fleet/store/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { MemoryEtcd } from "../support/memory_etcd.ts";

/** How long a trial takes on a simulated node. */
const TRIAL_MS = 10_000;

/** One simulated node. */
export class SimulatedNode implements Hands {
  readonly name: string;
  readonly #fleet: SimulatedFleet;
  /** What it has: the texts that were brought, the last one counts. */
  text = "before";
  /** Every text that was ever brought to it. */
  readonly tried: string[] = [];
  onDisk: Local = {};
  busyWith: string | undefined;
  client: Etcd & { isCut: boolean };
  member!: FleetMember;
  #revision = 1;
  #trial: { backTo: number; endsMs: number; old: string; sight: TrialSight } | undefined;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(fleet: SimulatedFleet, name: string) {
    this.#fleet = fleet;
    this.name = name;
    this.client = fleet.etcd.client();
  }

  start(): void {
    const { clock, keys } = this.#fleet;
    this.#stop = new AbortController();
    this.member = new FleetMember({
      ...{ clock, keys, log: silentLogger, etcd: this.client, node: this.name, hands: this },
      member: { labels: {}, address: "10.0.0.1", version: "test" },
      random: () => (this.name.charCodeAt(this.name.length - 1) % 10) / 10,
      local: this.onDisk,
      save: (local) => {
        this.onDisk = local;
        return Promise.resolve();
      },
    });
    this.#running = this.member.run(this.#stop.signal);
  }

  /** The agent ends; what runs on the node, a trial too, goes on. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#fleet.etcd.stir();
    await this.#running;
  }

  busy(): string | undefined {
    return this.busyWith;
  }
  revision(): number {
    return this.#revision;
  }
  pods(): { ready: number; pods: number } {
    return { ready: 1, pods: 1 };
  }
  bring(text: string): Promise<Brought> {
    this.tried.push(text);
    if (text === "refused") {
      return Promise.resolve({ kind: "ended", end: "failed", message: "refused" });
    }
    if (text === "unwritable") return Promise.reject(new PodsteadError("failed", "disk full"));
    if (text === this.text) return Promise.resolve({ kind: "ended", end: "unchanged" });
    const endsMs = this.#fleet.clock.monotonicMs() + TRIAL_MS;
    this.#trial = { backTo: this.#revision, endsMs, old: this.text, sight: { kind: "running" } };
    this.#revision += 1;
    this.text = text;
    return Promise.resolve({ kind: "trial" });
  }
  standing(): Standing {
    return { backTo: this.#revision, lastTrial: "" };
  }
  trial({ backTo }: Standing): TrialSight {
    const trial = this.#trial;
    if (trial === undefined || trial.backTo !== backTo) return { kind: "none" };
    if (trial.sight.kind === "running" && this.#fleet.clock.monotonicMs() >= trial.endsMs) {
      const isBad = this.text.startsWith("bad");
      if (isBad) {
        this.text = trial.old;
        this.#revision += 1;
      }
      trial.sight = isBad
        ? { kind: "ended", end: "reverted", message: "image cannot be pulled" }
        : { kind: "ended", end: "ready" };
    }
    return trial.sight;
  }
}

/** The fleet. */
export class SimulatedFleet {
  readonly clock = new FakeClock();
  readonly etcd = new MemoryEtcd(this.clock);
  readonly keys = fleetKeys("/podstead/v1", "test");
  readonly operator = this.etcd.client();
  readonly nodes: readonly SimulatedNode[];
  #count = 0;

  constructor(size: number) {
    this.nodes = Array.from({ length: size }, (_, at) => new SimulatedNode(this, `n${at}`));
  }

  /** Starts every node but the named ones, and lets them show themselves. */
  async start(...absent: readonly string[]): Promise<void> {
    for (const node of this.nodes) if (!absent.includes(node.name)) node.start();
    await this.clock.advance(1000);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  node(at: number): SimulatedNode {
    const found = this.nodes[at];
    if (found === undefined) throw new Error(`no node ${at}`);
    return found;
  }

  async apply(
    text: string,
    rules: Partial<Omit<RolloutRules, "batches">> & { readonly batches?: string } = {},
    { id, ...options }: { readonly afterRestore?: boolean; readonly id?: string } = {},
  ): Promise<BegunRollout> {
    this.#count += 1;
    const { batches = "1,100%", ...rest } = rules;
    return await beginRollout(this.operator, this.keys, await this.look(), {
      id: id ?? `20260101-00000${this.#count}-aaaa`,
      text,
      rules: {
        nodes: this.nodes.map(({ name }) => name),
        batches: parseBatches(batches),
        maxFailures: 0,
        settleMs: 1000,
        timeoutMs: 60_000,
        ...rest,
      },
      createdAt: "2026-01-01T00:00:00Z",
      by: "test",
      ...options,
    });
  }

  command(command: RolloutCommand): Promise<unknown> {
    return commandRollout(this.operator, this.keys, command, "asked");
  }

  look(): Promise<FleetOverview> {
    return readFleet(this.operator, this.keys);
  }

  /** State of the roll-out, then of each node. */
  async states(): Promise<string> {
    const { rollout } = await this.look();
    if (rollout === undefined) return "none";
    const states = rollout.spec.rules.nodes.map((node) => rollout.states[node]);
    return [rollout.state, ...states].join(" ");
  }

  texts(): string {
    return this.nodes.map(({ text }) => text).join(" ");
  }
}
