/** Has the images of a changed pod on the node before its old version stops. */
import { type Clock, errorText, formatDuration, PodsteadError } from "../../core/mod.ts";
import type { Logger } from "../../os/mod.ts";
import type { NeededImage } from "../../pods/mod.ts";

/** How images are looked for and fetched. */
export interface ImageStore {
  /** @throws {PodsteadError} if the runtime does not answer */
  has(name: string, signal: AbortSignal): Promise<boolean>;
  /** @throws {PodsteadError} that says why it cannot be read */
  pull(name: string, signal: AbortSignal): Promise<void>;
}

/** What pulling needs of the world. */
export interface PrePullDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly images: ImageStore;
  /** The longest that one image may take, in milliseconds. */
  readonly timeoutMs: () => number;
  /** Called when an image has arrived, cannot be pulled, or will be tried again. */
  readonly changed: () => void;
}

/** Whether the images of a pod are there. */
export type ImageVerdict =
  | { readonly state: "present" }
  | { readonly state: "pulling"; readonly reason: string }
  | { readonly state: "failed"; readonly reason: string };

type PullState =
  | { readonly kind: "pulling" }
  | { readonly kind: "pulled"; readonly atMs: number }
  | {
    readonly kind: "failed";
    readonly error: string;
    readonly denied: boolean;
    readonly failures: number;
  };

/** How long a look for one image may take, in milliseconds: it holds up a reload. */
const LOOK_TIMEOUT_MS = 1_000;

/** An image pulled for the sake of `Always` counts as fresh for this long, in milliseconds. */
const FRESH_MS = 60_000;

/** The waits before a failed pull is tried again, in milliseconds; the last one repeats. */
const RETRY_MS: readonly number[] = [30_000, 60_000, 120_000, 300_000, 600_000];

/**
 * Pulls images in the background, each once for all pods that need it.
 *
 * - `Never`: is not pulled; without it the pod could not start.
 * - `IfNotPresent`: is pulled where the node lacks it.
 * - `Always`: is pulled in any case, since the kubelet does so before each
 *   start, and a registry that does not answer now would not answer then. Only
 *   a registry that wants credentials does not count where the image is there:
 *   the kubelet may have some that podstead was not given.
 */
export class PrePull {
  readonly #deps: PrePullDeps;
  readonly #states = new Map<string, PullState>();
  /** Failed images that are tried again for those that still need them. */
  readonly #due = new Set<string>();
  readonly #stop = new AbortController();

  constructor(deps: PrePullDeps) {
    this.#deps = deps;
  }

  /**
   * Whether a pod with these images could start now. A runtime that does not
   * answer is no reason to hold anything back.
   *
   * @param pull whether what is missing is pulled; without it nothing changes
   * @param retry whether what could not be pulled is tried again
   */
  async check(
    images: readonly NeededImage[],
    { pull, retry }: { readonly pull: boolean; readonly retry: boolean },
  ): Promise<ImageVerdict> {
    const verdicts = await Promise.all(images.map((image) => this.#check(image, pull, retry)));
    return verdicts.find(({ state }) => state === "failed") ??
      verdicts.find(({ state }) => state === "pulling") ?? { state: "present" };
  }

  /** Ends every pull. */
  close(): void {
    this.#stop.abort();
  }

  async #check(
    { name, policy }: NeededImage,
    pull: boolean,
    retry: boolean,
  ): Promise<ImageVerdict> {
    const { images, clock } = this.#deps;
    let present: boolean;
    try {
      present = await images.has(name, AbortSignal.timeout(LOOK_TIMEOUT_MS));
    } catch {
      return { state: "present" }; // see above
    }
    const state = this.#states.get(name);
    const fresh = state?.kind === "pulled" && clock.monotonicMs() - state.atMs < FRESH_MS;
    if (present && (policy !== "Always" || fresh)) return { state: "present" };
    if (policy === "Never") {
      return {
        state: "failed",
        reason: `image "${name}" is not on the node, and its pull policy is Never`,
      };
    }
    if (state?.kind === "failed" && !retry && !this.#due.has(name)) {
      if (present && state.denied) return { state: "present" };
      return { state: "failed", reason: state.error };
    }
    if (state?.kind !== "pulling" && pull) void this.#pull(name);
    return { state: "pulling", reason: `image "${name}" is being pulled` };
  }

  async #pull(name: string): Promise<void> {
    const { clock, log, images, timeoutMs, changed } = this.#deps;
    const before = this.#states.get(name);
    const limitMs = timeoutMs();
    const startMs = clock.monotonicMs();
    const timeout = new AbortController();
    const done = new AbortController();
    clock.sleep(limitMs, done.signal).then(() => timeout.abort(), () => undefined); // it was done before
    this.#states.set(name, { kind: "pulling" });
    this.#due.delete(name);
    log.info("Pulling an image before its pod needs it", { image: name });
    try {
      await images.pull(name, AbortSignal.any([timeout.signal, this.#stop.signal]));
      this.#states.set(name, { kind: "pulled", atMs: clock.monotonicMs() });
      log.info("Image pulled", {
        image: name,
        durationMs: Math.round(clock.monotonicMs() - startMs),
      });
    } catch (thrown) {
      if (this.#stop.signal.aborted) return;
      const error = timeout.signal.aborted
        ? `Image "${name}" was not pulled within ${formatDuration(limitMs)}`
        : naming(name, errorText(thrown));
      const failures = before?.kind === "failed" ? before.failures + 1 : 1;
      const denied = thrown instanceof PodsteadError && thrown.code === "permission";
      this.#states.set(name, { kind: "failed", error, denied, failures });
      log.error("Cannot pull an image; a pod that runs keeps its old version", {
        image: name,
        error,
        hint: thrown instanceof PodsteadError ? thrown.hint : undefined,
      });
      void this.#retryLater(name, failures);
    } finally {
      done.abort();
    }
    changed();
  }

  async #retryLater(name: string, failures: number): Promise<void> {
    const { clock, changed } = this.#deps;
    const delayMs = RETRY_MS[Math.min(failures, RETRY_MS.length) - 1] ?? 0;
    try {
      await clock.sleep(delayMs, this.#stop.signal);
    } catch {
      return; // The agent stops.
    }
    const state = this.#states.get(name);
    if (state?.kind !== "failed" || state.failures !== failures) return;
    this.#due.add(name);
    changed();
  }
}

/** An error that says which image it is about. */
function naming(image: string, error: string): string {
  return error.includes(`"${image}"`) ? error : `Image "${image}": ${error}`;
}
