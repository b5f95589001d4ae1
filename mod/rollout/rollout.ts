/** Brings changed pods to their next version in two steps, and new ones up in the order they ask for. */
import { type Clock, errorText, formatDuration, getOwn, isJsonObject } from "../core/mod.ts";
import type { Logger } from "../os/mod.ts";
import { formatKey } from "../pods/mod.ts";
import { follow, type Following, isSettling } from "./following.ts";
import { neededImages } from "./images.ts";
import { chooseMethod, DEFAULT_INTERVAL_MS, pollLimitMs } from "./method.ts";
import { PollRate } from "./poll_rate.ts";
import type { PrePull } from "./pre_pull.ts";
import {
  advance,
  beginReplacement,
  fetched,
  type OldSight,
  published,
  type Replacement,
  type ServeReason,
} from "./replacement.ts";
import { isToResume, type OldPod, type SavedReplacement } from "./saved.ts";
import { isOf, type NodeEyes, type SeenPod } from "./sight.ts";
import type {
  ChangeVerdict,
  HeldBack,
  PlannedChange,
  RolloutEvent,
  RolloutPod,
  RolloutRecorder,
} from "./types.ts";
import { readWishes, type ReplaceMethod } from "./wishes.ts";

/** What the roll-out needs of the world. */
export interface RolloutDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly eyes: NodeEyes;
  readonly prePull: PrePull;
  /** The settings in force. */
  readonly settings: () => RolloutSettings;
  /** Keys, as `namespace/name`, of the pods that are ready. */
  readonly ready: () => Promise<ReadonlySet<string>>;
  /** `select` gives something else than before: save what is to be saved, then publish. */
  readonly changed: () => Promise<void>;
  /** `examine` gives something else than before: plan again. */
  readonly replan: () => Promise<void>;
  readonly record: RolloutRecorder;
}

/** The settings of a node that matter here. */
export interface RolloutSettings {
  readonly nodeName: string;
  readonly replace: ReplaceMethod;
  /** How long a first start may be held back, in milliseconds. */
  readonly afterTimeoutMs: number;
}

/** How `examine` is asked. */
export interface ExamineOptions {
  /** Whether it is only asked for: nothing is pulled, and `planned` will not follow. */
  readonly dryRun: boolean;
  /** Whether images that could not be had are tried again. */
  readonly retry: boolean;
  /** The setting of the node as it will be in force. */
  readonly replace: ReplaceMethod;
}

/** How long one look at the runtime may take, in milliseconds: reloads wait for it. */
const LOOK_TIMEOUT_MS = 1_000;

/** How long a start waits for a runtime that does not answer yet, in milliseconds. */
const RESUME_LIMIT_MS = 5_000;

/** How long a changed pod waits for the kubelet's first two polls after podstead's start. */
const LEARN_LIMIT_MS = 2 * DEFAULT_INTERVAL_MS + 1_000;

/** How often pods that others wait for are looked at, in milliseconds. */
const READY_INTERVAL_MS = 500;

/**
 * How long the answer to a poll may be held until a pod that has ended can be
 * served again, in milliseconds. An answer a moment later saves the wait for
 * the next poll; a kubelet gives up after 10 s (measured on kubelet 1.36.2).
 */
const HOLD_LIMIT_MS = 1_500;

interface Waiting {
  readonly sinceMs: number;
  readonly missing: readonly string[];
}

/**
 * Decides which version of each desired pod the list holds right now.
 *
 * `planned`, `select`, `heldBack` and `saved` never wait and agree with each
 * other at any moment; what happens on the node is taken in by one loop that
 * runs only while something is under way.
 */
export class QuickRollout<P extends RolloutPod> {
  readonly #deps: RolloutDeps;
  readonly #polls = new PollRate();
  readonly #startedMs: number;
  readonly #stop = new AbortController();
  readonly #replacing = new Map<string, Replacement>();
  readonly #following = new Map<string, Following<P>>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #onPublished = new Set<() => void>();
  /** Changed pods that wait until the kubelet's polls are known. */
  readonly #learning = new Set<string>();
  #desired: ReadonlyMap<string, P> = new Map();
  #verdicts: ReadonlyMap<string, ChangeVerdict> = new Map();
  /** What the runtime had at the last look; undefined where it did not answer. */
  #seen: readonly SeenPod[] | undefined;
  #etag: string | undefined;
  #listed: ReadonlyMap<string, string> = new Map();
  #wake = new AbortController();
  #running: Promise<void> | undefined;

  constructor(deps: RolloutDeps) {
    this.#deps = deps;
    this.#startedMs = deps.clock.monotonicMs();
  }

  /** Goes on after a restart; to be called before anything else. Takes at most some seconds. */
  async resume(saved: readonly SavedReplacement[], pods: readonly P[]): Promise<void> {
    const { clock, log } = this.#deps;
    this.#desired = byKey(pods);
    const ordered = pods.filter(({ pod }) => readWishes(pod).after.length > 0);
    if (saved.length === 0 && ordered.length === 0) return;
    const startMs = clock.monotonicMs();
    for (;;) {
      this.#seen = await this.#look();
      const patient = ordered.length > 0 && clock.monotonicMs() - startMs < RESUME_LIMIT_MS;
      if (this.#seen !== undefined || !patient) break;
      await clock.sleep(200, this.#stop.signal);
    }
    for (const one of saved) {
      const wanted = this.#desired.get(one.key);
      const resumed = isToResume(one, wanted, this.#seen, this.#nodeName, clock.now());
      log.info(resumed ? "Going on with a replacement" : "A replacement was cut short", {
        pod: one.key,
        step: one.step,
      });
      if (!resumed) continue;
      const removed = { ...beginReplacement(one.old, clock.now()), startedMs: one.startedMs };
      const ended = one.step === "ending" || !this.#isAlive(one.old.uids);
      this.#replacing.set(one.key, ended ? fetched(removed, clock.monotonicMs()) : removed);
    }
    for (const pod of ordered) this.#holdFirstStart(formatKey(pod), pod);
  }

  /** Looks at the node for changes that are planned; `planned` then goes by what was seen. */
  async examine(
    changes: readonly PlannedChange[],
    options: ExamineOptions,
  ): Promise<ReadonlyMap<string, ChangeVerdict>> {
    const verdicts = new Map<string, ChangeVerdict>();
    if (!options.dryRun) this.#learning.clear();
    const matters = changes.some(({ before, after }) =>
      before !== undefined || readWishes(after.pod).after.length > 0
    );
    if (matters) this.#seen = await this.#look();
    await Promise.all(changes.map(async ({ before, after }) => {
      if (before === undefined) return;
      const key = formatKey(after);
      verdicts.set(key, await this.#examineChange(key, after, options));
    }));
    if (options.dryRun) return verdicts;
    this.#verdicts = verdicts;
    if (this.#learning.size > 0) this.#kick();
    return verdicts;
  }

  /** Takes the desired pods of a new plan in, before they are saved and the list is rendered. */
  planned(before: readonly P[], desired: readonly P[]): void {
    const old = byKey(before);
    this.#desired = byKey(desired);
    for (const states of [this.#replacing, this.#following, this.#waiting]) {
      for (const key of states.keys()) if (!this.#desired.has(key)) states.delete(key);
    }
    for (const [key, pod] of this.#desired) {
      const replacement = this.#replacing.get(key);
      const following = this.#following.get(key);
      const previous = old.get(key);
      if (replacement !== undefined) {
        // No kubelet knows of it yet: as if nothing had been.
        const back = replacement.step === "removed" && replacement.old.hash === pod.hash;
        if (back) this.#replacing.delete(key);
      } else if (following !== undefined) {
        // A version that was never listed (its plan could not be saved) needs no regard.
        const listed = this.#listed.get(key) === following.pod.hash;
        if (following.pod.hash !== pod.hash && !listed) this.#following.delete(key);
      } else if (previous === undefined) {
        this.#holdFirstStart(key, pod);
      } else if (previous.hash !== pod.hash && !this.#waiting.has(key)) {
        this.#begin(key, previous, pod, this.#verdicts.get(key) ?? { method: "kubelet" });
      }
    }
    this.#kick();
  }

  /** The pods of the list now: each desired one, the version before it, or none. */
  select(desired: readonly P[]): readonly P[] {
    const nowMs = this.#deps.clock.monotonicMs();
    return desired.flatMap((pod) => {
      const key = formatKey(pod);
      if (this.#replacing.has(key) || this.#waiting.has(key)) return [];
      const following = this.#following.get(key);
      if (following === undefined || following.pod.hash === pod.hash) return [pod];
      return isSettling(following, nowMs) ? [following.pod] : [pod];
    });
  }

  /** The pods, by key, that are not served as they are desired, and why. */
  heldBack(): ReadonlyMap<string, HeldBack> {
    const held = new Map<string, HeldBack>();
    for (const [key, { step }] of this.#replacing) {
      const reason = step === "removed"
        ? "the kubelet is to fetch the list without its old version"
        : "its old version is ending";
      held.set(key, { state: "Replacing", reason });
    }
    for (const [key, { pod }] of this.#following) {
      if (this.#desired.get(key)?.hash === pod.hash) continue;
      held.set(key, { state: "Replacing", reason: "the version before it is only just starting" });
    }
    for (const [key, { missing }] of this.#waiting) {
      held.set(key, { state: "Waiting", reason: `it comes after ${missing.join(", ")}` });
    }
    return held;
  }

  /** What a restart needs to go on; to be on disk before a list without these pods is served. */
  saved(): readonly SavedReplacement[] {
    return [...this.#replacing].map(([key, { step, startedMs, old }]) => ({
      key,
      step,
      startedMs,
      old,
    }));
  }

  /** Takes in which pods a list holds that is in force now. */
  published(pods: readonly P[], etag: string): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#etag = etag;
    this.#listed = new Map(pods.map((pod) => [formatKey(pod), pod.hash]));
    for (const [key, replacement] of this.#replacing) {
      if (this.#listed.has(key) || replacement.step !== "removed") continue;
      if (replacement.publishedMs === undefined) this.#record(key, "removed", replacement.old.hash);
      this.#replacing.set(key, published(replacement, nowMs));
    }
    for (const [key, following] of this.#following) {
      if (following.publishedMs !== undefined) continue;
      if (this.#listed.get(key) !== following.pod.hash) continue;
      this.#following.set(key, { ...following, publishedMs: nowMs });
    }
    for (const wake of this.#onPublished) wake();
    this.#kick();
  }

  /** Takes in that a kubelet got a list. */
  onFetch(etag: string): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#polls.record(nowMs);
    if (this.#learning.size > 0 && this.#polls.at(nowMs).intervalMs !== undefined) this.#replan();
    if (etag !== this.#etag) return;
    for (const [key, replacement] of this.#replacing) {
      if (this.#listed.has(key) || replacement.step !== "removed") continue;
      this.#replacing.set(key, fetched(replacement, nowMs));
      this.#record(key, "fetched", replacement.old.hash, {
        sinceMs: nowMs - (replacement.publishedMs ?? nowMs),
      });
      void this.#changed();
    }
    this.#kick();
  }

  /**
   * Until when the answer to a kubelet's poll is better held: resolves when
   * each pod that has ended by now is in the list again, or after a short
   * limit. Undefined where nothing is to be waited for.
   */
  hold(): Promise<void> | undefined {
    const { clock } = this.#deps;
    const keys = this.#aboutToBeServed();
    if (keys.length === 0 || this.#stop.signal.aborted) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => {
      const soon = new Set(this.#aboutToBeServed());
      if (!keys.some((key) => soon.has(key))) resolve();
    };
    this.#onPublished.add(check);
    const done = new AbortController();
    const limit = AbortSignal.any([done.signal, this.#stop.signal]);
    // Whatever ends the wait, the poll is answered.
    clock.sleep(HOLD_LIMIT_MS, limit).then(resolve, resolve);
    return promise.finally(() => {
      this.#onPublished.delete(check);
      done.abort();
    });
  }

  /** Ends the loop, every pull and every held answer. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#deps.prePull.close();
    await this.#running;
  }

  get #nodeName(): string {
    return this.#deps.settings().nodeName;
  }

  async #examineChange(
    key: string,
    after: RolloutPod,
    options: ExamineOptions,
  ): Promise<ChangeVerdict> {
    const { clock, prePull } = this.#deps;
    const wishes = readWishes(after.pod);
    const wish = wishes.replace ?? options.replace;
    if (wish === "quick" && (this.#replacing.has(key) || this.#following.has(key))) {
      return { method: "quick" };
    }
    const alive = this.#seen?.some((pod) => pod.alive && isOf(pod, after, this.#nodeName));
    const nowMs = clock.monotonicMs();
    const choice = chooseMethod({ wish, alive, polls: this.#polls.at(nowMs) });
    if (wish === "kubelet" || alive !== true) return choice;
    const images = await prePull.check(neededImages(after.pod), {
      pull: !options.dryRun,
      retry: options.retry,
    });
    if (images.state === "pulling") {
      return { ...choice, gate: { state: "Replacing", reason: images.reason } };
    }
    if (images.state === "failed" && wishes.pull === "required") {
      return { ...choice, gate: { state: "Rejected", reason: images.reason } };
    }
    const unknown = this.#polls.at(nowMs).intervalMs === undefined;
    if (unknown && nowMs - this.#startedMs < LEARN_LIMIT_MS) {
      if (!options.dryRun) this.#learning.add(key);
      const reason = "it is not known yet how often the kubelet polls";
      return { method: "quick", gate: { state: "Replacing", reason } };
    }
    return choice;
  }

  #begin(key: string, previous: P, pod: P, verdict: ChangeVerdict): void {
    const { clock, log } = this.#deps;
    const alive = (this.#seen ?? []).filter((seen) =>
      seen.alive && isOf(seen, pod, this.#nodeName)
    );
    // It runs already: the state was lost, or a change was taken back.
    if (alive.some(({ specHash }) => specHash === pod.hash)) return;
    const uids = alive.map(({ uid }) => uid);
    if (verdict.method === "quick" && uids.length > 0) {
      const old: OldPod = { hash: previous.hash, uids, graceMs: graceOf(previous) };
      this.#replacing.set(key, beginReplacement(old, clock.now()));
      return;
    }
    if (verdict.why !== undefined) {
      log.warn("A pod is replaced in the kubelet's own time", { pod: key, reason: verdict.why });
    }
    if (uids.length > 0) this.#follow(key, pod, "kubelet", uids, undefined);
  }

  #follow(
    key: string,
    pod: P,
    method: ReplaceMethod,
    oldUids: readonly string[],
    endedMs: number | undefined,
  ): void {
    const servedMs = this.#deps.clock.monotonicMs();
    const following = { pod, method, oldUids, endedMs, servedMs, publishedMs: undefined };
    this.#following.set(key, following);
  }

  /** Holds a pod back that comes after others and is not there in any form. */
  #holdFirstStart(key: string, pod: P): void {
    if (this.#waiting.has(key) || this.#replacing.has(key) || this.#listed.has(key)) return;
    const missing = readWishes(pod.pod).after.filter((other) => this.#desired.has(other));
    if (missing.length === 0 || this.#seen === undefined) return;
    if (this.#seen.some((seen) => seen.alive && isOf(seen, pod, this.#nodeName))) return;
    this.#waiting.set(key, { sinceMs: this.#deps.clock.monotonicMs(), missing });
    this.#record(key, "waiting", pod.hash, { reason: `comes after ${missing.join(", ")}` });
  }

  #isAlive(uids: readonly string[]): boolean {
    return this.#seen?.some(({ uid, alive }) => alive && uids.includes(uid)) ?? false;
  }

  /** Pods that have ended and are not in the list that is in force, though wanted there. */
  #aboutToBeServed(): readonly string[] {
    return [...this.#desired.keys()].filter((key) => {
      if (this.#listed.has(key) || this.#waiting.has(key)) return false;
      const replacement = this.#replacing.get(key);
      // One that is not replaced any more is on its way into the list.
      return replacement === undefined ||
        replacement.step === "ending" && replacement.endedMs !== undefined;
    });
  }

  async #look(): Promise<readonly SeenPod[] | undefined> {
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(LOOK_TIMEOUT_MS), this.#stop.signal]);
      return await this.#deps.eyes.pods(signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        this.#deps.log.debug("Cannot see the pods", { error: errorText(error) });
      }
      return undefined;
    }
  }

  #hasWork(): boolean {
    return this.#replacing.size + this.#following.size + this.#waiting.size +
        this.#learning.size > 0;
  }

  #kick(): void {
    this.#wake.abort();
    if (this.#stop.signal.aborted || !this.#hasWork()) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#hasWork()) this.#kick();
    });
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#deps;
    while (this.#hasWork() && !this.#stop.signal.aborted) {
      const wake = new AbortController();
      this.#wake = wake;
      let lookInMs = READY_INTERVAL_MS;
      try {
        lookInMs = await this.#tick();
      } catch (error) {
        log.error("The roll-out stumbled", { error: errorText(error) });
      }
      if (wake.signal.aborted) continue;
      const until = AbortSignal.any([wake.signal, this.#stop.signal]);
      await clock.sleep(lookInMs, until).catch(() => undefined); // woken, or at the end
    }
  }

  /** One look at everything that is under way. @returns when to look again, in milliseconds */
  async #tick(): Promise<number> {
    const ending = [...this.#replacing.values()].some(({ step }) => step === "ending");
    const seen = ending || this.#following.size > 0 ? await this.#look() : undefined;
    const waits = [
      ...await this.#tickReplacements(seen),
      ...this.#tickFollowing(seen),
      ...await this.#tickWaiting(),
      ...this.#tickLearning(),
    ];
    return Math.max(0, Math.min(...waits, LEARN_LIMIT_MS));
  }

  async #tickReplacements(seen: readonly SeenPod[] | undefined): Promise<readonly number[]> {
    const { clock, eyes } = this.#deps;
    if (this.#replacing.size === 0) return [];
    const ending = [...this.#replacing.values()].some(({ step }) => step === "ending");
    const signal = AbortSignal.any([AbortSignal.timeout(LOOK_TIMEOUT_MS), this.#stop.signal]);
    const listed = ending ? await eyes.listed(signal) : undefined;
    const waits: number[] = [];
    for (const key of [...this.#replacing.keys()]) {
      const before = this.#replacing.get(key);
      const sight = before?.step === "ending"
        ? await this.#oldSight(before.old, seen, listed)
        : undefined;
      // A fetch or a plan may have come in between.
      const replacement = this.#replacing.get(key);
      if (replacement === undefined) continue;
      const nowMs = clock.monotonicMs();
      const limitMs = pollLimitMs(this.#polls.at(nowMs));
      const decision = advance(replacement, sight, nowMs, limitMs);
      const last = decision.kind === "wait" ? decision.next : decision.last;
      this.#reportEnd(key, replacement, last);
      if (decision.kind === "wait") {
        this.#replacing.set(key, decision.next);
        waits.push(decision.lookInMs);
      } else {
        this.#serve(key, decision.last, decision.reason);
        waits.push(0);
      }
    }
    return waits;
  }

  #tickFollowing(seen: readonly SeenPod[] | undefined): readonly number[] {
    const nowMs = this.#deps.clock.monotonicMs();
    const waits: number[] = [];
    for (const [key, following] of [...this.#following]) {
      const { pod, oldUids, method } = following;
      const decision = follow(
        following,
        seen === undefined ? undefined : {
          oldRuns: seen.some(({ uid, busy }) => busy && oldUids.includes(uid)),
          newRuns: seen.some((one) =>
            one.specHash === pod.hash && isOf(one, pod, this.#nodeName) &&
            one.running >= containerCount(pod)
          ),
        },
        nowMs,
      );
      const desired = this.#desired.get(key);
      const superseded = desired !== undefined && desired.hash !== pod.hash;
      if (decision.kind === "wait") this.#following.set(key, decision.next);
      if (decision.kind === "running") {
        this.#record(key, "running", pod.hash, {
          method,
          sinceMs: nowMs - following.servedMs,
          ...(decision.downtimeMs === undefined ? {} : { downtimeMs: decision.downtimeMs }),
        });
      }
      const over = decision.kind !== "wait" || superseded && !isSettling(following, nowMs);
      if (over) {
        this.#following.delete(key);
        if (superseded) this.#beginNext(key, pod, desired, seen);
      }
      waits.push(decision.kind === "wait" ? decision.lookInMs : 0);
    }
    return waits;
  }

  /** Begins with a change that waited for the version before it. */
  #beginNext(key: string, before: P, desired: P, seen: readonly SeenPod[] | undefined): void {
    const { clock, settings } = this.#deps;
    this.#seen = seen;
    const wish = readWishes(desired.pod).replace ?? settings().replace;
    const alive = seen?.some((pod) => pod.alive && isOf(pod, desired, this.#nodeName));
    const polls = this.#polls.at(clock.monotonicMs());
    this.#begin(key, before, desired, chooseMethod({ wish, alive, polls }));
    void this.#changed();
  }

  async #tickWaiting(): Promise<readonly number[]> {
    const { clock, log, settings, ready } = this.#deps;
    if (this.#waiting.size === 0) return [];
    const readyKeys = await ready().catch(() => new Set<string>()); // the status says why
    let released = false;
    for (const [key, { sinceMs }] of [...this.#waiting]) {
      const pod = this.#desired.get(key);
      if (pod === undefined) continue;
      const missing = readWishes(pod.pod).after
        .filter((other) => this.#desired.has(other) && !readyKeys.has(other));
      const waitedMs = clock.monotonicMs() - sinceMs;
      const late = missing.length > 0 && waitedMs >= settings().afterTimeoutMs;
      if (missing.length > 0 && !late) {
        const same = this.#waiting.get(key)?.missing.join() === missing.join();
        this.#waiting.set(key, { sinceMs, missing });
        if (!same) void this.#changed();
        continue;
      }
      if (late) {
        log.error("A pod is started although the pods before it are not ready", {
          pod: key,
          missing: missing.join(", "),
          waited: formatDuration(waitedMs),
        });
      }
      this.#waiting.delete(key);
      released = true;
      this.#record(key, "released", pod.hash, {
        sinceMs: waitedMs,
        ...(late ? { reason: `${missing.join(", ")} not ready` } : {}),
      });
    }
    if (released) void this.#changed();
    return [READY_INTERVAL_MS];
  }

  #tickLearning(): readonly number[] {
    if (this.#learning.size === 0) return [];
    const leftMs = this.#startedMs + LEARN_LIMIT_MS - this.#deps.clock.monotonicMs();
    if (leftMs > 0) return [leftMs];
    this.#replan();
    return [];
  }

  async #oldSight(
    { uids }: OldPod,
    seen: readonly SeenPod[] | undefined,
    listed: ReadonlySet<string> | undefined,
  ): Promise<OldSight> {
    const directories = await Promise.all(uids.map((uid) => this.#deps.eyes.directory(uid)));
    const mine = seen?.filter(({ uid }) => uids.includes(uid));
    return {
      running: mine?.some(({ busy }) => busy),
      sandbox: mine?.some(({ sandbox }) => sandbox),
      directory: directories.includes(undefined) ? undefined : directories.includes(true),
      listed: listed === undefined ? undefined : uids.some((uid) => listed.has(uid)),
    };
  }

  #reportEnd(key: string, before: Replacement, after: Replacement): void {
    if (after.step !== "ending" || after.endedMs === undefined) return;
    if (before.step === "ending" && before.endedMs !== undefined) return;
    this.#record(key, "ended", after.old.hash, { sinceMs: after.endedMs - after.fetchedMs });
  }

  #serve(key: string, last: Replacement, reason: ServeReason): void {
    const { log, clock } = this.#deps;
    const pod = this.#desired.get(key);
    this.#replacing.delete(key);
    if (pod === undefined) return;
    const endedMs = last.step === "ending" ? last.endedMs : undefined;
    if (reason !== "done") {
      log.warn(
        "A pod is served again before the kubelet is known to be done with its old version",
        {
          pod: key,
          reason: REASONS[reason],
        },
      );
    }
    this.#record(key, "served", pod.hash, {
      ...(endedMs === undefined ? {} : { sinceMs: clock.monotonicMs() - endedMs }),
      ...(reason === "done" ? {} : { reason: REASONS[reason] }),
    });
    this.#follow(key, pod, "quick", last.old.uids, endedMs);
    void this.#changed();
  }

  #record(
    key: string,
    step: RolloutEvent["step"],
    hash: string,
    more: Partial<Pick<RolloutEvent, "sinceMs" | "downtimeMs" | "reason" | "method">> = {},
  ): void {
    const [namespace = "", name = ""] = key.split("/");
    const event: RolloutEvent = { namespace, name, step, hash, method: "quick", ...more };
    const { sinceMs, downtimeMs, reason, method } = event;
    this.#deps.log.info(`Roll-out: ${step}`, {
      pod: key,
      method,
      hash,
      durationMs: sinceMs === undefined ? undefined : Math.round(sinceMs),
      downtimeMs: downtimeMs === undefined ? undefined : Math.round(downtimeMs),
      reason,
    });
    this.#deps.record(event);
  }

  async #changed(): Promise<void> {
    try {
      await this.#deps.changed();
    } catch (error) {
      this.#deps.log.error("Cannot publish what the roll-out asks for", {
        error: errorText(error),
      });
    }
  }

  #replan(): void {
    this.#learning.clear();
    this.#deps.replan().catch((error: unknown) =>
      this.#deps.log.error("Cannot plan again", { error: errorText(error) })
    );
  }
}

const REASONS: Readonly<Record<Exclude<ServeReason, "done">, string>> = {
  "not-fetched": "no kubelet fetched the list without it",
  "not-ending": "its old version does not end",
  "no-sign": "nothing shows that the kubelet is done",
};

function byKey<P extends RolloutPod>(pods: readonly P[]): ReadonlyMap<string, P> {
  return new Map(pods.map((pod) => [formatKey(pod), pod]));
}

/**
 * How long the old version may take to end, in milliseconds.
 *
 * Source: kubelet pkg/kubelet/kuberuntime, `minimumGracePeriodInSeconds` is 2; 30 s is the default.
 */
function graceOf({ pod }: RolloutPod): number {
  const spec = getOwn(pod, "spec");
  const seconds = isJsonObject(spec) ? getOwn(spec, "terminationGracePeriodSeconds") : undefined;
  return Math.max(2, typeof seconds === "number" ? seconds : 30) * 1000;
}

function containerCount({ pod }: RolloutPod): number {
  const spec = getOwn(pod, "spec");
  const containers = isJsonObject(spec) ? getOwn(spec, "containers") : undefined;
  return Math.max(1, Array.isArray(containers) ? containers.length : 0);
}
