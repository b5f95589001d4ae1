/** Which images a container can be started with at once; pure. */
import type { Incarnation } from "./incarnation.ts";
import type { StartedContainer } from "./judge_change.ts";

/**
 * How long a kubelet remembers that it started a container with an image, in
 * milliseconds: twice the longest back-off. Within it, the next such start waits
 * 10 s, the one after it 20 s, and so on.
 *
 * Source: kubernetes pkg/kubelet/kuberuntime, `doBackOff`, keyed by the
 * container and its image; the first start of a container does not count.
 */
export const BACK_OFF_MEMORY_MS = 600_000;

/** The containers that the kubelet would keep waiting, were they started with these images now. */
export function waitingStarts(
  { starts }: Pick<Incarnation, "starts">,
  next: readonly StartedContainer[],
  nowMs: number,
): readonly StartedContainer[] {
  return next.filter(({ name, image }) =>
    // A clock that went back says nothing, so that the start may be a recent one.
    starts.some((start) =>
      start.container === name && start.image === image &&
      nowMs - start.atMs < BACK_OFF_MEMORY_MS
    )
  );
}

/** The incarnation in its next version. @param restarted the containers that get another image by it */
export function continueWith(
  incarnation: Incarnation,
  hash: string,
  restarted: readonly StartedContainer[],
  nowMs: number,
): Incarnation {
  const added = restarted.map(({ name, image }) => ({ container: name, image, atMs: nowMs }));
  const recent = incarnation.starts.filter(({ atMs }) => nowMs - atMs < BACK_OFF_MEMORY_MS);
  return { ...incarnation, version: hash, starts: [...added, ...recent] };
}
