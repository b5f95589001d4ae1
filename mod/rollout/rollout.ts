/** Brings changed pods to their next version in two steps, and new ones up in the order they ask for. */
import { errorText } from "../core/mod.ts";
import { formatKey } from "../pods/mod.ts";
import { RolloutBook } from "./book.ts";
import type { RolloutDeps } from "./deps.ts";
import { examineChange, type ExamineOptions, LEARN_LIMIT_MS } from "./examine.ts";
import { FirstStarts } from "./first_starts.ts";
import { follow, type Following, isSettling } from "./following.ts";
import { chooseMethod, pollLimitMs } from "./method.ts";
import { containerCount, graceOf } from "./pod_facts.ts";
import { PollHold } from "./poll_hold.ts";
import { PollRate } from "./poll_rate.ts";
import { advance, beginReplacement, fetched, published, type Replacement } from "./replacement.ts";
import { isToResume, type SavedReplacement } from "./saved.ts";
import { isOf, lookAtOld, type SeenPod } from "./sight.ts";
import type { ChangeVerdict, HeldBack, PlannedChange, RolloutPod } from "./types.ts";
import { readWishes } from "./wishes.ts";

/** How long one look at the runtime may take, in milliseconds: reloads wait for it. */
const LOOK_TIMEOUT_MS = 1_000;

/** How long a start waits for a runtime that does not answer yet, in milliseconds. */
const RESUME_LIMIT_MS = 5_000;

/** How long a stopping agent waits for replacements, and again for the last fetch, in milliseconds. */
const DRAIN_LIMIT_MS = 5_000;

/** How often pods that others wait for are looked at, in milliseconds. */
const READY_INTERVAL_MS = 500;

/**
 * Decides which version of each desired pod the list holds right now.
 *
 * `planned`, `select`, `heldBack` and `saved` never wait and agree with each
 * other at any moment; what happens on the node is taken in by one loop that
 * runs only while something is under way.
 */
export class QuickRollout<P extends RolloutPod> {
  readonly #deps: RolloutDeps;
  readonly #book: RolloutBook;
  readonly #hold: PollHold;
  readonly #polls = new PollRate();
  readonly #startedMs: number;
  readonly #stop = new AbortController();
  readonly #replacing = new Map<string, Replacement>();
  readonly #following = new Map<string, Following<P>>();
  readonly #waiting = new FirstStarts();
  /** Changed pods that wait until the kubelet's polls are known. */
  readonly #learning = new Set<string>();
  #desired: ReadonlyMap<string, P> = new Map();
  #verdicts: ReadonlyMap<string, ChangeVerdict> = new Map();
  /** What the runtime had at the last look; undefined where it did not answer. */
  #seen: readonly SeenPod[] | undefined;
  #etag: string | undefined;
  /** Of the list that the kubelet got last. */
  #fetchedEtag: string | undefined;
  /** The hashes of the pods in the list that is in force, by key. */
  #listed: ReadonlyMap<string, string> = new Map();
  #wake = new AbortController();
  #running: Promise<void> | undefined;
  #asking: Promise<void> | undefined;

  constructor(deps: RolloutDeps) {
    this.#deps = deps;
    this.#book = new RolloutBook(deps);
    this.#startedMs = deps.clock.monotonicMs();
    this.#hold = new PollHold(deps.clock, () => this.#aboutToBeServed(), this.#stop.signal);
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
      const alive = this.#seen?.some((pod) => pod.alive && one.old.uids.includes(pod.uid)) ?? false;
      const ending = one.step === "ending" || !alive;
      this.#replacing.set(one.key, ending ? fetched(removed, clock.monotonicMs()) : removed);
    }
    for (const pod of ordered) this.#holdFirstStart(formatKey(pod), pod);
  }

  /** Looks at the node for changes that are planned; `planned` then goes by what was seen. */
  async examine(
    changes: readonly PlannedChange[],
    options: ExamineOptions,
  ): Promise<ReadonlyMap<string, ChangeVerdict>> {
    const verdicts = new Map<string, ChangeVerdict>();
    const learning = new Set<string>();
    const matters = changes.some(({ before, after }) =>
      before !== undefined || readWishes(after.pod).after.length > 0
    );
    if (matters) this.#seen = await this.#look();
    const nowMs = this.#deps.clock.monotonicMs();
    await Promise.all(changes.map(async ({ before, after }) => {
      if (before === undefined) return;
      const key = formatKey(after);
      const underWay = this.#replacing.has(key) || this.#following.has(key);
      if (underWay && (readWishes(after.pod).replace ?? options.replace) === "quick") {
        verdicts.set(key, { method: "quick" });
        return;
      }
      const facts = {
        alive: this.#isAlive(after),
        polls: this.#polls.at(nowMs),
        lookingMs: nowMs - this.#startedMs,
      };
      const examined = await examineChange(after, facts, options, this.#deps.prePull);
      verdicts.set(key, examined.verdict);
      if (examined.learning) learning.add(key);
    }));
    if (options.dryRun) return verdicts;
    this.#verdicts = verdicts;
    this.#learning.clear();
    for (const key of learning) this.#learning.add(key);
    this.#kick();
    return verdicts;
  }

  /** Takes the desired pods of a new plan in, before they are saved and the list is rendered. */
  planned(before: readonly P[], desired: readonly P[]): void {
    const old = byKey(before);
    this.#desired = byKey(desired);
    for (const states of [this.#replacing, this.#following]) {
      for (const key of states.keys()) if (!this.#desired.has(key)) states.delete(key);
    }
    this.#waiting.keep(this.#desired);
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
    for (const [key, missing] of this.#waiting.missing()) {
      held.set(key, { state: "Waiting", reason: `it comes after ${missing.join(", ")}` });
    }
    return held;
  }

  /** What a restart needs to go on; to be on disk before a list without these pods is served. */
  saved(): readonly SavedReplacement[] {
    return [...this.#replacing]
      .map(([key, { step, startedMs, old }]) => ({ key, step, startedMs, old }));
  }

  /** Takes in which pods a list holds that is in force now. */
  published(pods: readonly P[], etag: string): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#etag = etag;
    this.#listed = new Map(pods.map((pod) => [formatKey(pod), pod.hash]));
    for (const [key, replacement] of this.#replacing) {
      if (this.#listed.has(key) || replacement.step !== "removed") continue;
      if (replacement.publishedMs === undefined) {
        this.#book.step(key, "removed", replacement.old.hash);
      }
      this.#replacing.set(key, published(replacement, nowMs));
    }
    this.#hold.check();
    this.#kick();
  }

  /** Takes in that a kubelet got a list. */
  onFetch(etag: string): void {
    const nowMs = this.#deps.clock.monotonicMs();
    this.#polls.record(nowMs);
    if (this.#learning.size > 0 && this.#polls.at(nowMs).intervalMs !== undefined) this.#replan();
    this.#fetchedEtag = etag;
    if (etag !== this.#etag) return;
    let changed = false;
    for (const [key, replacement] of this.#replacing) {
      if (this.#listed.has(key) || replacement.step !== "removed") continue;
      this.#replacing.set(key, fetched(replacement, nowMs));
      this.#book.step(key, "fetched", replacement.old.hash, {
        sinceMs: nowMs - (replacement.publishedMs ?? nowMs),
      });
      changed = true;
    }
    if (changed) void this.#changed();
    this.#kick();
  }

  /**
   * Until when the answer to a kubelet's poll is better held: resolves when
   * each pod that has ended by now is in the list again, or after a short
   * limit. Undefined where nothing is to be waited for.
   */
  hold(): Promise<void> | undefined {
    return this.#hold.wait();
  }

  /**
   * Brings what has begun to an end that lasts, before the agent stops: without
   * an agent, a pod that has left the list would stay away. Takes some seconds
   * at most; where the old version takes longer to end, the new one is left to
   * the kubelet's own time.
   */
  async drain(): Promise<void> {
    const { clock, log } = this.#deps;
    // What is served is in the list only when that has been published.
    const listed = () => this.#replacing.size === 0 && this.#aboutToBeServed().length === 0;
    const fetched = () => listed() && this.#fetchedEtag === this.#etag;
    if (listed() && (this.#following.size === 0 || fetched())) return;
    log.info("Finishing replacements before stopping", { pods: [...this.#replacing.keys()] });
    const { intervalMs = Infinity } = this.#polls.at(clock.monotonicMs());
    if (2 * intervalMs > DRAIN_LIMIT_MS) {
      // No kubelet will hear of these in time: it keeps the old version, or gets the new one.
      for (const [key, { step }] of this.#replacing) {
        if (step === "removed") this.#replacing.delete(key);
      }
      await this.#changed();
    }
    await this.#until(listed, DRAIN_LIMIT_MS);
    if (this.#replacing.size > 0) {
      this.#replacing.clear();
      await this.#changed();
    }
    await this.#until(fetched, DRAIN_LIMIT_MS);
  }

  async #until(done: () => boolean, limitMs: number): Promise<void> {
    const { clock } = this.#deps;
    const endMs = clock.monotonicMs() + limitMs;
    while (!done() && clock.monotonicMs() < endMs) await clock.sleep(50);
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

  #isAlive(pod: RolloutPod): boolean | undefined {
    return this.#seen?.some((seen) => seen.alive && isOf(seen, pod, this.#nodeName));
  }

  #begin(key: string, previous: P, pod: P, { method, why }: ChangeVerdict): void {
    const { clock, log } = this.#deps;
    const alive = (this.#seen ?? []).filter((seen) =>
      seen.alive && isOf(seen, pod, this.#nodeName)
    );
    // It runs already: the state was lost, or a change was taken back.
    if (alive.some(({ specHash }) => specHash === pod.hash)) return;
    const uids = alive.map(({ uid }) => uid);
    if (method === "quick" && uids.length > 0) {
      const old = { hash: previous.hash, uids, graceMs: graceOf(previous) };
      this.#replacing.set(key, beginReplacement(old, clock.now()));
      return;
    }
    if (why !== undefined) {
      log.warn("A pod is replaced in the kubelet's own time", { pod: key, reason: why });
    }
    if (uids.length === 0) return;
    const servedMs = clock.monotonicMs();
    this.#following.set(key, {
      pod,
      method: "kubelet",
      oldUids: uids,
      servedMs,
      endedMs: undefined,
    });
  }

  /** Holds a pod back that comes after others and is not there in any form. */
  #holdFirstStart(key: string, pod: P): void {
    if (this.#waiting.has(key) || this.#replacing.has(key) || this.#listed.has(key)) return;
    // In doubt it is started: a pod that runs must not leave the list.
    if (this.#isAlive(pod) !== false) return;
    const missing = this.#waiting.add(key, pod, this.#desired, this.#deps.clock.monotonicMs());
    if (missing.length === 0) return;
    this.#book.step(key, "waiting", pod.hash, { reason: `comes after ${missing.join(", ")}` });
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
      this.#deps.log.debug("Cannot see the pods", { error: errorText(error) });
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
      this.#kick();
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
      ...await this.#tickReplacements(seen, ending),
      ...this.#tickFollowing(seen),
      ...this.#tickWaiting(),
      ...this.#tickLearning(),
    ];
    return Math.max(0, Math.min(...waits, LEARN_LIMIT_MS));
  }

  async #tickReplacements(
    seen: readonly SeenPod[] | undefined,
    ending: boolean,
  ): Promise<readonly number[]> {
    const { clock, eyes } = this.#deps;
    const signal = AbortSignal.any([AbortSignal.timeout(LOOK_TIMEOUT_MS), this.#stop.signal]);
    const listed = ending ? await eyes.listed(signal) : undefined;
    const waits: number[] = [];
    for (const key of [...this.#replacing.keys()]) {
      const old = this.#replacing.get(key);
      const sight = ending && old?.step === "ending"
        ? await lookAtOld(old.old.uids, seen, listed, eyes)
        : undefined;
      // A fetch or a plan may have come in between.
      const replacement = this.#replacing.get(key);
      if (replacement === undefined) continue;
      const nowMs = clock.monotonicMs();
      const decision = advance(replacement, sight, nowMs, pollLimitMs(this.#polls.at(nowMs)));
      if (decision.kind === "wait") {
        this.#book.looked(key, replacement, decision.next);
        this.#replacing.set(key, decision.next);
        waits.push(decision.lookInMs);
        continue;
      }
      const { last, reason } = decision;
      this.#book.looked(key, replacement, last);
      this.#replacing.delete(key);
      const pod = this.#desired.get(key);
      if (pod === undefined) continue;
      this.#book.served(key, pod.hash, last, reason);
      this.#following.set(key, {
        pod,
        method: "quick",
        oldUids: last.old.uids,
        servedMs: nowMs,
        endedMs: last.step === "ending" ? last.endedMs : undefined,
      });
      waits.push(0);
      void this.#changed();
    }
    return waits;
  }

  #tickFollowing(seen: readonly SeenPod[] | undefined): readonly number[] {
    const nowMs = this.#deps.clock.monotonicMs();
    const waits: number[] = [];
    for (const [key, following] of [...this.#following]) {
      const { pod, oldUids, method, servedMs } = following;
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
      if (decision.kind === "wait") {
        this.#following.set(key, decision.next);
        waits.push(decision.lookInMs);
      } else if (decision.kind === "running") {
        const { downtimeMs } = decision;
        const down = downtimeMs === undefined ? {} : { downtimeMs };
        this.#book.step(key, "running", pod.hash, { method, sinceMs: nowMs - servedMs, ...down });
      }
      const desired = this.#desired.get(key);
      const superseded = desired !== undefined && desired.hash !== pod.hash;
      if (decision.kind === "wait" && !(superseded && !isSettling(following, nowMs))) continue;
      this.#following.delete(key);
      waits.push(0);
      if (superseded) this.#beginNext(key, pod, desired, seen);
    }
    return waits;
  }

  /** Begins with a change that waited for the version before it. */
  #beginNext(key: string, before: P, desired: P, seen: readonly SeenPod[] | undefined): void {
    const { clock, settings } = this.#deps;
    this.#seen = seen;
    const wish = readWishes(desired.pod).replace ?? settings().replace;
    const polls = this.#polls.at(clock.monotonicMs());
    const choice = chooseMethod({ wish, alive: this.#isAlive(desired), polls });
    this.#begin(key, before, desired, choice);
    void this.#changed();
  }

  /** Asks beside the loop: a kubelet that does not answer must hold up no replacement. */
  #tickWaiting(): readonly number[] {
    if (this.#waiting.size === 0) return [];
    this.#asking ??= this.#askReady().finally(() => this.#asking = undefined);
    return [READY_INTERVAL_MS];
  }

  async #askReady(): Promise<void> {
    const { clock, settings, ready } = this.#deps;
    const readyKeys = await ready().catch(() => new Set<string>()); // the status says why
    const { releases, changed } = this.#waiting.take(
      readyKeys,
      this.#desired,
      clock.monotonicMs(),
      settings().afterTimeoutMs,
    );
    for (const release of releases) {
      this.#book.released(release, this.#desired.get(release.key)?.hash ?? "");
    }
    if (changed) await this.#changed();
  }

  #tickLearning(): readonly number[] {
    if (this.#learning.size === 0) return [];
    const leftMs = this.#startedMs + LEARN_LIMIT_MS - this.#deps.clock.monotonicMs();
    if (leftMs > 0) return [leftMs];
    this.#replan();
    return [];
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

function byKey<P extends RolloutPod>(pods: readonly P[]): ReadonlyMap<string, P> {
  return new Map(pods.map((pod) => [formatKey(pod), pod]));
}
