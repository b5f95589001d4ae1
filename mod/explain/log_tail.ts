/** The end of the log that shows why a pod does not run. */
import { type ContainerView, type PodView, type Runtime, RuntimeService } from "../cri/mod.ts";
import {
  listLoggedAttempts,
  type LogSource,
  logSourceAt,
  POD_LOGS_DIRECTORY,
  readLog,
} from "../logs/mod.ts";
import type { PodStatusRow } from "../status/mod.ts";
import { failingContainer } from "./facts.ts";
import type { EvidenceSources } from "./node_evidence.ts";
import { quietly } from "./quietly.ts";

/** The end of a container's log. */
export interface LogTail {
  readonly container: string;
  readonly attempt: number;
  readonly lines: readonly string[];
}

/** Lines of a failing container's log that are shown. */
const TAIL_LINES = 10;

/** The length at which a line is cut, in characters: one of a megabyte explains no more. */
const MAX_LINE_LENGTH = 500;

/** The end of the log of the container that failed, that is not ready, or that ended last. */
export async function tailOf(
  row: PodStatusRow,
  ended: string | undefined,
  { runtime, logsDirectory = POD_LOGS_DIRECTORY }: Pick<
    EvidenceSources,
    "runtime" | "logsDirectory"
  >,
  signal: AbortSignal,
): Promise<LogTail | undefined> {
  const [sandbox] = row.joined.sandboxes;
  if (sandbox === undefined) return await quietly(tailByPath(row, logsDirectory, signal));
  const unready = row.joined.kubelet?.containers.find(({ ready }) => !ready);
  const name = failingContainer({ row })?.name ?? unready?.name ?? ended ??
    sandbox.containers[0]?.name;
  const attempts = attemptsOf(row.joined.sandboxes, name);
  // The newest attempt may have had no time to say anything.
  for (const container of attempts.slice(0, 2)) {
    const lines = await quietly(readTailOf(container, runtime, signal));
    if (lines !== undefined && lines.length > 0) {
      return { container: container.name, attempt: container.attempt, lines };
    }
  }
  return await quietly(tailByPath(row, logsDirectory, signal));
}

/** The end of the log that was written last, for a pod of which the runtime says nothing. */
async function tailByPath(
  { namespace, name }: PodStatusRow,
  logsDirectory: string,
  signal: AbortSignal,
): Promise<LogTail | undefined> {
  const logged = await listLoggedAttempts(
    logsDirectory,
    (other, pod) => other === namespace && pod === name,
  );
  for (const { source, container, attempt } of logged.slice(0, 2)) {
    const lines = await readTail(source, signal);
    if (lines.length > 0) return { container, attempt, lines };
  }
  return undefined;
}

/** Every instance of a container over all sandboxes of its pod, newest first. */
function attemptsOf(
  sandboxes: readonly PodView[],
  name: string | undefined,
): readonly ContainerView[] {
  return sandboxes.flatMap(({ containers }) => containers)
    .filter((container) => container.name === name)
    .toSorted((left, right) => left.createdAt < right.createdAt ? 1 : -1);
}

async function readTailOf(
  container: ContainerView,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = container.status?.logPath ?? await logPathOf(container, runtime, signal);
  return path === "" ? [] : await readTail(logSourceAt(path), signal);
}

async function readTail(source: LogSource, signal: AbortSignal): Promise<readonly string[]> {
  const chunks: Uint8Array[] = [];
  const selection = { tail: TAIL_LINES };
  const options = { selection, output: { format: "text" as const }, signal };
  for await (const chunk of readLog(source, options)) chunks.push(chunk);
  const text = new TextDecoder().decode(Buffer.concat(chunks));
  return text.split("\n").slice(0, -1).map((line) => line.slice(0, MAX_LINE_LENGTH));
}

async function logPathOf(
  { id }: ContainerView,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<string> {
  const request = { containerId: id };
  const { status } = await runtime.call(RuntimeService.method.containerStatus, request, { signal });
  return status?.logPath ?? "";
}
