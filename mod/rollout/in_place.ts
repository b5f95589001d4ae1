/** Whether a change can be made in place on this node now, and why not; pure. */
import {
  BACK_OFF_MEMORY_MS,
  declaredUid,
  expectedContainers,
  type Incarnation,
  judgeChange,
  waitingStarts,
} from "../identity/mod.ts";
import type { SeenPod } from "./sight/runtime_probe.ts";
import type { RolloutPod } from "./types.ts";
import { readRolloutAnnotations } from "./annotations.ts";

/** What the choice rests on. */
export interface InPlaceFacts {
  readonly before: RolloutPod;
  readonly after: RolloutPod;
  /** Under which the version before is served; undefined if the kubelet made the UID up. */
  readonly incarnation: Incarnation | undefined;
  /** The versions of the pod that the runtime shows alive. */
  readonly alive: readonly SeenPod[];
  /** Of the node's kubelet, 1.x. */
  readonly minor: number | undefined;
  /** Why the API server would keep showing the version before; undefined if it does not. */
  readonly staleMirrors: string | undefined;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** Why no kubelet of this version makes a change in place; undefined if it does. */
export function whyNeverInPlace(
  { before, after, minor }: Pick<InPlaceFacts, "before" | "after" | "minor">,
): string | undefined {
  const judged = judgeChange(before.pod, after.pod, minor);
  if (judged.inPlace) return undefined;
  const [field] = judged.fields;
  return field === undefined ? judged.why : `${field}: ${judged.why}`;
}

/** Why a change is not made in place now, as text; undefined if it is. */
export function whyNotInPlace(facts: InPlaceFacts): string | undefined {
  const { before, after, incarnation, alive, minor, staleMirrors, nowMs } = facts;
  const judged = judgeChange(before.pod, after.pod, minor);
  if (!judged.inPlace) return whyNeverInPlace(facts);
  if (incarnation === undefined) return "it runs under a UID that podstead did not give it";
  const [running, ...others] = alive;
  if (running === undefined || others.length > 0 || running.uid !== incarnation.uid) {
    return "it is not seen running under the UID that it is served with";
  }
  const restless = whyRestless(before, running, incarnation, nowMs);
  if (restless !== undefined) return restless;
  const [waiting] = waitingStarts(incarnation, judged.restarted, nowMs);
  if (waiting !== undefined) {
    return `the kubelet would let container ${waiting.name} wait before it returns to ${waiting.image}`;
  }
  // A pod that asks for it itself accepts an old mirror pod.
  if (staleMirrors === undefined || readRolloutAnnotations(after.pod).replace === "in-place") {
    return undefined;
  }
  return `the API server would keep showing the old version: ${staleMirrors}`;
}

/** Why a pod is not at rest in the version that is served. */
function whyRestless(
  { pod }: RolloutPod,
  { containers }: SeenPod,
  incarnation: Incarnation,
  nowMs: number,
): string | undefined {
  for (const { name, image, hash } of expectedContainers(pod)) {
    const seen = containers.get(name);
    if (seen?.running !== true) return `container ${name} does not run`;
    if (seen.hash !== hash) return `container ${name} does not run the image that is served`;
    const lately = nowMs - seen.createdMs < BACK_OFF_MEMORY_MS;
    const asked = incarnation.images.some((use) =>
      use.container === name && use.image === image && use.attempt === seen.attempt
    );
    if (seen.attempt > 0 && lately && !asked) return `container ${name} was restarted recently`;
  }
  return undefined;
}

/** Whether the runtime shows a pod with every container as this version has it. */
export function runsAs({ pod }: RolloutPod, { containers }: SeenPod): boolean {
  return expectedContainers(pod).every(({ name, hash }) => {
    const seen = containers.get(name);
    return seen?.running === true && seen.hash === hash;
  });
}

/** For how long a change in place counts as one that a restart of podstead may have cut short. */
const CUT_SHORT_MS = 120_000;

/** Whether a pod was given another image recently that the runtime does not show yet. */
export function isChangingInPlace(
  { pod }: RolloutPod,
  { containers }: SeenPod,
  { images }: Incarnation,
  nowMs: number,
): boolean {
  return expectedContainers(pod).some(({ name, image, hash }) => {
    const given = images.find((use) => use.container === name && use.image === image)?.startedMs;
    if (given === undefined || Math.abs(nowMs - given) > CUT_SHORT_MS) return false;
    return containers.get(name)?.hash !== hash;
  });
}

/** Whether every container of this version that was ever started runs, with whatever image. */
export function allRun({ pod }: RolloutPod, { containers }: SeenPod): boolean {
  return expectedContainers(pod).every(({ name }) => containers.get(name)?.running !== false);
}

/**
 * Whether a kubelet may still have a pod under the UID that a person declared for
 * this version: only a list without the pod in between saves the kubelet, and has
 * it apply all of the change.
 *
 * @param before the incarnation that was served last; null if none is remembered of any pod
 */
export function mustLeaveFirst(
  pod: RolloutPod,
  before: Incarnation | undefined | null,
  alive: readonly SeenPod[],
): boolean {
  const declared = declaredUid(pod.pod);
  if (declared === undefined || before === null) return declared !== undefined;
  return [before?.uid, ...before?.past ?? [], ...alive.map(({ uid }) => uid)].includes(declared);
}
