import { dirname, join } from "node:path";
import {
  formatContainer,
  formatPod,
  parseLabelSelector,
  PodsteadError,
  RuntimeUnavailable,
  selectsLabels,
} from "../core/mod.ts";
import {
  DEFAULT_CONTAINER_ANNOTATION,
  listPods,
  type PodView,
  resolveContainer,
  resolvePod,
  type Runtime,
  RuntimeService,
  type SelectedContainer,
} from "../cri/mod.ts";
import { listAttempts, POD_LOGS_DIRECTORY } from "../logs/mod.ts";
import type { LogRequest } from "../api/contract/mod.ts";
import { pathInLogFolder, podsOfLogFolder } from "./log_folder.ts";

/** A container whose log should be read. */
export interface LogTarget extends SelectedContainer {
  readonly logPath: string;
}

/** What finding logs needs besides the request. */
export interface LogTargetDeps {
  readonly runtime: Runtime;
  readonly node: { readonly name: string };
  readonly signal: AbortSignal;
  /** Called with what the reader should know: why a log was found by its path. */
  readonly onNotice: (text: string) => void;
  /** `/var/log/pods` if not set. */
  readonly logsDirectory?: string | undefined;
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
  const pods = await podsOrReason(deps);
  if (pods instanceof RuntimeUnavailable) return await targetsByPath(request, deps, pods);
  const references = request.references.map((reference) =>
    containersOf(pods, reference, request, deps)
  );
  const single = references.filter(({ length }) => length === 1).flat();
  const several = [
    ...references.filter(({ length }) => length > 1).flat(),
    ...labelled(pods, request),
  ];
  const targets = await Promise.all([
    ...single.map((reference) => named(pods, reference, request, deps)),
    ...several.map((reference) =>
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
  if (request.selector === undefined) {
    throw new PodsteadError("not-found", `No earlier log of "${request.references.join('", "')}"`, {
      hint: "No container of it has ended yet; without --previous it is the newest",
    });
  }
  throw new PodsteadError("not-found", `No log of a pod with the labels ${request.selector}`, {
    hint: 'See the labels with "podstead containers -k -o yaml"',
  });
}

/** The runtime's pods, or why it cannot be asked. */
async function podsOrReason(
  { runtime, signal }: LogTargetDeps,
): Promise<readonly PodView[] | RuntimeUnavailable> {
  try {
    return await listPods(runtime, { processes: false, signal });
  } catch (error) {
    if (error instanceof RuntimeUnavailable) return error;
    throw error;
  }
}

/** What the files themselves say, where the runtime says nothing. @throws `reason` if that is nothing */
async function targetsByPath(
  request: LogRequest,
  deps: LogTargetDeps,
  reason: RuntimeUnavailable,
): Promise<readonly LogTarget[]> {
  const pods = await podsOfLogFolder(directoryOf(deps), deps.node.name);
  if (pods.length === 0 || request.references.length === 0) throw reason;
  const targets = request.references
    .flatMap((reference) => containersOf(pods, reference, request, deps))
    .map((reference) => byPath(pods, reference, request, deps));
  deps.onNotice(`${reason.message}; the logs are read from ${directoryOf(deps)}`);
  return [...new Map(targets.map((target) => [target.logPath, target])).values()];
}

/**
 * Exact references to the containers of a pod that is named without one, if they are several;
 * else the reference as it is. A pod's own default container stands for itself.
 */
function containersOf(
  pods: readonly PodView[],
  reference: string,
  { container, allContainers = false }: LogRequest,
  { node }: LogTargetDeps,
): readonly string[] {
  if (reference.includes(":") || container !== undefined) return [reference];
  const sandboxes = attempted(() => resolvePod(pods, reference, { nodeName: node.name }));
  const [newest] = sandboxes ?? [];
  if (sandboxes === undefined || newest === undefined) return [reference];
  const all = sandboxes.flatMap(({ containers }) => containers);
  const isDefault = newest.annotations[DEFAULT_CONTAINER_ANNOTATION];
  if (!allContainers && all.some(({ name }) => name === isDefault)) return [reference];
  const ordinary = all.filter(({ type }) => allContainers || type === "container");
  const names = [...new Set(ordinary.map(({ name }) => name))];
  return names.length > 1 ? names.map((name) => `${formatPod(newest)}:${name}`) : [reference];
}

function byPath(
  pods: readonly PodView[],
  reference: string,
  { container, attempt, previous }: LogRequest,
  deps: LogTargetDeps,
): LogTarget {
  const select = { nodeName: deps.node.name, container, attempt, previous };
  const selected = resolveContainer(pods, reference, select);
  const logPath = pathInLogFolder(directoryOf(deps), selected.pod, selected.container);
  return { ...selected, logPath };
}

function directoryOf({ logsDirectory = POD_LOGS_DIRECTORY }: LogTargetDeps): string {
  return logsDirectory;
}

/** Exact references to every container, by its name, of the pods that the selector chooses. */
function labelled(
  pods: readonly PodView[],
  { selector, namespace, container: wanted }: LogRequest,
): readonly string[] {
  if (selector === undefined) return [];
  const wantedLabels = parseLabelSelector(selector);
  const references = pods
    .filter((pod) => namespace === undefined || pod.namespace === namespace)
    .filter((pod) => selectsLabels(wantedLabels, pod.labels))
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
    if (!isNotFound(error)) throw error;
    return await forgotten(pods, reference, request, deps) ?? fail(error);
  }
}

function fail(error: unknown): never {
  throw error;
}

/** What the runtime has forgotten, while its log is still there: an attempt, or a whole pod. */
async function forgotten(
  pods: readonly PodView[],
  reference: string,
  request: LogRequest,
  deps: LogTargetDeps,
): Promise<LogTarget | undefined> {
  const select = { nodeName: deps.node.name, container: request.container };
  const newest = attempted(() => resolveContainer(pods, reference, select));
  if (newest !== undefined) {
    return wantsEarlier(request) ? await keptAttempt(newest, reference, request, deps) : undefined;
  }
  const logged = await podsOfLogFolder(directoryOf(deps), deps.node.name);
  const found = attempted(() => byPath(logged, reference, request, deps));
  if (found === undefined) return undefined;
  deps.onNotice(`The runtime no longer has "${reference}"; its log is read from ${found.logPath}`);
  return found;
}

/** What `find` gives, or undefined if there is no such thing. */
function attempted<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function wantsEarlier({ attempt, previous }: LogRequest): boolean {
  return previous || attempt !== undefined;
}

/** An attempt that the runtime has forgotten, but whose log is still there. */
async function keptAttempt(
  newest: SelectedContainer,
  reference: string,
  { attempt }: LogRequest,
  deps: LogTargetDeps,
): Promise<LogTarget | undefined> {
  const directory = dirname(await logPathOf(newest, deps));
  const attempts = await listAttempts(directory).catch(() => []); // no directory, no attempt
  const wanted = attempts.filter((other) =>
    attempt === undefined ? other < newest.container.attempt : other === attempt
  ).at(-1);
  if (wanted === undefined) {
    const all = new Set([...attempts, newest.container.attempt]);
    const which = attempt === undefined ? "earlier attempt" : `attempt ${attempt}`;
    throw new PodsteadError("not-found", `There is no ${which} of "${reference}"`, {
      hint: `There is ${
        [...all].sort((left, right) => left - right).map((one) => `attempt ${one}`).join(", ")
      }`,
    });
  }
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
