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

/**
 * The name, or one that sorts right after the roll-out before where that was named in the same
 * second, or by a clock that is ahead: nodes take an earlier name for an etcd that went back.
 */
export function rolloutNameAfter(name: string, before: string | undefined): string {
  if (before === undefined || name > before) return name;
  const [, date, time] = /^(\d{8})-(\d{6})-/.exec(before) ?? [];
  if (date === undefined || time === undefined) return name;
  const at = `${date.replace(/^(....)(..)/, "$1-$2-")}T${time.replace(/^(..)(..)/, "$1:$2:")}Z`;
  return rolloutName(Date.parse(at) + 1000, name.slice(name.lastIndexOf("-") + 1));
}

/** What a node's history calls a change that a roll-out brought. */
export function rolloutTrigger(id: string): string {
  return `rollout ${id}`;
}

/** The roll-out that brought a revision of a node's history; undefined if none did. */
export function rolloutOf(trigger: string): string | undefined {
  return /^rollout (\S+)$/.exec(trigger)?.[1];
}
