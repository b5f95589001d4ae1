/**
 * The name of a roll-out, which sorts by its start: `20261130-143007-5f3a`.
 *
 * @param nowMs Unix milliseconds
 * @param random so that two of one second differ: hex digits
 */
export function rolloutName(nowMs: number, random: string): string {
  const at = new Date(nowMs).toISOString().replace(/[-:]|\.\d+Z$/g, "").replace("T", "-");
  return `${at}-${random}`;
}

/** What a node's history calls a change that a roll-out brought. */
export function rolloutTrigger(id: string): string {
  return `rollout ${id}`;
}

/** The roll-out that brought a revision of a node's history; undefined if none did. */
export function rolloutOf(trigger: string): string | undefined {
  return /^rollout (\S+)$/.exec(trigger)?.[1];
}
