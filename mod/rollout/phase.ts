/**
 * The phases of a pod between two versions, and what the list holds of it then.
 *
 * A pod in no phase is in the list as it is desired. The others:
 *
 * - `waiting` (first_start.ts): new, and to come after others. Not in the list.
 *   Then in no phase: they are ready, or it has waited long enough.
 * - `removed` (replacement.ts): a running version should be replaced quickly. Not
 *   in the list. Then `ending`: a kubelet has fetched that list; or `following`:
 *   none did; or in no phase: the change was taken back.
 * - `ending` (replacement.ts): a kubelet is ending the old version. Not in the
 *   list. Then `following`: the kubelet is done, or it takes too long.
 *   One that made room for others (choreography.ts) comes here from `ending`.
 * - `following` (following.ts): a new version was served where another ran. In
 *   the list: as it is desired, but a change that came since is held back for a
 *   short time. Then in no phase: it runs, or did not come up in time; after such
 *   a change `removed` or `following` again, and `removed` too after a change in
 *   place that does not come up.
 *
 * What holds at any moment:
 *
 * - A pod is in one phase at most, and only while it is desired: what is no
 *   longer desired leaves the list and is forgotten.
 * - Nothing that runs leaves the list but for `removed`, and that is begun only
 *   where the runtime shows the pod alive. In doubt a pod is in the list.
 * - `removed` and `ending` are what must be on disk before a list without the
 *   pod is served, so that a restart brings it back; so is a pod that `waiting`
 *   keeps out of others' way, as one that is `ending`. Any other `waiting` need
 *   not be: a restart finds out again that the pod is there in no form.
 *   `following` need not be either: the pod is in the list.
 * - Under one UID no version follows another that the kubelet would apply late
 *   or in part: a version that leaves the list comes back as another incarnation
 *   (identities.ts). Only a UID that a person declared stays, so that such a pod
 *   is `removed` until a kubelet has fetched the list without it, however long.
 * - No other phase lasts without a limit. Before the agent stops, `removed` and
 *   `ending` come to an end (drain.ts).
 */
import type { Clock } from "../core/mod.ts";
import type { Incarnation } from "../identity/mod.ts";
import { beginFollowing, type Following } from "./following.ts";
import type { FirstStart } from "./first_start.ts";
import type { OldPod } from "./old_pod.ts";
import { graceOf } from "./sight/pod_facts.ts";
import { beginReplacement, type Removed, type Replacement } from "./replacement.ts";
import type { SeenPod } from "./sight/runtime_probe.ts";
import type { HeldBack, RolloutPod } from "./types.ts";
import type { ReplaceMethod } from "./annotations.ts";

/** Where a pod is on its way; `step` says which it is. */
export type Phase<P extends RolloutPod> = FirstStart | Replacement | Following<P>;

/** A change that is to begin. */
export interface Change<P> {
  readonly previous: P;
  readonly pod: P;
  readonly method: ReplaceMethod;
  /** Of the version before, where it is known. */
  readonly before: Incarnation | undefined;
  /** Of the new version. */
  readonly incarnation: Incarnation | undefined;
  /** The versions of the pod that the runtime shows alive. */
  readonly alive: readonly SeenPod[];
  /** Whether its UID stays, so that it must not be served before a kubelet has ended the old one. */
  readonly mustLeave: boolean;
}

/** How a change begins; undefined if the version before can be ignored. */
export function beginChange<P extends RolloutPod>(
  { previous, pod, method, before, incarnation, alive, mustLeave }: Change<P>,
  clock: Clock,
): Removed | Following<P> | undefined {
  if (alive.length === 0 && !mustLeave) return undefined;
  const oldUids = alive.map(({ uid }) => uid);
  if (method === "quick" || mustLeave) {
    const old: OldPod = {
      hash: previous.hash,
      uids: mustLeave && incarnation !== undefined
        ? [...new Set([incarnation.uid, ...oldUids])]
        : oldUids,
      graceMs: graceOf(previous),
      ...(before === undefined ? {} : { incarnation: before }),
      ...(mustLeave ? { mustLeave } : {}),
      ...(previous.hash === pod.hash ? { renewed: true as const } : {}),
    };
    return beginReplacement(old, clock.now());
  }
  return beginFollowing(pod, method, { incarnation, oldUids, nowMs: clock.monotonicMs() });
}

/**
 * Whether a new plan leaves nothing of a phase.
 *
 * @param listedHash of the pod in the current list
 */
export function isMoot<P extends RolloutPod>(
  phase: Phase<P>,
  desired: P,
  listedHash: string | undefined,
): boolean {
  // Taken back, and no kubelet knows of it yet: as if nothing had been.
  if (phase.step === "removed") {
    return phase.old.hash === desired.hash && phase.old.renewed !== true;
  }
  if (phase.step !== "following") return false;
  // A version whose list was never served can be ignored.
  return phase.pod.hash !== desired.hash && listedHash !== phase.pod.hash;
}

/** What the list holds of a pod; undefined if it holds nothing. */
export function versionInList<P extends RolloutPod>(
  phase: Phase<P> | undefined,
  desired: P,
  incarnation: Incarnation | undefined,
): { readonly pod: P; readonly incarnation: Incarnation | undefined } | undefined {
  if (phase === undefined) return { pod: desired, incarnation };
  if (phase.step !== "following") return undefined;
  // Whatever comes next is decided by a look at the version before, not by the time alone.
  const held = phase.pod.hash !== desired.hash && phase.method !== "kubelet";
  return held ? { pod: phase.pod, incarnation: phase.incarnation } : { pod: desired, incarnation };
}

/** Why a pod is not served as it is desired; undefined if it is. */
export function heldBackBy<P extends RolloutPod>(
  phase: Phase<P>,
  desired: P,
): HeldBack | undefined {
  switch (phase.step) {
    case "waiting":
      return phase.madeRoom !== undefined
        ? {
          state: "Replacing",
          code: "not-its-turn",
          reason: `${phase.missing.join(", ")} changes first`,
        }
        : {
          state: "Waiting",
          code: "comes-after",
          reason: `it comes after ${phase.missing.join(", ")}`,
        };
    case "removed":
      return {
        state: "Replacing",
        code: "old-version-listed",
        reason: "the kubelet is to fetch the list without its old version",
      };
    case "ending":
      return {
        state: "Replacing",
        code: "old-version-ending",
        reason: "its old version is ending",
      };
    case "following":
      return phase.pod.hash === desired.hash ? undefined : {
        state: "Replacing",
        code: "version-starting",
        reason: "the version before it is only just starting",
      };
  }
}

/** Whether the list lacks a pod for its old version to end. */
export function isReplacing<P extends RolloutPod>(
  phase: Phase<P> | undefined,
): phase is Replacement {
  return phase?.step === "removed" || phase?.step === "ending";
}

/** Whether a pod that is not listed will be so in a moment. */
export function isAboutToBeServed<P extends RolloutPod>(phase: Phase<P> | undefined): boolean {
  // One in no phase, or that is followed, is on its way into the list.
  if (phase === undefined || phase.step === "following") return true;
  return phase.step === "ending" && phase.endedMs !== undefined;
}
