/** Notices when a file that the control plane needs appears, changes or expires. */
import type { Clock } from "../../core/mod.ts";
import { fingerprint, watchedPaths } from "./fingerprint.ts";
import { type ControlPlaneFs, nodeFs } from "./node_fs.ts";
import type { ControlPlanePlan } from "../plan.ts";
import type { PreparedComponent } from "./prepare.ts";

/** What watching needs from outside. */
export interface WatchDeps {
  readonly clock: Clock;
  /** Without it: the file system of this machine. */
  readonly fs?: ControlPlaneFs;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** `WATCH_INTERVAL_MS` without it. */
  readonly intervalMs?: number;
}

/**
 * How often the files are looked at. Asking for the facts of some forty files
 * takes about a millisecond; watching directories that do not exist yet, and
 * files that are replaced by renaming, is where notifications fail.
 */
export const WATCH_INTERVAL_MS = 3000;

/** What preparing gave last, and what the files were like just before. */
export interface WatchStart {
  readonly plan: ControlPlanePlan;
  readonly prepared: readonly PreparedComponent[];
  /** `fingerprint` of the sources before they were looked at, so that no change falls between. */
  readonly sourcesBefore: string;
}

/**
 * Calls `onChange` when preparing the control plane again could give something
 * else than it gave: a file appeared, changed, went or got another mode, or a
 * certificate came to its beginning or end. Waits for `onChange` before it
 * looks again. Resolves when the signal aborts.
 */
export async function watchControlPlane(
  start: WatchStart,
  deps: WatchDeps,
  onChange: () => Promise<void> | void,
): Promise<void> {
  const fs = deps.fs ?? nodeFs;
  const paths = watchedPaths(start.plan);
  const dates = start.prepared.flatMap(({ certificates }) =>
    certificates.flatMap(({ fromMs, toMs }) => [fromMs, toMs])
  );
  let sources = start.sourcesBefore;
  let written = await fingerprint(paths.written, fs);
  let lookedMs = deps.clock.now();
  while (!deps.signal.aborted) {
    try {
      await deps.clock.sleep(deps.intervalMs ?? WATCH_INTERVAL_MS, deps.signal);
    } catch (error) {
      if (deps.signal.aborted) return;
      throw error;
    }
    const seen = await fingerprint(paths.sources, fs);
    const nowMs = deps.clock.now();
    const crossed = dates.some((date) => date > lookedMs && date <= nowMs);
    lookedMs = nowMs;
    const same = seen === sources && await fingerprint(paths.written, fs) === written;
    if (same && !crossed) continue;
    await onChange();
    sources = seen;
    // What onChange wrote itself is no news.
    written = await fingerprint(paths.written, fs);
  }
}
