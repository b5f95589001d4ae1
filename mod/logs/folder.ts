/** What the kubelet's folder of logs tells by its names alone, for when neither agent nor runtime answers. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { listAttempts, logFiles, type LogSource, logSourceOf } from "./source.ts";

/** Where the kubelet keeps the logs of pods (kubelet: `podLogsDir`, its default). */
export const POD_LOGS_DIRECTORY = "/var/log/pods";

/** One attempt of a container of which there is a log. */
export interface LoggedAttempt {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
  readonly attempt: number;
  readonly source: LogSource;
  /** When its newest file was last written, milliseconds since the epoch. */
  readonly writtenMs: number;
}

/**
 * Every attempt that has a log in a folder of `<namespace>_<pod>_<uid>/<container>/<attempt>.log`,
 * the one written last first. A folder that cannot be read holds none.
 *
 * @param isWanted leaves out pods whose logs need not be looked at
 */
export async function listLoggedAttempts(
  directory: string,
  isWanted: (namespace: string, pod: string) => boolean = () => true,
): Promise<readonly LoggedAttempt[]> {
  const found: LoggedAttempt[] = [];
  for (const folder of await namesIn(directory)) {
    const [namespace = "", pod = "", uid, ...rest] = folder.split("_");
    if (uid === undefined || rest.length > 0 || !isWanted(namespace, pod)) continue;
    for (const container of await namesIn(join(directory, folder))) {
      const own = join(directory, folder, container);
      for (const attempt of await listAttempts(own).catch(() => [])) { // a file, no folder
        const source = logSourceOf(own, attempt);
        const writtenMs = await lastWritten(source);
        found.push({ namespace, pod, uid, container, attempt, source, writtenMs });
      }
    }
  }
  return found.sort((left, right) =>
    right.writtenMs - left.writtenMs || right.attempt - left.attempt
  );
}

async function lastWritten(source: LogSource): Promise<number> {
  const newest = (await logFiles(source).catch(() => [])).at(-1); // removed since
  if (newest === undefined) return 0;
  return (await stat(newest.path).catch(() => undefined))?.mtimeMs ?? 0;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return (await readdir(directory).catch(() => [])).sort(); // absent, or not ours to read
}
