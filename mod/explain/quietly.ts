/** How long each question may take, in milliseconds: a person waits. */
export const ASK_TIMEOUT_MS = 2_000;

/** Evidence that cannot be read is left out: what matters of the failure is in the status itself. */
export async function quietly<T>(evidence: Promise<T>): Promise<T | undefined> {
  try {
    return await evidence;
  } catch {
    return undefined; // see above
  }
}
