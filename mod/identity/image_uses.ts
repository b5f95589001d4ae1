/** Which images a container can be started with at once; pure. */
import type { ImageUse, Incarnation } from "./incarnation.ts";
import type { ImageChange, StartedContainer } from "./judge_change.ts";

/**
 * How long a kubelet remembers that it started a container with an image, in
 * milliseconds: twice the longest back-off. Within it, the next such start waits
 * 10 s, the one after it 20 s, and so on.
 *
 * Source: kubernetes pkg/kubelet/kuberuntime, `doBackOff`, keyed by the
 * container and its image; the first start of a container does not count.
 */
export const BACK_OFF_MEMORY_MS = 600_000;
/**
 * How long a container does not return to an image that it has just left, in
 * milliseconds: the first back-off of 10 s, seen once on kubelet 1.36.2, and
 * some slack.
 */
export const RETURN_MS = 15_000;

/** The containers that the kubelet may keep waiting, were they started with these images now. */
export function waitingStarts(
  { images }: Pick<Incarnation, "images">,
  next: readonly StartedContainer[],
  nowMs: number,
): readonly StartedContainer[] {
  // A clock that went back says nothing, so that each may have been a moment ago.
  const within = (atMs: number | undefined, spanMs: number) =>
    atMs !== undefined && nowMs - atMs < spanMs;
  return next.filter(({ name, image }) =>
    images.some((use) =>
      use.container === name && use.image === image &&
      (within(use.startedMs, BACK_OFF_MEMORY_MS) || within(use.leftMs, RETURN_MS))
    )
  );
}

/** The attempt of each container's running instance, by name. */
export type Attempts = ReadonlyMap<string, { readonly attempt: number }>;

/** The incarnation in its next version. */
export function continueWith(
  incarnation: Incarnation,
  hash: string,
  changes: readonly ImageChange[],
  nowMs: number,
  attempts: Attempts = new Map(),
): Incarnation {
  const uses = new Map(
    incarnation.images
      .filter(({ startedMs = -Infinity, leftMs = -Infinity }) =>
        nowMs - Math.max(startedMs, leftMs) < BACK_OFF_MEMORY_MS
      )
      .map((use) => [JSON.stringify([use.container, use.image]), use]),
  );
  const use = (container: string, image: string, at: Partial<ImageUse>) => {
    const key = JSON.stringify([container, image]);
    uses.set(key, { ...uses.get(key), container, image, ...at });
  };
  for (const { name, image, from } of changes) {
    use(name, from, { leftMs: nowMs });
    use(name, image, { startedMs: nowMs, attempt: (attempts.get(name)?.attempt ?? 0) + 1 });
  }
  return { ...incarnation, version: hash, images: [...uses.values()] };
}
