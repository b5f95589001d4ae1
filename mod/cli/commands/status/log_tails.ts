/** What the logs on disk say of pods while neither agent nor runtime answers. */
import type { LogTail } from "../../../api/contract/mod.ts";
import {
  listLoggedAttempts,
  type LoggedAttempt,
  POD_LOGS_DIRECTORY,
  readLog,
} from "../../../logs/mod.ts";

/** Lines of a log that are shown. */
const TAIL_LINES = 10;

/** The log of a pod that was written last. */
export interface LoggedPod {
  readonly id: string;
  readonly writtenMs: number;
  readonly logTail: LogTail;
}

/**
 * The static pods that have logs on this node, by ID, each with the end of the log that
 * was written last.
 */
export async function loggedPods(
  nodeName: string,
  directory: string = POD_LOGS_DIRECTORY,
): Promise<readonly LoggedPod[]> {
  const attempts = await listLoggedAttempts(
    directory,
    (_namespace, pod) => pod.endsWith(`-${nodeName}`),
  );
  const newest = new Map<string, LoggedAttempt>();
  for (const one of attempts) {
    const id = `${one.namespace}/${one.pod}`;
    if (!newest.has(id)) newest.set(id, one);
  }
  const pods: LoggedPod[] = [];
  for (const [id, { container, attempt, source, writtenMs }] of newest) {
    const chunks: Uint8Array[] = [];
    try {
      const options = { selection: { tail: TAIL_LINES }, output: { format: "text" as const } };
      for await (const chunk of readLog(source, options)) chunks.push(chunk);
    } catch {
      continue; // removed since, or not ours to read
    }
    const lines = new TextDecoder().decode(Buffer.concat(chunks)).split("\n").slice(0, -1);
    pods.push({ id, writtenMs, logTail: { container, attempt, lines } });
  }
  return pods.sort((left, right) => left.id < right.id ? -1 : 1);
}
