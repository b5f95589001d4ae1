import { dirname, join } from "node:path";
import { formatContainer, PodsteadError } from "../core/mod.ts";
import {
  listPods,
  type PodView,
  resolveContainer,
  type Runtime,
  RuntimeService,
  type SelectedContainer,
} from "../cri/mod.ts";
import { listAttempts } from "../logs/mod.ts";
import type { LogRequest } from "../api/contract/mod.ts";

/** A container whose log is to be read. */
export interface LogTarget extends SelectedContainer {
  readonly logPath: string;
}

/** What finding logs needs beside the request. */
export interface LogTargetDeps {
  readonly runtime: Runtime;
  readonly node: { readonly name: string };
  readonly signal: AbortSignal;
}

/**
 * The logs that a request names, each once, in the order of the request.
 *
 * @throws {PodsteadError} `not-found` and `ambiguous` with the candidates
 */
export async function logTargets(
  request: LogRequest,
  deps: LogTargetDeps,
): Promise<readonly LogTarget[]> {
  const pods = await listPods(deps.runtime, { processes: false, signal: deps.signal });
  const targets = await Promise.all([
    ...request.references.map((reference) => named(pods, reference, request, deps)),
    ...labelled(pods, request).map((reference) =>
      named(pods, reference, request, deps).catch((error: unknown) => {
        // Of several pods not each has an earlier attempt.
        if (wantsEarlier(request) && isNotFound(error)) return undefined;
        throw error;
      })
    ),
  ]);
  const byPath = new Map(
    targets.filter((target) => target !== undefined).map((target) => [target.logPath, target]),
  );
  if (byPath.size > 0) return [...byPath.values()];
  const which = request.labels.map(([key, value]) => `${key}=${value}`).join(", ");
  throw new PodsteadError("not-found", `No log of a pod with the labels ${which}`, {
    hint: 'See the labels with "podstead containers -k -o yaml"',
  });
}

/** Exact references to every container, by its name, of the pods with all the labels. */
function labelled(
  pods: readonly PodView[],
  { labels, container: wanted }: LogRequest,
): readonly string[] {
  if (labels.length === 0) return [];
  const references = pods
    .filter((pod) => labels.every(([key, value]) => pod.labels[key] === value))
    .flatMap(({ namespace, name: pod, containers }) =>
      containers
        .filter(({ name }) => wanted === undefined || name === wanted)
        .map(({ name }) => `${namespace}/${pod}:${name}`)
    );
  return [...new Set(references)];
}

async function named(
  pods: readonly PodView[],
  reference: string,
  request: LogRequest,
  deps: LogTargetDeps,
): Promise<LogTarget> {
  const { container, attempt, previous } = request;
  const select = { nodeName: deps.node.name, container };
  try {
    const selected = resolveContainer(pods, reference, { ...select, attempt, previous });
    return { ...selected, logPath: await logPathOf(selected, deps) };
  } catch (error) {
    if (!wantsEarlier(request) || !isNotFound(error)) throw error;
    const newest = resolveContainer(pods, reference, select);
    const kept = await keptAttempt(newest, request, deps);
    if (kept === undefined) throw error;
    return kept;
  }
}

function wantsEarlier({ attempt, previous }: LogRequest): boolean {
  return previous || attempt !== undefined;
}

/** An attempt that the runtime has forgotten, but whose log is still there. */
async function keptAttempt(
  newest: SelectedContainer,
  { attempt }: LogRequest,
  deps: LogTargetDeps,
): Promise<LogTarget | undefined> {
  const directory = dirname(await logPathOf(newest, deps));
  const attempts = await listAttempts(directory).catch(() => []); // no directory, no attempt
  const wanted = attempts.filter((other) =>
    attempt === undefined ? other < newest.container.attempt : other === attempt
  ).at(-1);
  if (wanted === undefined) return undefined;
  return {
    pod: newest.pod,
    container: { ...newest.container, attempt: wanted },
    logPath: join(directory, `${wanted}.log`),
  };
}

async function logPathOf(
  { pod, container }: SelectedContainer,
  { runtime, signal }: LogTargetDeps,
): Promise<string> {
  const { status } = await runtime.call(
    RuntimeService.method.containerStatus,
    { containerId: container.id },
    { signal },
  );
  const logPath = status?.logPath ?? "";
  if (logPath !== "") return logPath;
  throw new PodsteadError(
    "not-found",
    `Container "${formatContainer(pod, container)}" has no log file`,
    {
      hint: "Its runtime was told to write none, as for containers that were not made by a kubelet",
    },
  );
}

function isNotFound(error: unknown): boolean {
  return error instanceof PodsteadError && error.code === "not-found";
}
