/** Longer than a busy machine takes for anything that is waited for here. */
const GIVE_UP_MS = 60_000;
const PAUSE_MS = 20;

/** Tries until it does not throw, for what becomes true by itself; the last error is thrown. */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  giveUpMs = GIVE_UP_MS,
): Promise<T> {
  const giveUpAt = performance.now() + giveUpMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
