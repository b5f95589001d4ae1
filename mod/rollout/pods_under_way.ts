/** Keeps the phase of each pod, and with it what the list holds. */
import { declaredUid, type Incarnation } from "../identity/mod.ts";
import { formatKey } from "../pods/mod.ts";
import type { RolloutBook } from "./book.ts";
import { type Choreography, isInControlPlane } from "./choreography.ts";
import { CurrentList } from "./current_list.ts";
import type { RolloutDeps } from "./deps.ts";
import { awaitOthers, beginFirstStart } from "./first_start.ts";
import {
  beginFollowing,
  follow,
  followedFetched,
  type Following,
  isSettling,
  lookAtBoth,
} from "./following.ts";
import { Identities, markMap } from "./sight/identities.ts";
import { isChangingInPlace, mustLeaveFirst, whyNotInPlace } from "./in_place.ts";
import { chooseMethod, pollLimitMs } from "./method.ts";
import type { OldPod, OldSight } from "./old_pod.ts";
import {
  beginChange,
  type Change,
  heldBackBy,
  isAboutToBeServed,
  isMoot,
  isReplacing,
  type Phase,
  versionInList,
} from "./phase.ts";
import type { PollSight } from "./polls/poll_rate.ts";
import { advance, fetched, published, type Replacement } from "./replacement.ts";
import { graceOf } from "./sight/pod_facts.ts";
import { resumeReplacement, type SavedReplacement, type SavedRollout } from "./saved.ts";
import { aliveVersions, type SeenPod } from "./sight/runtime_probe.ts";
import { Turns } from "./turns.ts";
import type { ChangeVerdict, HeldBack, RolloutPod } from "./types.ts";
import { readRolloutAnnotations } from "./annotations.ts";

/** What was found out for a plan before it was made. */
export interface Examined {
  /** What the runtime has; undefined if it did not answer. */
  readonly seen: readonly SeenPod[] | undefined;
  /** By key. */
  readonly verdicts: ReadonlyMap<string, ChangeVerdict>;
  /** What the order of a control plane adds. */
  readonly choreography: Choreography;
}

/** What came of a look at a pod. */
export interface Looked {
  /** When to look at it again, in milliseconds. */
  readonly lookInMs: number;
  /** Whether the list should change now. */
  readonly changed: boolean;
}

/** The order in which phases are reported. */
const ORDER: Readonly<Record<Phase<RolloutPod>["step"], number>> = {
  removed: 0,
  ending: 0,
  following: 1,
  waiting: 2,
};

/**
 * The one place where a pod changes its phase; `phase.ts` says which there are
 * and what holds of them. Nothing here waits or looks at the node: each method
 * takes in what its caller has seen, and leaves everything consistent.
 */
export class PodsUnderWay<P extends RolloutPod> {
  readonly #deps: Pick<RolloutDeps, "clock" | "log" | "settings">;
  readonly #book: RolloutBook;
  readonly #identities = new Identities();
  readonly #phases = new Map<string, Phase<P>>();
  #desired: ReadonlyMap<string, P> = new Map();
  readonly #turns = new Turns();
  readonly #list = new CurrentList();

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

  /** Continues after a restart. */
  resume(
    { replacing, incarnations }: SavedRollout,
    desired: readonly P[],
    seen: readonly SeenPod[] | undefined,
  ): void {
    const { clock, log } = this.#deps;
    this.#desired = byKey(desired);
    this.#identities.restore(incarnations, this.#desired);
    const rooms = new Map<string, readonly string[]>();
    for (const one of replacing) {
      const { key, step } = one;
      const pod = this.#desired.get(key);
      const wanted = pod && { ...pod, uid: this.#identities.uidOf(pod) };
      const resumed = resumeReplacement(one, wanted, seen, this.#nodeName, clock);
      const message = resumed === undefined
        ? "A replacement was cut short"
        : "Continuing a replacement";
      log.info(message, { pod: key, step });
      if (resumed === undefined) continue;
      this.#enter(key, resumed);
      if (one.room !== undefined) rooms.set(key, one.room);
    }
    this.#turns.resumed(rooms, clock.monotonicMs());
    this.adopt(seen);
    for (const [key, pod] of this.#desired) {
      if (!this.#phases.has(key)) {
        this.#leaveFirst(pod, undefined, this.#alive(pod, seen));
      }
      this.#followInPlace(key, pod, seen);
      this.#holdFirstStart(key, pod, seen);
    }
  }

  /**
   * Gives pods the UIDs under which the runtime shows them: those that an older
   * podstead served without one, and served so again since.
   *
   * @returns whether the list should change because of it
   */
  adopt(seen: readonly SeenPod[] | undefined): boolean {
    if (seen === undefined) return false;
    let changed = false;
    for (const [key, pod] of this.#desired) {
      if (this.#phases.has(key)) continue;
      const known = this.#identities.of(pod) !== undefined;
      const alive = this.#alive(pod, seen);
      // A known UID gives way only to a pod that began with this very version.
      if (known && alive.some(({ specHash }) => specHash !== pod.hash)) continue;
      changed = this.#identities.adopt(pod, alive) || changed;
    }
    return changed;
  }

  /** The incarnation under which a version is served; undefined while the kubelet makes up its UID. */
  incarnationOf(pod: RolloutPod): Incarnation | undefined {
    return this.#identities.of(pod);
  }

  /** Whether no pod is desired: podstead has just been set up, or its state was lost. */
  get isEmpty(): boolean {
    return this.#desired.size === 0;
  }

  /** Whether some pod is served without a UID. */
  get isAnonymous(): boolean {
    return [...this.#desired.values()].some((pod) => this.#identities.of(pod) === undefined);
  }

  /**
   * Takes over the desired pods of a new plan.
   *
   * @returns undoes that, to be called before a list that follows from it is served: each
   * pod is then as it was
   */
  planned(before: readonly P[], desired: readonly P[], examined: Examined): () => void {
    const then = this.#desired;
    const { verdicts, choreography } = examined;
    const gated = new Set([...verdicts].flatMap(([key, { gate }]) => gate ? [key] : []));
    const marks = [markMap(this.#phases), this.#identities.mark()];
    const undoOrder = this.#turns.planned(choreography, gated);
    this.#plan(before, desired, examined);
    const undo = marks.map((since) => since());
    return () => {
      this.#desired = then;
      undoOrder();
      for (const one of undo) one();
    };
  }

  #plan(before: readonly P[], desired: readonly P[], examined: Examined): void {
    const { seen, verdicts, choreography } = examined;
    const old = byKey(before);
    this.#desired = byKey(desired);
    for (const key of this.#phases.keys()) if (!this.#desired.has(key)) this.#phases.delete(key);
    const forgotten = this.#identities.isEmpty;
    this.#identities.keepOnly(this.#desired);
    for (const [key, pod] of this.#desired) {
      const phase = this.#phases.get(key);
      const previous = old.get(key);
      if (phase !== undefined) {
        this.#plannedAgain(key, pod, phase);
      } else if (previous === undefined) {
        this.#recognize(pod, seen, forgotten);
        this.#holdFirstStart(key, pod, seen);
      } else if (previous.hash !== pod.hash) {
        this.#begin(key, previous, pod, verdicts.get(key) ?? { method: "kubelet" }, seen);
      } else if (choreography.out.has(key)) {
        this.#begin(key, pod, pod, { method: "quick" }, seen);
      }
    }
  }

  /**
   * Begins a desired pod again, in the same version: as another pod.
   *
   * @returns false, and changes nothing, while it is changing already
   */
  renew(key: string, verdict: ChangeVerdict, seen: readonly SeenPod[]): boolean {
    const pod = this.#desired.get(key);
    if (pod === undefined || this.#phases.has(key)) return false;
    this.#begin(key, pod, pod, verdict, seen);
    return true;
  }

  /** A desired pod by its key. */
  desired(key: string): P | undefined {
    return this.#desired.get(key);
  }

  /** Pods of a control plane whose new version runs, and has not been seen ready yet. */
  settling(): ReadonlySet<string> {
    return this.#turns.settling(this.#deps.clock.monotonicMs());
  }

  /** The pods that leave the list for others, each with these. */
  get rooms(): ReadonlyMap<string, readonly string[]> {
    return this.#turns.rooms;
  }

  /** Whether a pod is out of the way of another one, or is about to be. */
  get makesRoom(): boolean {
    return [...this.#phases].some(([key, phase]) =>
      isReplacing(phase)
        ? this.#turns.madeRoomFor(key) !== undefined
        : phase.step === "waiting" && phase.madeRoom !== undefined
    );
  }

  /** Whether another pod is out of the way of this one, or is about to be. */
  hasRoom(other: string): boolean {
    return [...this.#phases].some(([key, phase]) =>
      isReplacing(phase)
        ? this.#turns.madeRoomFor(key)?.includes(other) === true
        : phase.step === "waiting" && phase.madeRoom?.for.includes(other) === true
    );
  }

  /** Whether a change waits for its turn. */
  get hasTurns(): boolean {
    return this.#turns.hasTurns;
  }

  /** Whether it is some change's turn now. A further plan says whose turn is next. */
  takeTurn(): boolean {
    return this.#turns.take(this.#phases, this.#deps.clock.monotonicMs());
  }

  /** Whether the runtime shows a desired pod alive. */
  isAlive(key: string, seen: readonly SeenPod[] | undefined): boolean {
    const pod = this.#desired.get(key);
    return pod !== undefined && this.#alive(pod, seen).length > 0;
  }

  /** The pods of the list now, of those that are desired, with their UIDs. */
  select(desired: readonly P[]): readonly P[] {
    return desired.flatMap((pod) => {
      const phase = this.#phases.get(formatKey(pod));
      const listed = versionInList(phase, pod, this.#identities.of(pod));
      return listed === undefined ? [] : withUid(listed.pod, listed.incarnation?.uid);
    });
  }

  /** The desired pods as they will be listed in the end; one whose UID is not known yet has some UID. */
  complete(desired: readonly P[]): readonly P[] {
    return desired.map((pod) => withUid(pod, this.#identities.uidOf(pod) ?? ANY_UID));
  }

  /** Notes which pods the list holds from now on. */
  published(pods: readonly P[], etag: string): void {
    const nowMs = this.#deps.clock.monotonicMs();
    const listed = new Map(pods.map((pod) => {
      const phase = this.#phases.get(formatKey(pod));
      const incarnation = phase?.step === "following" && phase.pod.hash === pod.hash
        ? phase.incarnation
        : this.#identities.of(pod);
      return [formatKey(pod), { hash: pod.hash, incarnation }] as const;
    }));
    this.#list.published(listed, etag);
    for (const [key, phase] of this.#phases) {
      if (phase.step !== "removed" || this.#list.has(key)) continue;
      if (phase.publishedMs === undefined) this.#book.step(key, "removed", phase.old.hash);
      this.#phases.set(key, published(phase, nowMs));
    }
  }

  /** Notes that a kubelet got a list. @returns whether a pod is in another phase because of it */
  fetched(etag: string, nowMs: number): boolean {
    this.#list.fetched(etag);
    if (!this.isFetched) return false;
    let changed = false;
    for (const [key, phase] of this.#phases) {
      if (phase.step === "following" && this.#list.get(key)?.hash === phase.pod.hash) {
        this.#phases.set(key, followedFetched(phase, nowMs));
      }
      if (phase.step !== "removed" || this.#list.has(key)) continue;
      this.#phases.set(key, fetched(phase, nowMs));
      const sinceMs = nowMs - (phase.publishedMs ?? nowMs);
      this.#book.step(key, "fetched", phase.old.hash, { sinceMs });
      changed = true;
    }
    return changed;
  }

  /** Goes by what is seen of an old version; undefined if there was no look, or need be none. */
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
    // It counts as down from when it was asked to end: it may refuse requests from then on.
    const endedMs = last.step === "ending" && last.endedMs !== undefined
      ? last.fetchedMs
      : undefined;
    const others = this.#turns.madeRoomFor(key);
    if (others !== undefined && endedMs !== undefined) {
      const madeRoom = { for: others, old: last.old, startedMs: last.startedMs, endedMs };
      this.#enter(key, { step: "waiting", sinceMs: nowMs, missing: others, madeRoom });
      this.#book.step(key, "waiting", pod.hash, { reason: `${others.join(", ")} changes first` });
      return { lookInMs: 0, changed: false };
    }
    // One that does not leave makes no room; what the others do is their own matter.
    if (others !== undefined) this.#turns.makesNoRoom(key);
    this.#book.served(key, pod.hash, last, reason);
    const incarnation = this.#identities.of(pod);
    const start = { incarnation, oldUids: last.old.uids, nowMs, endedMs };
    this.#enter(key, beginFollowing(pod, "quick", start));
    return { lookInMs: 0, changed: true };
  }

  /** Goes by what is seen of a version that was served; a further change begins once it may. */
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
    const sinceMs = nowMs - servedMs;
    if (decision.kind === "running") {
      const { downtimeMs } = decision;
      const down = downtimeMs === undefined ? {} : { downtimeMs };
      this.#book.step(key, "running", pod.hash, { method, sinceMs, ...down });
    }
    if (decision.kind === "stuck") {
      this.#book.step(key, "fallen-back", pod.hash, { method, sinceMs });
    }
    this.#phases.delete(key);
    if (isInControlPlane(key)) this.#turns.runs(key, nowMs);
    if (superseded || decision.kind === "stuck") {
      this.#beginLate(key, phase, desired, decision.kind === "stuck", seen, polls);
    }
    return { lookInMs: 0, changed: superseded || decision.kind === "stuck" };
  }

  /** Notes which pods are ready, by key. @returns whether other pods are waited for now */
  lookedAtReady(seenReady: ReadonlySet<string>): boolean {
    const { clock, settings } = this.#deps;
    // What is about to change, or has only just begun to, is not what others wait for.
    const nowMs = clock.monotonicMs();
    const ready = new Set(
      [...seenReady].filter((key) =>
        !this.#turns.isGated(key, nowMs) && !isReplacing(this.#phases.get(key)) &&
        this.#phases.get(key)?.step !== "following"
      ),
    );
    for (const key of ready) this.#turns.isReady(key);
    const { afterTimeoutMs } = settings();
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
        if (phase.madeRoom === undefined) continue;
        const { old, endedMs } = phase.madeRoom;
        const start = { incarnation: this.#identities.of(pod), oldUids: old.uids, nowMs, endedMs };
        this.#enter(key, beginFollowing(pod, "quick", start));
      }
    }
    return changed;
  }

  /** Lets no pod make room any longer. @returns whether the list should change because of it */
  bringBack(): boolean {
    this.#turns.clear();
    const out = [...this.#phases].filter(([, phase]) =>
      phase.step === "waiting" && phase.madeRoom !== undefined
    );
    for (const [key] of out) this.#phases.delete(key);
    return out.length > 0;
  }

  /** Leaves these pods to the kubelet's own time: they are in the list again, if they may be. */
  giveUp(...steps: readonly Replacement["step"][]): void {
    for (const key of this.in(...steps)) {
      const phase = this.#phases.get(key);
      if (!(isReplacing(phase) && phase.old.mustLeave === true)) this.#phases.delete(key);
    }
  }

  /** Whether the kubelet got the current list. */
  get isFetched(): boolean {
    return this.#list.isFetched;
  }

  /** Pods that have ended and are not in the current list, though they should be. */
  aboutToBeServed(): readonly string[] {
    return [...this.#desired.keys()]
      .filter((key) => !this.#list.has(key) && isAboutToBeServed(this.#phases.get(key)));
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

  /** What a restart needs to continue. */
  saved(): SavedRollout {
    const replacing = [...this.#phases].flatMap(([key, phase]): readonly SavedReplacement[] => {
      if (isReplacing(phase)) {
        const room = this.#turns.madeRoomFor(key);
        const one = { key, step: phase.step, startedMs: phase.startedMs, old: phase.old };
        return [room === undefined ? one : { ...one, room }];
      }
      // A restart finds it ended, and waits with it.
      if (phase.step === "waiting" && phase.madeRoom !== undefined) {
        const { for: room, old, startedMs } = phase.madeRoom;
        return [{ key, step: "ending", startedMs, old, room }];
      }
      const desired = this.#desired.get(key);
      if (phase.step !== "following" || desired === undefined || phase.pod.hash === desired.hash) {
        return [];
      }
      // A change that waits: should it be cut short, its UID must not be served at once.
      if (!mustLeaveFirst(desired, phase.incarnation, [])) return [];
      const { hash } = phase.pod;
      const uids = [phase.incarnation?.uid ?? "", ...phase.oldUids];
      const old: OldPod = { hash, uids, graceMs: graceOf(phase.pod), mustLeave: true };
      return [{ key, step: "removed", startedMs: this.#deps.clock.now(), old }];
    });
    return { replacing, incarnations: this.#identities.saved() };
  }

  get #nodeName(): string {
    return this.#deps.settings().nodeName;
  }

  /** The versions of a pod that the runtime shows alive. */
  #alive(pod: RolloutPod, seen: readonly SeenPod[] | undefined): readonly SeenPod[] {
    // Asked of each pod of a plan, most of which are new to a node that has none yet.
    return seen === undefined || seen.length === 0 ? [] : aliveVersions(seen, pod, this.#nodeName);
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
    const { clock, settings } = this.#deps;
    const alive = this.#alive(pod, seen);
    if (this.#identities.of(previous) === undefined) this.#identities.adopt(previous, alive);
    const before = this.#identities.of(previous);
    // It runs already: the state was lost, or a change was taken back.
    if (alive.some((one) => one.uid !== before?.uid && one.specHash === pod.hash)) {
      if (!this.#identities.adopt(pod, alive)) this.#identities.set(key, undefined);
      return;
    }
    const [running] = alive;
    const continued = method === "in-place" && running !== undefined
      ? this.#identities.continue(previous, pod, settings().kubeletMinor, running, clock.now())
      : undefined;
    const incarnation = continued ?? this.#identities.begin(pod, before, seen);
    const way = method === "in-place" && continued === undefined ? "quick" : method;
    const mustLeave = continued === undefined && mustLeaveFirst(pod, before, alive);
    const change = { previous, pod, method: way, before, incarnation, alive, mustLeave };
    const phase = beginChange(change, clock);
    if (phase !== undefined) this.#enter(key, phase);
    if (why === undefined || phase?.step === "removed") return;
    this.#deps.log.warn("A pod is replaced in the kubelet's own time", { pod: key, reason: why });
  }

  /** Begins a change that waited for the version before it, or that did not come up in place. */
  #beginLate(
    key: string,
    { pod, method, incarnation }: Following<P>,
    desired: P,
    stuck: boolean,
    seen: readonly SeenPod[] | undefined,
    polls: PollSight,
  ): void {
    const { clock, settings } = this.#deps;
    const { kubeletMinor: minor, replace, staleMirrors } = settings();
    this.#identities.set(key, incarnation);
    const alive = seen && this.#alive(desired, seen);
    const nowMs = clock.now();
    const facts = { before: pod, after: desired, incarnation, minor, staleMirrors, nowMs };
    const notInPlace = stuck || method === "kubelet"
      ? "the version before it has not come up"
      : whyNotInPlace({ ...facts, alive: alive ?? [] });
    const wish = readRolloutAnnotations(desired.pod).replace ?? replace;
    const isAlive = alive && alive.length > 0;
    const verdict = chooseMethod({ wish, notInPlace, alive: isAlive, polls });
    this.#begin(key, pod, desired, verdict, seen);
  }

  /** Applies a further plan to a pod that is changing. */
  #plannedAgain(key: string, pod: P, phase: Phase<P>): void {
    const listed = this.#list.get(key);
    if (isMoot(phase, pod, listed?.hash)) {
      this.#phases.delete(key);
      const before = phase.step === "removed" ? phase.old.incarnation : listed?.incarnation;
      if (before?.version === pod.hash) this.#identities.set(key, before);
      else this.#identities.begin(pod, before, []);
      return;
    }
    if (phase.step === "waiting") {
      if (this.#identities.of(pod) === undefined) this.#identities.begin(pod, undefined, []);
    } else if (phase.step === "following") {
      if (phase.pod.hash === pod.hash) this.#identities.set(key, phase.incarnation);
      // Should podstead be restarted before that change is begun, it is another pod in any case.
      else this.#identities.begin(pod, phase.incarnation, []);
    } else if (this.#identities.of(pod) === undefined) {
      this.#identities.begin(pod, phase.old.incarnation, []);
    }
  }

  /** Finds a pod that is new to podstead in the runtime, or begins it. */
  #recognize(pod: P, seen: readonly SeenPod[] | undefined, forgotten: boolean): void {
    const alive = this.#alive(pod, seen);
    const before = forgotten ? null : this.#identities.before(pod);
    if (declaredUid(pod.pod) === undefined && this.#identities.adopt(pod, alive)) return;
    this.#identities.begin(pod, undefined, seen ?? []);
    this.#leaveFirst(pod, before, alive);
  }

  /** Keeps a pod out of the list until no kubelet has another version of it under its UID. */
  #leaveFirst(pod: P, last: Incarnation | undefined | null, alive: readonly SeenPod[]): void {
    const incarnation = this.#identities.of(pod);
    const current = alive.find(({ uid }) => uid === incarnation?.uid);
    if (incarnation === undefined || !mustLeaveFirst(pod, last, alive)) return;
    if (current?.specHash === incarnation.hash) return;
    const uids = { before: last ?? undefined, incarnation, alive, mustLeave: true };
    const change: Change<P> = { previous: pod, pod, method: "quick", ...uids };
    const phase = beginChange(change, this.#deps.clock);
    if (phase !== undefined) this.#enter(formatKey(pod), phase);
  }

  /** Continues a change in place that had just been served before a restart. */
  #followInPlace(key: string, pod: P, seen: readonly SeenPod[] | undefined): void {
    const { clock, settings } = this.#deps;
    const incarnation = this.#identities.of(pod);
    if (incarnation === undefined || this.#phases.has(key)) return;
    const running = this.#alive(pod, seen)
      .find(({ uid }) => uid === incarnation.uid);
    if (running === undefined || settings().kubeletMinor === undefined) return;
    if (!isChangingInPlace(pod, running, incarnation, clock.now())) return;
    const start = { incarnation, oldUids: [incarnation.uid], nowMs: clock.monotonicMs() };
    this.#enter(key, beginFollowing(pod, "in-place", start));
  }

  /** Holds a pod back that comes after others and is not there in any form. */
  #holdFirstStart(key: string, pod: P, seen: readonly SeenPod[] | undefined): void {
    if (this.#phases.has(key) || this.#list.has(key)) return;
    // In doubt it is started: a pod that runs must not leave the list.
    if (seen === undefined || this.#alive(pod, seen).length > 0) return;
    const phase = beginFirstStart(pod, this.#desired, this.#deps.clock.monotonicMs());
    if (phase === undefined) return;
    this.#enter(key, phase);
    const reason = `comes after ${phase.missing.join(", ")}`;
    this.#book.step(key, "waiting", pod.hash, { reason });
  }
}

/** A UID of the usual length. */
const ANY_UID = "0".repeat(32);

function withUid<P extends RolloutPod>(pod: P, uid: string | undefined): P {
  return uid === undefined ? pod : { ...pod, uid };
}

function byKey<P extends RolloutPod>(pods: readonly P[]): ReadonlyMap<string, P> {
  return new Map(pods.map((pod) => [formatKey(pod), pod]));
}
