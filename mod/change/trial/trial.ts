/** A change on trial: kept when its pods stay ready, taken back when one of them fails. */

/** A pod that the trial watches: it should run in this version. */
export interface TrialPod {
  readonly namespace: string;
  /** As declared: without the node's name. */
  readonly name: string;
  /** Spec hash of the version on trial; absent for a pod that should be gone. */
  readonly hash?: string;
}

/** A trial as it is kept on disk: all that is needed to end it after a crash or a reboot. */
export interface Trial {
  /** The revision that is tried. */
  readonly revision: number;
  /** The revision that is gone back to: that before the trial, or before the trial it replaced. */
  readonly backTo: number;
  /** Unix milliseconds. */
  readonly startedMs: number;
  /** How long it may take in all. */
  readonly timeoutMs: number;
  /** How long each pod must stay ready without a restart. */
  readonly settleMs: number;
  /** Whether it is kept as soon as the pods are ready, or only by `podstead confirm`. */
  readonly confirm: "auto" | "manual";
  readonly pods: readonly TrialPod[];
  /**
   * The pods that it is about, as `namespace/name`, if they were in order before; without it:
   * every pod that changes.
   */
  readonly guards?: readonly string[];
  /** What the history calls the change; absent for one by an older version. */
  readonly trigger?: string;
  /** Pods, as `namespace/name HASH`, that were refused before it: that is no fault of what is tried. */
  readonly refusedBefore?: readonly string[];
  /** Why it goes back: from then on it has no other end. */
  readonly goingBack?: string;
}

/** What one look at the trial's pods has shown; the shape of `ChangeProgress`. */
export interface TrialProgress {
  readonly state: "pending" | "settled" | "failed";
  readonly pods: readonly {
    readonly id: string;
    readonly state: "pending" | "settling" | "settled" | "failed";
    readonly reason: string;
  }[];
}

/** What is done next. */
export type TrialStep =
  /** `awaitsConfirm`: every pod is ready, and only `podstead confirm` is missing. */
  | { readonly kind: "watch"; readonly awaitsConfirm: boolean }
  | { readonly kind: "keep" }
  | GoBack;

/** Why a trial goes back; `trialCause` gives it as text. */
export interface GoBack {
  readonly kind: "go-back";
  /** What holds for all of its pods; absent if what each pod says is all. */
  readonly summary?: string;
  /** Those that are not as they should be. */
  readonly pods: readonly { readonly id: string; readonly reason: string }[];
}

/** Looks in a row that must show a pod broken before it counts: one look may be in between. */
const FAILED_LOOKS = 2;

/**
 * How long a guarded pod may be broken before it counts, in milliseconds: a scheduler or controller
 * manager that lost its lease to a change of the API server restarts once, and is ready again.
 */
const GUARD_PATIENCE_MS = 30_000;

/** Watches one trial, look by look; pure but for the looks that it remembers. */
export class TrialJudge {
  readonly #trial: Trial;
  #failedLooks = 0;
  /** When each pod broke that has not been ready since, counted from the trial's beginning. */
  readonly #brokenSinceMs = new Map<string, number>();

  constructor(trial: Trial) {
    this.#trial = trial;
  }

  /** @param elapsedMs since the trial began */
  look(progress: TrialProgress, elapsedMs: number): TrialStep {
    const { timeoutMs, confirm } = this.#trial;
    const failed = progress.pods.filter(({ state }) => state === "failed");
    this.#failedLooks = failed.length > 0 ? this.#failedLooks + 1 : 0;
    const brokenMs = this.#longestBrokenMs(progress, elapsedMs);
    const isSure = this.#trial.guards === undefined
      ? this.#failedLooks >= FAILED_LOOKS
      : brokenMs >= GUARD_PATIENCE_MS;
    if (progress.state === "failed" || (failed.length > 0 && isSure)) {
      return { kind: "go-back", pods: failed.map(({ id, reason }) => ({ id, reason })) };
    }
    const isSettled = progress.state === "settled";
    if (isSettled && confirm === "auto") return { kind: "keep" };
    if (elapsedMs < timeoutMs) return { kind: "watch", awaitsConfirm: isSettled };
    const seconds = Math.round(timeoutMs / 1000);
    const late = progress.pods.filter(({ state }) => state !== "settled");
    return {
      kind: "go-back",
      summary: `it was not ${isSettled ? "confirmed" : "ready"} within ${seconds} s`,
      pods: late.map(({ id, reason }) => ({ id, reason })),
    };
  }

  #longestBrokenMs({ pods }: TrialProgress, elapsedMs: number): number {
    for (const { id, state } of pods) {
      if (state === "settling" || state === "settled") this.#brokenSinceMs.delete(id);
      else if (state === "failed" && !this.#brokenSinceMs.has(id)) {
        this.#brokenSinceMs.set(id, elapsedMs);
      }
    }
    return Math.max(0, ...[...this.#brokenSinceMs.values()].map((since) => elapsedMs - since));
  }
}

/**
 * @param explained per pod ID, what is known of it beyond its reason; such a text that has the
 *   reason in it stands for both
 */
export function trialCause(
  { summary, pods }: GoBack,
  explained: ReadonlyMap<string, string> = new Map(),
): string {
  const causes = pods.map(({ id, reason }) => {
    const why = explained.get(id);
    if (why?.includes(reason)) return why;
    return `${id}: ${reason}${why === undefined ? "" : `; ${why}`}`;
  }).join("; ");
  return [summary, causes].filter((part) => part !== undefined && part !== "").join(": ") ||
    "a pod failed";
}
