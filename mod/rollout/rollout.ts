/** Brings changed pods to their next version in two steps, and new ones up in the order they ask for. */
import { errorText, PodsteadError } from "../core/mod.ts";
import { formatKey } from "../pods/mod.ts";
import { RolloutBook } from "./book.ts";
import { choreograph, type Choreography, turnGate } from "./choreography.ts";
import type { RolloutDeps } from "./deps.ts";
import { drainPods } from "./drain.ts";
import { examineChange, type ExamineOptions, examineOwnImages } from "./examine.ts";
import { whyNeverInPlace, whyNotInPlace } from "./in_place.ts";
import { Lookout } from "./sight/lookout.ts";
import { chooseMethod } from "./method.ts";
import { PodsUnderWay } from "./pods_under_way.ts";
import { PollHold } from "./polls/poll_hold.ts";
import { PollLearning } from "./polls/poll_learning.ts";
import { Rounds } from "./rounds.ts";
import type { SavedRollout } from "./saved.ts";
import { aliveVersions, type SeenPod } from "./sight/runtime_probe.ts";
import type { ChangeVerdict, HeldBack, PlannedChange, RolloutPod } from "./types.ts";
import { readRolloutAnnotations } from "./annotations.ts";
import { WorkLoop } from "./work_loop.ts";

/** How long a start waits for a runtime that does not answer yet, in milliseconds. */
const RESUME_LIMIT_MS = 5_000;

/**
 * Decides which version of each desired pod the list holds right now.
 *
 * `planned`, `select`, `heldBack` and `saved` never wait and agree with each
 * other at any moment: they are `PodsUnderWay`. What happens on the node is
 * taken in by one loop (`Rounds`) that runs only while something is under way.
 */
export class QuickRollout<P extends RolloutPod> {
  readonly #deps: RolloutDeps;
  readonly #stop = new AbortController();
  readonly #polls: PollLearning;
  readonly #lookout: Lookout;
  readonly #pods: PodsUnderWay<P>;
  readonly #hold: PollHold;
  readonly #loop: WorkLoop;
  /** What the runtime had when a plan was last examined; undefined if it did not answer. */
  #seen: readonly SeenPod[] | undefined;
  #verdicts: ReadonlyMap<string, ChangeVerdict> = new Map();
  #choreography: Choreography = { turns: new Map(), out: new Map() };

  constructor(given: RolloutDeps) {
    const deps = neverRejecting(given);
    const stop = this.#stop.signal;
    this.#deps = deps;
    this.#polls = new PollLearning(deps.clock);
    this.#lookout = new Lookout(deps, stop);
    const pods = new PodsUnderWay<P>(deps, new RolloutBook(deps));
    this.#pods = pods;
    this.#hold = new PollHold(deps.clock, () => pods.aboutToBeServed(), stop);
    const rounds = new Rounds(deps, pods, this.#polls, this.#lookout);
    this.#loop = new WorkLoop(deps, {
      pending: () => rounds.pending(),
      round: () => rounds.round(),
    }, stop);
  }

  /** Continues after a restart; to be called before anything else. Takes a few seconds at most. */
  async resume(saved: SavedRollout, pods: readonly P[]): Promise<void> {
    const { clock } = this.#deps;
    const ordered = pods.some(({ pod }) => readRolloutAnnotations(pod).after.length > 0);
    if (pods.length > 0) {
      const startMs = clock.monotonicMs();
      for (;;) {
        this.#seen = await this.#lookout.pods();
        const patient = ordered && clock.monotonicMs() - startMs < RESUME_LIMIT_MS;
        if (this.#seen !== undefined || !patient) break;
        await clock.sleep(200, this.#stop.signal);
      }
    }
    this.#pods.resume(saved, pods, this.#seen);
  }

  /**
   * Looks at the node for changes that are planned; `planned` then goes by what was seen.
   *
   * @param unchanged the pods that stay as they are
   */
  async examine(
    changes: readonly PlannedChange[],
    options: ExamineOptions,
    unchanged: readonly RolloutPod[] = [],
  ): Promise<ReadonlyMap<string, ChangeVerdict>> {
    const verdicts = new Map<string, ChangeVerdict>();
    let learning = false;
    if (changes.length > 0) this.#seen = await this.#look(changes);
    const seen = this.#seen;
    const { nodeName, kubeletMinor: minor, staleMirrors } = this.#deps.settings();
    const [polls, lookingMs] = [this.#polls.now(), this.#polls.lookingMs()];
    await Promise.all(changes.map(async ({ before, after }) => {
      const key = formatKey(after);
      if (before === undefined) {
        const gate = await examineOwnImages(after, options, this.#deps.prePull);
        if (gate !== undefined) verdicts.set(key, { method: "kubelet", gate });
        return;
      }
      const wish = readRolloutAnnotations(after.pod).replace ?? options.replace;
      if (options.supposed === true) {
        const notInPlace = whyNeverInPlace({ before, after, minor });
        verdicts.set(key, chooseMethod({ wish, notInPlace, alive: true, polls }));
        return;
      }
      const step = this.#pods.phases.get(key)?.step;
      if ((step === "removed" || step === "ending") && wish !== "kubelet") {
        verdicts.set(key, { method: "quick" });
        return;
      }
      const versions = seen && aliveVersions(seen, after, nodeName);
      const incarnation = this.#pods.incarnationOf(before);
      const nowMs = this.#deps.clock.now();
      const facts = { before, after, incarnation, alive: versions ?? [], minor, nowMs };
      const notInPlace = whyNotInPlace({ ...facts, staleMirrors });
      const alive = versions && versions.length > 0;
      const asked = { notInPlace, alive, polls, lookingMs, hasRoom: this.#pods.hasRoom(key) };
      const examined = await examineChange(after, asked, options, this.#deps.prePull);
      verdicts.set(key, examined.verdict);
      learning ||= examined.learning;
    }));
    await Promise.all(
      unchanged.map((pod) => examineOwnImages(pod, options, this.#deps.prePull)),
    );
    const choreography = choreograph({
      verdicts,
      phases: this.#pods.phases,
      settling: this.#pods.settling(),
      rooms: this.#pods.rooms,
      isAlive: (key) => this.#pods.isAlive(key, seen),
    });
    for (const [key, awaited] of choreography.turns) {
      const verdict = verdicts.get(key);
      // Images come first, and meanwhile.
      if (verdict?.gate === undefined && verdict !== undefined) {
        verdicts.set(key, { ...verdict, gate: turnGate(awaited) });
      }
    }
    if (options.dryRun) return verdicts;
    this.#verdicts = verdicts;
    this.#choreography = choreography;
    this.#polls.setAwaited(learning);
    this.#loop.kick();
    return verdicts;
  }

  /**
   * What the runtime has. Where podstead remembers nothing, it tells which of
   * the pods run already, and under which UIDs: then it is waited for.
   */
  async #look(changes: readonly PlannedChange[]): Promise<readonly SeenPod[] | undefined> {
    const { clock } = this.#deps;
    const startMs = clock.monotonicMs();
    const patient = this.#pods.isEmpty && changes.some(({ before }) => before === undefined);
    for (;;) {
      const seen = await this.#lookout.pods();
      if (seen !== undefined || !patient) return seen;
      if (clock.monotonicMs() - startMs >= RESUME_LIMIT_MS) return undefined;
      await clock.sleep(200, this.#stop.signal);
    }
  }

  /**
   * Takes over the desired pods of a new plan, before they are saved and the list is rendered.
   *
   * @returns takes them back, where they could not be saved
   */
  planned(before: readonly P[], desired: readonly P[]): () => void {
    const undo = this.#pods.planned(before, desired, {
      seen: this.#seen,
      verdicts: this.#verdicts,
      choreography: this.#choreography,
    });
    this.#loop.kick();
    return undo;
  }

  /**
   * Ends a pod, and begins it again as another one in the same version; the list that follows
   * must be saved and published then.
   *
   * @param key `namespace/name`
   * @returns how it is done
   * @throws {PodsteadError} if it is not served, is on its way already, or cannot be seen
   */
  async renew(key: string): Promise<ChangeVerdict> {
    const pod = this.#pods.desired(key);
    if (pod === undefined) {
      throw new PodsteadError("not-found", `The pod ${key} is not served`, {
        hint: `See "podstead describe ${key}"`,
      });
    }
    const { nodeName, replace } = this.#deps.settings();
    const seen = await this.#lookout.pods();
    if (seen === undefined) {
      throw new PodsteadError("runtime-unavailable", "The container runtime does not answer", {
        hint: "Nothing was restarted; see `systemctl status containerd`",
      });
    }
    const wish = readRolloutAnnotations(pod.pod).replace ?? replace;
    const verdict = chooseMethod({
      wish: wish === "kubelet" ? wish : "quick",
      notInPlace: undefined,
      alive: aliveVersions(seen, pod, nodeName).length > 0,
      polls: this.#polls.now(),
    });
    if (!this.#pods.renew(key, verdict, seen)) {
      throw new PodsteadError("failed", `The pod ${key} is on its way to another version`, {
        hint: `Wait for it: "podstead health ${key} --wait=1m"`,
      });
    }
    this.#loop.kick();
    return verdict;
  }

  /** The pods of the list now: each desired one, the version before it, or none. */
  select(desired: readonly P[]): readonly P[] {
    return this.#pods.select(desired);
  }

  /** The pods, by key, that are not served as they are desired, and why. */
  heldBack(): ReadonlyMap<string, HeldBack> {
    return this.#pods.heldBack();
  }

  /** The desired pods as they will be listed in the end: what a plan comes to. */
  complete(desired: readonly P[]): readonly P[] {
    return this.#pods.complete(desired);
  }

  /** What a restart needs to continue: on disk before a list that follows from it is served. */
  saved(): SavedRollout {
    return this.#pods.saved();
  }

  /** Notes which pods the list holds from now on. */
  published(pods: readonly P[], etag: string): void {
    this.#pods.published(pods, etag);
    this.#hold.check();
    this.#loop.kick();
  }

  /** Notes that a kubelet got a list. */
  onFetch(etag: string): void {
    const { clock, changed, replan } = this.#deps;
    if (this.#polls.polled()) {
      this.#polls.setAwaited(false);
      void replan();
    }
    if (this.#pods.fetched(etag, clock.monotonicMs())) void changed();
    if (this.#pods.isFetched) this.#loop.kick();
  }

  /**
   * Until when the answer to a kubelet's poll is better held: resolves when
   * each pod that has ended by now is in the list again, or after a short
   * limit. Undefined if there is nothing to wait for.
   */
  hold(): Promise<void> | undefined {
    return this.#hold.wait();
  }

  /**
   * Finishes, in a way that lasts, what has begun, before the agent stops. Takes
   * some seconds at most.
   */
  async drain(): Promise<void> {
    await drainPods(this.#pods, this.#polls.now(), this.#deps);
  }

  /** Ends the loop, every pull and every held answer. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#deps.prePull.close();
    await this.#loop.ended();
  }
}

/** The same, where a question to the agent never rejects: the caller could do nothing about it. */
function neverRejecting(deps: RolloutDeps): RolloutDeps {
  const orLog = (ask: () => Promise<void>, message: string) => async () => {
    try {
      await ask();
    } catch (error) {
      deps.log.error(message, { error: errorText(error) });
    }
  };
  return {
    ...deps,
    changed: orLog(() => deps.changed(), "Cannot publish what the roll-out asks for"),
    replan: orLog(() => deps.replan(), "Cannot plan again"),
  };
}
