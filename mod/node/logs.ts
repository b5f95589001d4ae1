import { dirname } from "node:path";
import { styleText } from "node:util";
import { formatPod, systemClock } from "../core/mod.ts";
import { listPods, type Runtime } from "../cri/mod.ts";
import {
  attemptOf,
  type AttemptState,
  followAttempts,
  type FollowAttemptsOptions,
  followAttemptsTimed,
  formatNotice,
  LOG_LINE_MEMBERS,
  type LogOutput,
  logSourceAt,
  mergeByTime,
  readLog,
  readTimedLog,
} from "../logs/mod.ts";
import type { LogRequest } from "../api/contract/mod.ts";
import { type LogTarget, logTargets } from "./log_targets.ts";

/** What reading logs needs besides the request. */
export interface LogDeps {
  readonly runtime: Runtime;
  readonly node: { readonly name: string; readonly address: string };
  readonly signal: AbortSignal;
  /** Called with what the reader should know besides the lines: a restart, a damaged file. */
  readonly onNotice: (text: string) => void;
  /** `/var/log/pods` if not set. */
  readonly logsDirectory?: string | undefined;
}

/**
 * Opens the logs that a request asks for: one as it is, several interleaved by
 * time with a prefix each.
 *
 * @returns chunks of whole lines, made as they are asked for; a chunk may be
 * overwritten once the next one was asked for
 * @throws {PodsteadError} `not-found` and `ambiguous` with the candidates
 */
export async function openLogs(
  request: LogRequest,
  deps: LogDeps,
): Promise<AsyncIterable<Uint8Array>> {
  const targets = await logTargets(request, deps);
  const several = targets.length > 1;
  const [first] = targets;
  if (first !== undefined && !several) {
    const prefix = request.format === "raw" ? `${deps.node.address}: ` : undefined;
    const options = readOptions(request, deps, first, prefix);
    return request.follow
      ? followAttempts({ ...options, ...followOptions(first, deps) })
      : readLog(logSourceAt(first.logPath), { ...options, reuseChunks: true });
  }
  const { limitBytes } = request.selection;
  const logs = targets.map((target, at) => {
    const options = readOptions(request, deps, target, prefixOf(target, at, request.color));
    return request.follow
      ? followAttemptsTimed({ ...options, ...followOptions(target, deps) })
      : readTimedLog(logSourceAt(target.logPath), options);
  });
  return mergeByTime(logs, limitBytes === undefined ? {} : { limitBytes });
}

function readOptions(
  request: LogRequest,
  deps: LogDeps,
  target: LogTarget,
  linePrefix: string | undefined,
) {
  const output: LogOutput = {
    format: request.format,
    ...(linePrefix === undefined ? {} : { linePrefix }),
    ...(request.timestamps === undefined ? {} : { timestamps: request.timestamps }),
    pod: formatPod(target.pod),
    container: target.container.name,
    firstMembers: LOG_LINE_MEMBERS,
  };
  return {
    selection: request.selection,
    output,
    signal: deps.signal,
    onNotice: (notice: Parameters<typeof formatNotice>[0]) =>
      deps.onNotice(
        `${formatPod(target.pod)}:${target.container.name}: ${
          formatNotice(notice, systemClock.now())
        }`,
      ),
  };
}

function followOptions(
  target: LogTarget,
  deps: LogDeps,
): Pick<FollowAttemptsOptions, "directory" | "attempt" | "state"> {
  return {
    directory: dirname(target.logPath),
    attempt: attemptOf(logSourceAt(target.logPath)) ?? target.container.attempt,
    state: (attempt) => attemptState(target, attempt, deps),
  };
}

/** Asks the runtime for the end of an attempt; the kubelet restarts it while its sandbox is ready. */
async function attemptState(
  target: LogTarget,
  attempt: number,
  deps: LogDeps,
): Promise<AttemptState> {
  const pods = await listPods(deps.runtime, {
    processes: false,
    statuses: "exited",
    signal: deps.signal,
  });
  const sandboxes = pods.filter((pod) => pod.uid === target.pod.uid);
  const container = sandboxes.flatMap((pod) => pod.containers)
    .find(({ name, attempt: other }) => name === target.container.name && other === attempt);
  if (container?.state === "CONTAINER_RUNNING" || container?.state === "CONTAINER_CREATED") {
    return { running: true };
  }
  const { exitCode, reason, finishedAt } = container?.status ?? {};
  return {
    running: false,
    willRestart: sandboxes.some((pod) => pod.state === "SANDBOX_READY"),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined || reason === "" ? {} : { reason }),
    ...(finishedAt === undefined ? {} : { finishedAtMs: Date.parse(finishedAt) }),
  };
}

/** Colours that are told apart on dark and on light ground. */
const PREFIX_COLORS = ["cyan", "yellow", "green", "magenta", "blue", "red"] as const;

function prefixOf(target: LogTarget, at: number, color: boolean): string {
  const text = `${formatPod(target.pod)}:${target.container.name}: `;
  const look = PREFIX_COLORS[at % PREFIX_COLORS.length];
  return color && look !== undefined ? styleText(look, text, { validateStream: false }) : text;
}
