/** One look at everything that is under way, again and again. */
import type { RolloutDeps } from "./deps.ts";
import { LEARN_LIMIT_MS } from "./examine.ts";
import type { Lookout } from "./sight/lookout.ts";
import type { PodsUnderWay } from "./pods_under_way.ts";
import type { PollLearning } from "./polls/poll_learning.ts";
import type { SeenPod } from "./sight/runtime_probe.ts";
import type { RolloutPod } from "./types.ts";

/** How often pods that others wait for are looked at, in milliseconds. */
const READY_INTERVAL_MS = 500;
/** How often pods are looked for that run under a UID which the kubelet made up, in milliseconds. */
const ADOPT_INTERVAL_MS = 5_000;

/** Looks only at what some pod's phase asks for. */
export class Rounds<P extends RolloutPod> {
  readonly #deps: Pick<RolloutDeps, "ready" | "changed" | "replan">;
  readonly #pods: PodsUnderWay<P>;
  readonly #polls: PollLearning;
  readonly #lookout: Lookout;
  #asking: Promise<void> | undefined;

  /** @param deps of these, `changed` and `replan` must not reject: they are not awaited */
  constructor(
    deps: Pick<RolloutDeps, "ready" | "changed" | "replan">,
    pods: PodsUnderWay<P>,
    polls: PollLearning,
    lookout: Lookout,
  ) {
    this.#deps = deps;
    this.#pods = pods;
    this.#polls = polls;
    this.#lookout = lookout;
  }

  /** Whether there is anything to look at. */
  pending(): boolean {
    return this.#pods.phases.size > 0 || this.#polls.isAwaited || this.#pods.isAnonymous ||
      this.#pods.hasTurns;
  }

  /** One look. @returns when to look again, in milliseconds */
  async round(): Promise<number> {
    const ending = this.#pods.in("ending").length > 0;
    const anonymous = this.#pods.isAnonymous;
    const looks = ending || anonymous || this.#pods.in("following").length > 0;
    const seen = looks ? await this.#lookout.pods() : undefined;
    const waits = [
      ...await this.#oldVersions(seen, ending),
      ...this.#newVersions(seen),
      ...this.#readiness(),
      ...this.#learning(),
      ...(anonymous ? [ADOPT_INTERVAL_MS] : []),
    ];
    if (anonymous && this.#pods.adopt(seen)) void this.#deps.changed();
    if (this.#pods.takeTurn()) void this.#deps.replan();
    return Math.max(0, Math.min(...waits, LEARN_LIMIT_MS));
  }

  async #oldVersions(
    seen: readonly SeenPod[] | undefined,
    ending: boolean,
  ): Promise<readonly number[]> {
    const listed = ending ? await this.#lookout.listed() : undefined;
    const waits: number[] = [];
    for (const key of this.#pods.in("removed", "ending")) {
      const phase = this.#pods.phases.get(key);
      const sight = ending && phase?.step === "ending"
        ? await this.#lookout.old(phase.old, seen, listed)
        : undefined;
      // A fetch or a plan may have come in between.
      const looked = this.#pods.lookedAtOld(key, sight, this.#polls.now());
      if (looked === undefined) continue;
      waits.push(looked.lookInMs);
      if (looked.changed) void this.#deps.changed();
    }
    return waits;
  }

  #newVersions(seen: readonly SeenPod[] | undefined): readonly number[] {
    const waits: number[] = [];
    for (const key of this.#pods.in("following")) {
      const looked = this.#pods.lookedAtNew(key, seen, this.#polls.now());
      if (looked === undefined) continue;
      waits.push(looked.lookInMs);
      if (looked.changed) void this.#deps.changed();
    }
    return waits;
  }

  /** Asks outside of the loop: a kubelet that does not answer must not delay a replacement. */
  #readiness(): readonly number[] {
    if (this.#pods.in("waiting").length === 0 && !this.#pods.hasTurns) return [];
    this.#asking ??= this.#askReady().finally(() => this.#asking = undefined);
    return [READY_INTERVAL_MS];
  }

  async #askReady(): Promise<void> {
    const ready = await this.#deps.ready().catch(() => new Set<string>()); // the status says why
    if (this.#pods.lookedAtReady(ready)) await this.#deps.changed();
  }

  #learning(): readonly number[] {
    if (!this.#polls.isAwaited) return [];
    const leftMs = this.#polls.leftMs();
    if (leftMs > 0) return [leftMs];
    this.#polls.setAwaited(false);
    void this.#deps.replan();
    return [];
  }
}
