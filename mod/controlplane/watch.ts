/** Notices when a file that the control plane needs appears, changes or expires. */
import type { Clock } from "../core/mod.ts";
import type { PreparedComponent } from "./prepare.ts";
import { watchedPaths } from "./prepare.ts";
import { type ControlPlaneFs, nodeFs } from "./node_fs.ts";
import type { ControlPlanePlan } from "./plan.ts";

/** What watching needs from outside. */
export interface WatchDeps {
  readonly clock: Clock;
  /** Without it: the file system of this machine. */
  readonly fs?: ControlPlaneFs;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** For tests; `WATCH_INTERVAL_MS` without it. */
  readonly intervalMs?: number;
}

/**
 * How often the files are looked at. Asking for the facts of some thirty files
 * takes about a millisecond; watching directories that do not exist yet, and
 * files that are replaced by renaming, is where notifications fail.
 */
export const WATCH_INTERVAL_MS = 3000;

/**
 * Calls `onChange` when preparing the control plane again could give something
 * else than it gave: a file appeared, changed, went or got another mode, or a
 * certificate came to its beginning or end. Waits for `onChange` before it
 * looks again. Resolves when the signal aborts.
 *
 * @param prepared what preparing gave last, for the dates; call again after a new plan
 */
export async function watchControlPlane(
  plan: ControlPlanePlan,
  prepared: readonly PreparedComponent[],
  deps: WatchDeps,
  onChange: () => Promise<void> | void,
): Promise<void> {
  const fs = deps.fs ?? nodeFs;
  const paths = [...new Set(plan.pods.flatMap(watchedPaths))].sort();
  const dates = prepared.flatMap(({ certificates }) =>
    certificates.flatMap(({ fromMs, toMs }) => [fromMs, toMs])
  );
  let before = await fingerprint(paths, fs);
  let lookedMs = deps.clock.now();
  while (!deps.signal.aborted) {
    try {
      await deps.clock.sleep(deps.intervalMs ?? WATCH_INTERVAL_MS, deps.signal);
    } catch (error) {
      if (deps.signal.aborted) return;
      throw error;
    }
    const now = await fingerprint(paths, fs);
    const nowMs = deps.clock.now();
    const crossed = dates.some((date) => date > lookedMs && date <= nowMs);
    lookedMs = nowMs;
    if (now === before && !crossed) continue;
    await onChange();
    // What onChange wrote itself is no news.
    before = await fingerprint(paths, fs);
  }
}

async function fingerprint(paths: readonly string[], fs: ControlPlaneFs): Promise<string> {
  const facts = await Promise.all(paths.map(async (path) => {
    try {
      const found = await fs.facts(path);
      if (found === undefined) return "-";
      // A directory changes whenever somebody writes into it; its contents are not ours to watch.
      const { type, mode, uid, gid, sizeBytes, modifiedMs, inode } = found;
      return type === "directory"
        ? [type, mode, uid, gid, inode]
        : [type, mode, uid, gid, sizeBytes, modifiedMs, inode];
    } catch {
      // Cannot be looked at; preparing says why.
      return "!";
    }
  }));
  return JSON.stringify(facts);
}
