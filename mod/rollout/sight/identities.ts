/** Who each desired pod is to the kubelet: the incarnation under which its version is served. */
import {
  adopt,
  begin,
  continueWith,
  declaredUid,
  type Incarnation,
  judgeChange,
  mayContinue,
} from "../../identity/mod.ts";
import { formatKey } from "../../pods/mod.ts";
import type { SeenPod } from "./runtime_probe.ts";
import type { RolloutPod } from "../types.ts";

/** How many pods that are gone have their UIDs remembered: one that comes back gets another. */
const MAX_GONE = 500;

/** Keeps the incarnation of each pod. */
export class Identities {
  readonly #living = new Map<string, Incarnation>();
  readonly #gone = new Map<string, Incarnation>();

  /** Takes in what a restart has found; what does not fit the desired version only counts as used before. */
  restore(saved: readonly Incarnation[], desired: ReadonlyMap<string, RolloutPod>): void {
    for (const one of saved) {
      const fits = desired.get(one.key)?.hash === one.version;
      (fits ? this.#living : this.#gone).set(one.key, one);
    }
  }

  /** The incarnation under which this version of a pod is served; undefined while the kubelet makes up the UID. */
  of(pod: RolloutPod): Incarnation | undefined {
    const known = this.#living.get(formatKey(pod));
    return known?.version === pod.hash ? known : undefined;
  }

  /** Whether nothing is remembered: podstead has just been set up, or its state was lost. */
  get isEmpty(): boolean {
    return this.#living.size === 0 && this.#gone.size === 0;
  }

  /** The incarnation that was served last under a pod's key, whatever its version. */
  before(pod: RolloutPod): Incarnation | undefined {
    const key = formatKey(pod);
    return this.#living.get(key) ?? this.#gone.get(key);
  }

  /** The UID that a version has in the list. */
  uidOf(pod: RolloutPod): string | undefined {
    return this.of(pod)?.uid;
  }

  /** Makes this the pod's incarnation; undefined to know none. */
  set(key: string, incarnation: Incarnation | undefined): void {
    if (incarnation === undefined) this.#living.delete(key);
    else this.#living.set(key, incarnation);
  }

  /**
   * Begins a version again.
   *
   * @param before the incarnation that it replaces
   * @param seen everything that the runtime has
   */
  begin(pod: RolloutPod, before: Incarnation | undefined, seen: readonly SeenPod[]): Incarnation {
    const key = formatKey(pod);
    const begun = begin(pod, before ?? this.#gone.get(key), uidsOf(seen));
    this.#gone.delete(key);
    this.#living.set(key, begun);
    return begun;
  }

  /**
   * Makes a version the next one of the same pod.
   *
   * @returns undefined, and changes nothing, where the kubelet would not apply all of it
   */
  continue(
    previous: RolloutPod,
    pod: RolloutPod,
    minor: number | undefined,
    running: SeenPod,
    nowMs: number,
  ): Incarnation | undefined {
    const current = this.of(previous);
    const judged = judgeChange(previous.pod, pod.pod, minor);
    if (current === undefined || !judged.inPlace) return undefined;
    const next = continueWith(current, pod.hash, judged.restarted, nowMs, running.containers);
    this.#living.set(current.key, next);
    return next;
  }

  /**
   * Takes the UID under which a version runs, if it may be served under it.
   *
   * @param alive the versions of the pod that the runtime shows alive
   * @returns whether the pod has another identity now
   */
  adopt(pod: RolloutPod, alive: readonly SeenPod[]): boolean {
    const current = this.of(pod);
    if (declaredUid(pod.pod) !== undefined) {
      if (current !== undefined) return false;
      this.begin(pod, undefined, []);
      return true;
    }
    const [running, ...others] = alive;
    // Of several, one is ending: which, the next look shows.
    if (running === undefined || others.length > 0 || running.uid === current?.uid) return false;
    const { uid, specHash: hash, containers } = running;
    if (hash === undefined) return false;
    if (!mayContinue(pod, { uid, hash, containers: containers.keys() })) return false;
    const key = formatKey(pod);
    this.#living.set(key, adopt(pod, { uid, hash }, current ?? this.#gone.get(key)));
    this.#gone.delete(key);
    return true;
  }

  /** Remembers only the UIDs of the pods that are no longer desired. */
  keepOnly(desired: ReadonlyMap<string, RolloutPod>): void {
    for (const [key, one] of this.#living) {
      if (desired.has(key)) continue;
      this.#living.delete(key);
      this.#gone.set(key, { ...one, images: [] });
    }
    for (const key of [...this.#gone.keys()].slice(0, -MAX_GONE)) this.#gone.delete(key);
  }

  /** Notes who each pod is now. What it returns notes it again, and then undoes what came in between. */
  mark(): () => () => void {
    const maps = [this.#living, this.#gone];
    const marks = maps.map(markMap);
    return () => {
      const undo = marks.map((since) => since());
      return () => undo.forEach((one) => one());
    };
  }

  /** What a restart needs: the living ones, then those that are gone, the latest last. */
  saved(): readonly Incarnation[] {
    return [...this.#gone.values(), ...this.#living.values()];
  }
}

/**
 * Takes back what one step does to a map, and leaves what later steps do to other keys: call it
 * before the step, what it returns after it, and what that returns to take the step back.
 */
export function markMap<V>(map: Map<string, V>): () => () => void {
  const before = new Map(map);
  return () => {
    const after = new Map(map);
    return () => {
      for (const key of new Set([...before.keys(), ...after.keys()])) {
        const value = before.get(key);
        if (value === after.get(key)) continue;
        if (value === undefined) map.delete(key);
        else map.set(key, value);
      }
    };
  };
}

function uidsOf(seen: readonly SeenPod[]): ReadonlySet<string> {
  return new Set(seen.map(({ uid }) => uid));
}
