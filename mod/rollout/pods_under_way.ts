/** Keeps the phase of each pod, and with it what the list holds. */
import { formatKey } from "../pods/mod.ts";
import type { RolloutBook } from "./book.ts";
import type { RolloutDeps } from "./deps.ts";
import { awaitOthers, beginFirstStart } from "./first_start.ts";
import { beginFollowing, follow, isSettling, lookAtBoth } from "./following.ts";
import { chooseMethod, pollLimitMs } from "./method.ts";
import type { OldSight } from "./old_pod.ts";
import {
  beginChange,
  heldBackBy,
  isAboutToBeServed,
  isMoot,
  isReplacing,
  type Phase,
  versionInList,
} from "./phase.ts";
import type { PollSight } from "./poll_rate.ts";
import { advance, fetched, published, type Replacement } from "./replacement.ts";
import { resumeReplacement, type SavedReplacement } from "./saved.ts";
import { aliveVersions, type SeenPod } from "./sight.ts";
import type { ChangeVerdict, HeldBack, RolloutPod } from "./types.ts";
import { readWishes } from "./wishes.ts";

/** What was found out for a plan before it was made. */
export interface Examined {
  /** What the runtime has; undefined where it did not answer. */
  readonly seen: readonly SeenPod[] | undefined;
  /** By key. */
  readonly verdicts: ReadonlyMap<string, ChangeVerdict>;
}

/** What came of a look at a pod. */
export interface Looked {
  /** When to look at it again, in milliseconds. */
  readonly lookInMs: number;
  /** Whether the list is to be another one now. */
  readonly changed: boolean;
}

/** The order in which phases are told of. */
const ORDER: Readonly<Record<Phase<RolloutPod>["step"], number>> = {
  removed: 0,
  ending: 0,
  following: 1,
  waiting: 2,
};

/**
 * The one place where a pod changes its phase; `phase.ts` says which there are
 * and what holds of them. Nothing here waits or looks at the node: each method
 * takes in what somebody else has seen, and leaves everything consistent.
 */
export class PodsUnderWay<P extends RolloutPod> {
  readonly #deps: Pick<RolloutDeps, "clock" | "log" | "settings">;
  readonly #book: RolloutBook;
  readonly #phases = new Map<string, Phase<P>>();
  #desired: ReadonlyMap<string, P> = new Map();
  /** The hashes of the pods in the list that is in force, by key. */
  #listed: ReadonlyMap<string, string> = new Map();
  #etag: string | undefined;
  /** Of the list that the kubelet got last. */
  #fetchedEtag: string | undefined;

  constructor(deps: Pick<RolloutDeps, "clock" | "log" | "settings">, book: RolloutBook) {
    this.#deps = deps;
    this.#book = book;
  }

  /** The phase of each pod that is in one, by key. */
  get phases(): ReadonlyMap<string, Phase<P>> {
    return this.#phases;
  }

  /** The keys of the pods in these phases, as they are at this moment. */
  in(...steps: readonly Phase<P>["step"][]): readonly string[] {
    return [...this.#phases].filter(([, { step }]) => steps.includes(step)).map(([key]) => key);
  }

  /** Goes on after a restart. */
  resume(
    saved: readonly SavedReplacement[],
    desired: readonly P[],
    seen: readonly SeenPod[] | undefined,
  ): void {
    const { clock, log } = this.#deps;
    this.#desired = byKey(desired);
    for (const one of saved) {
      const { key, step } = one;
      const resumed = resumeReplacement(one, this.#desired.get(key), seen, this.#nodeName, clock);
      const message = resumed === undefined
        ? "A replacement was cut short"
        : "Going on with a replacement";
      log.info(message, { pod: key, step });
      if (resumed !== undefined) this.#enter(key, resumed);
    }
    for (const [key, pod] of this.#desired) this.#holdFirstStart(key, pod, seen);
  }

  /** Takes the desired pods of a new plan in. */
  planned(before: readonly P[], desired: readonly P[], { seen, verdicts }: Examined): void {
    const old = byKey(before);
    this.#desired = byKey(desired);
    for (const key of this.#phases.keys()) if (!this.#desired.has(key)) this.#phases.delete(key);
    for (const [key, pod] of this.#desired) {
      const phase = this.#phases.get(key);
      const previous = old.get(key);
      if (phase !== undefined) {
        if (isMoot(phase, pod, this.#listed.get(key))) this.#phases.delete(key);
      } else if (previous === undefined) {
        this.#holdFirstStart(key, pod, seen);
      } else if (previous.hash !== pod.hash) {
        this.#begin(key, previous, pod, verdicts.get(key) ?? { method: "kubelet" }, seen);
      }
    }
  }

  /** The pods of the list now, of those that are desired. */
  select(desired: readonly P[]): readonly P[] {
    const nowMs = this.#deps.clock.monotonicMs();
    return desired.flatMap((pod) =>
      versionInList(this.#phases.get(formatKey(pod)), pod, nowMs) ?? []
    );
  }

  /** Takes in which pods a list holds that is in force now. */
  published(pods: readonly P[], etag: string): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#etag = etag;
    this.#listed = new Map(pods.map((pod) => [formatKey(pod), pod.hash]));
    for (const [key, phase] of this.#phases) {
      if (phase.step !== "removed" || this.#listed.has(key)) continue;
      if (phase.publishedMs === undefined) this.#book.step(key, "removed", phase.old.hash);
      this.#phases.set(key, published(phase, nowMs));
    }
  }

  /** Takes in that a kubelet got a list. @returns whether a pod is in another phase for it */
  fetched(etag: string, nowMs: number): boolean {
    this.#fetchedEtag = etag;
    if (!this.isFetched) return false;
    let changed = false;
    for (const [key, phase] of this.#phases) {
      if (phase.step !== "removed" || this.#listed.has(key)) continue;
      this.#phases.set(key, fetched(phase, nowMs));
      const sinceMs = nowMs - (phase.publishedMs ?? nowMs);
      this.#book.step(key, "fetched", phase.old.hash, { sinceMs });
      changed = true;
    }
    return changed;
  }

  /** Takes in what is seen of an old version; undefined where nobody looked, or need not any more. */
  lookedAtOld(key: string, sight: OldSight | undefined, polls: PollSight): Looked | undefined {
    const phase = this.#phases.get(key);
    const pod = this.#desired.get(key);
    if (pod === undefined || !isReplacing(phase)) return undefined;
    const nowMs = this.#deps.clock.monotonicMs();
    const decision = advance(phase, sight, nowMs, pollLimitMs(polls));
    if (decision.kind === "wait") {
      this.#book.looked(key, phase, decision.next);
      this.#phases.set(key, decision.next);
      return { lookInMs: decision.lookInMs, changed: false };
    }
    const { last, reason } = decision;
    this.#book.looked(key, phase, last);
    this.#book.served(key, pod.hash, last, reason);
    const endedMs = last.step === "ending" ? last.endedMs : undefined;
    this.#enter(key, beginFollowing(pod, "quick", last.old.uids, nowMs, endedMs));
    return { lookInMs: 0, changed: true };
  }

  /** Takes in what is seen of a version that was served; a further change is begun when it may. */
  lookedAtNew(
    key: string,
    seen: readonly SeenPod[] | undefined,
    polls: PollSight,
  ): Looked | undefined {
    const phase = this.#phases.get(key);
    const desired = this.#desired.get(key);
    if (desired === undefined || phase?.step !== "following") return undefined;
    const { pod, method, servedMs } = phase;
    const nowMs = this.#deps.clock.monotonicMs();
    const sight = seen === undefined ? undefined : lookAtBoth(phase, seen, this.#nodeName);
    const decision = follow(phase, sight, nowMs);
    const superseded = desired.hash !== pod.hash;
    if (decision.kind === "wait" && !(superseded && !isSettling(phase, nowMs))) {
      this.#phases.set(key, decision.next);
      return { lookInMs: decision.lookInMs, changed: false };
    }
    if (decision.kind === "running") {
      const { downtimeMs } = decision;
      const down = downtimeMs === undefined ? {} : { downtimeMs };
      this.#book.step(key, "running", pod.hash, { method, sinceMs: nowMs - servedMs, ...down });
    }
    this.#phases.delete(key);
    if (superseded) {
      const wish = readWishes(desired.pod).replace ?? this.#deps.settings().replace;
      const alive = seen && aliveVersions(seen, desired, this.#nodeName).length > 0;
      this.#begin(key, pod, desired, chooseMethod({ wish, alive, polls }), seen);
    }
    return { lookInMs: 0, changed: superseded };
  }

  /** Takes in which pods are ready, by key. @returns whether those that wait wait otherwise now */
  lookedAtReady(ready: ReadonlySet<string>): boolean {
    const { clock, settings } = this.#deps;
    const [nowMs, { afterTimeoutMs }] = [clock.monotonicMs(), settings()];
    let changed = false;
    for (const [key, phase] of this.#phases) {
      const pod = this.#desired.get(key);
      if (pod === undefined || phase.step !== "waiting") continue;
      const decision = awaitOthers(phase, pod, this.#desired, ready, nowMs, afterTimeoutMs);
      if (decision.kind === "wait") {
        changed ||= decision.next.missing.join() !== phase.missing.join();
        this.#phases.set(key, decision.next);
      } else {
        changed = true;
        this.#phases.delete(key);
        this.#book.released(key, pod.hash, decision);
      }
    }
    return changed;
  }

  /** Leaves what the kubelet does to its own time: these pods are in the list again. */
  giveUp(...steps: readonly Replacement["step"][]): void {
    for (const key of this.in(...steps)) this.#phases.delete(key);
  }

  /** Whether the kubelet got the list that is in force. */
  get isFetched(): boolean {
    return this.#fetchedEtag === this.#etag;
  }

  /** Pods that have ended and are not in the list that is in force, though wanted there. */
  aboutToBeServed(): readonly string[] {
    return [...this.#desired.keys()]
      .filter((key) => !this.#listed.has(key) && isAboutToBeServed(this.#phases.get(key)));
  }

  /** The pods, by key, that are not served as they are desired, and why. */
  heldBack(): ReadonlyMap<string, HeldBack> {
    const held = new Map<string, HeldBack>();
    const phases = [...this.#phases].sort(([, a], [, b]) => ORDER[a.step] - ORDER[b.step]);
    for (const [key, phase] of phases) {
      const desired = this.#desired.get(key);
      const why = desired && heldBackBy(phase, desired);
      if (why !== undefined) held.set(key, why);
    }
    return held;
  }

  /** What a restart needs to go on. */
  saved(): readonly SavedReplacement[] {
    return [...this.#phases].flatMap(([key, phase]) =>
      isReplacing(phase)
        ? { key, step: phase.step, startedMs: phase.startedMs, old: phase.old }
        : []
    );
  }

  get #nodeName(): string {
    return this.#deps.settings().nodeName;
  }

  /** The last to enter a phase is the last in it. */
  #enter(key: string, phase: Phase<P>): void {
    this.#phases.delete(key);
    this.#phases.set(key, phase);
  }

  #begin(
    key: string,
    previous: P,
    pod: P,
    { method, why }: ChangeVerdict,
    seen: readonly SeenPod[] = [],
  ): void {
    const alive = aliveVersions(seen, pod, this.#nodeName);
    // It runs already: the state was lost, or a change was taken back.
    if (alive.some(({ specHash }) => specHash === pod.hash)) return;
    const phase = beginChange(previous, pod, method, alive, this.#deps.clock);
    if (phase !== undefined) this.#enter(key, phase);
    if (why === undefined || phase?.step === "removed") return;
    this.#deps.log.warn("A pod is replaced in the kubelet's own time", { pod: key, reason: why });
  }

  /** Holds a pod back that comes after others and is not there in any form. */
  #holdFirstStart(key: string, pod: P, seen: readonly SeenPod[] | undefined): void {
    if (this.#phases.has(key) || this.#listed.has(key)) return;
    // In doubt it is started: a pod that runs must not leave the list.
    if (seen === undefined || aliveVersions(seen, pod, this.#nodeName).length > 0) return;
    const phase = beginFirstStart(pod, this.#desired, this.#deps.clock.monotonicMs());
    if (phase === undefined) return;
    this.#enter(key, phase);
    const reason = `comes after ${phase.missing.join(", ")}`;
    this.#book.step(key, "waiting", pod.hash, { reason });
  }
}

function byKey<P extends RolloutPod>(pods: readonly P[]): ReadonlyMap<string, P> {
  return new Map(pods.map((pod) => [formatKey(pod), pod]));
}
