/** A node's runtime answers status calls quickly; more at once only queue up inside it. */
const MAX_AT_ONCE = 16;

/**
 * Runs `job` for every item, at most 16 at once, and gives the results in the
 * order of the items. The first failure rejects; no further job is started then.
 */
export async function inParallel<T, R>(
  items: readonly T[],
  job: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const queue = items.entries();
  let failed = false;
  const worker = async () => {
    for (const [index, item] of queue) {
      if (failed) return;
      try {
        results[index] = await job(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(MAX_AT_ONCE, items.length) }, worker));
  return results;
}
