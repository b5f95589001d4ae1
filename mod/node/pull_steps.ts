import { pullImage, type PullOptions, type PullProgress, type Runtime } from "../cri/mod.ts";
import type { PullStep } from "../api/contract/mod.ts";

/**
 * Pulls an image and tells how far it is. A reader that is slow gets the newest
 * state and misses those between.
 *
 * @throws {PodsteadError} as `pullImage`
 */
export async function* pullSteps(
  runtime: Runtime,
  image: string,
  options: Omit<PullOptions, "onProgress">,
): AsyncGenerator<PullStep> {
  const aborted = new AbortController();
  const signal = AbortSignal.any([
    aborted.signal,
    ...(options.signal === undefined ? [] : [options.signal]),
  ]);
  let newest: PullProgress | undefined;
  let wake = () => {};
  const pull = pullImage(runtime, image, {
    ...options,
    signal,
    onProgress: (progress) => {
      newest = progress;
      wake();
    },
  });
  const state = { ended: false };
  pull.catch(() => undefined).finally(() => {
    state.ended = true;
    wake();
  });
  try {
    while (!state.ended) {
      if (newest === undefined) await new Promise<void>((resolve) => wake = resolve);
      if (newest === undefined) continue;
      const progress = newest;
      newest = undefined;
      yield { kind: "progress", progress };
    }
    yield { kind: "done", image: await pull };
  } finally {
    // Left before its end: the image is no longer waited for.
    aborted.abort();
  }
}
