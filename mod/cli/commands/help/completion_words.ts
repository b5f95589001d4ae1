import { type Command, proposeCompletions } from "@stricli/core";
import { remoteNode } from "../../../api/client/mod.ts";
import { formatPod } from "../../../core/mod.ts";
import { completeField } from "../../../pods/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { traitsOf } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { GLOBAL_OPTIONS, takeGlobals } from "../../shell/globals.ts";
import { readCommandLine } from "../../shell/line/command_line.ts";
import { podReference } from "../../shell/parsers.ts";
import { podOf } from "../status/pod_view.ts";
import { RESOURCE_VIEWS } from "../status/resource_types.ts";

/** A word that can stand where the cursor is, and what it means. */
export type Candidate = readonly [word: string, brief: string];

/** No one waits longer than this after a Tab key, in milliseconds. */
const LIVE_TIMEOUT_MS = 700;

/** Commands whose arguments are containers; those of others that take pods are static pods. */
const OF_CONTAINERS: ReadonlySet<string> = new Set([
  "logs",
  "log",
  "restart",
  "inspect",
  "exec",
  "stats",
]);

/** What `logs` shows besides pods. */
const SERVICES: readonly Candidate[] = [
  ["kubelet", "service"],
  ["containerd", "service"],
  ["podstead", "service"],
];

/**
 * What can stand at the end of a command line: commands and options from the
 * command line's own definition, names from the running agent. A name is found by
 * the beginning of any part of it. An agent that does not answer at once only
 * means that there are no names.
 *
 * @param words what was typed after `podstead`; the last one may be unfinished or empty
 */
export async function completeWords(
  words: readonly string[],
  context: CliContext,
): Promise<readonly Candidate[]> {
  const partial = words.at(-1) ?? "";
  const { globals, rest: typed } = takeGlobals(words.slice(0, -1), context.world.env);
  const { isCommand, loadRoutes } = context.program;
  const asked = await readCommandLine(typed, { isCommand, load: loadRoutes }).catch(() =>
    undefined
  ); // half a command line is often not a valid one
  // No command yet is no command, and not the verdict that it would be at its end.
  const rest = typed.length === 0 ? [] : asked?.line ?? typed;
  const program = await context.program.buildCli(rest[0]);
  const proposed = await proposeCompletions(program, [...rest, partial], context)
    .catch(() => []);
  const own = proposed.map(({ completion, brief }): Candidate => [completion, brief])
    .filter(([word]) => word !== "--" || partial.startsWith("-"))
    // Behind the type stand names.
    .filter(([word]) => word.startsWith("-") || !isNamed(rest));
  const more = rest[0] === "explain" && !partial.startsWith("-")
    ? completeField(partial).map((field): Candidate => [field, "field"])
    : partial.startsWith("-")
    ? GLOBAL_OPTIONS.map(([name, brief]): Candidate => [name.split(" ")[0] ?? "", brief])
    : await liveNames(rest, { ...context, globals, namespace: asked?.namespace }, partial);
  const candidates = [...own, ...more].filter(([word]) => isMeant(word, partial));
  return [...new Map(candidates)];
}

/** Whether what was typed begins the word, or a part of it: `api` means `kube-apiserver`. */
function isMeant(word: string, partial: string): boolean {
  if (word.startsWith(partial)) return true;
  if (partial.startsWith("-")) return false;
  return [...word.matchAll(/[/:.-]/g)].some(({ index }) => word.startsWith(partial, index + 1));
}

/** Whether the words are `get` and a type. */
function isNamed([command = "", ...more]: readonly string[]): boolean {
  return /^(get|g)$/.test(command) && !isValueOf(more.at(-1) ?? "") &&
    more.some((word) => !word.startsWith("-"));
}

/** The names that can stand there: of pods and containers, or what the option before asks for. */
async function liveNames(
  words: readonly string[],
  context: CliContext,
  partial: string,
): Promise<readonly Candidate[]> {
  const [command = "", ...more] = words;
  const before = words.at(-1) ?? "";
  const named = more.filter((word) => !word.startsWith("-"));
  const { commands } = await context.program.loadRoutes(command);
  const target = Object.values(commands).find((one) => "parameters" in one);
  const takesPods = Object.keys(commands).length === 1 && target !== undefined &&
    namesPods(target);
  const signal = AbortSignal.timeout(LIVE_TIMEOUT_MS);
  try {
    if (/^(-n|--namespace)$/.test(before)) {
      const namespaces = (await staticPods(context, signal)).map(({ namespace }) => namespace);
      return [...new Set(namespaces)].map((namespace): Candidate => [namespace, "namespace"]);
    }
    if (/^(-u|--unit)$/.test(before)) return SERVICES;
    if (/^(-c|--container)$/.test(before)) return await containersOf(context, signal, named);
    if (isValueOf(before)) return [];
    if (/^(get|g)$/.test(command)) {
      // `pod/nginx`, and then each with its type.
      const [type = "", slash] =
        (named.length === 0 || partial.includes("/") ? partial : named[0] ?? "").split(/(?=\/)/);
      if (slash === undefined && named.length === 0) return [];
      const names = await resourceNames(context, signal, type);
      return slash === undefined
        ? names
        : names.map(([name, brief]): Candidate => [`${type}/${name}`, brief]);
    }
    if (!takesPods) return [];
    if (!OF_CONTAINERS.has(command)) return podNames(await staticPods(context, signal), partial);
    const names = await containerNames(context, signal, partial);
    return /^logs?$/.test(command) ? [...names, ...SERVICES] : names;
  } catch {
    return []; // no agent, no names: the shell shows the rest
  }
}

/** Whether arguments of a command are pods. */
function namesPods(target: Command<CliContext>): boolean {
  if (traitsOf(target).takesPods) return true;
  const { positional } = target.parameters;
  const parameters = positional === undefined
    ? []
    : positional.kind === "array"
    ? [positional.parameter]
    : positional.parameters;
  return parameters.some(({ parse }) => (parse as unknown) === podReference);
}

/** Whether a value of its own has to follow a word, which no name is. */
function isValueOf(before: string): boolean {
  return /^(-o|--output|-l|--label|--since|--until|--tail|--grep|--sort-by|--attempt)$/.test(
    before,
  );
}

interface NamedPod {
  readonly namespace: string;
  readonly name: string;
  readonly brief: string;
  /** More than one: each is named on its own too. */
  readonly containers: readonly string[];
}

async function staticPods(context: CliContext, signal: AbortSignal): Promise<readonly NamedPod[]> {
  const agent = await agentOf(context);
  const { items } = await agent.resources({ type: "StaticPodStatus" }, { signal });
  return items.map((item) => ({
    ...podOf(item),
    brief: `pod, ${String(item.spec["reason"] || item.spec["phase"] || "")}`,
    containers: [],
  }));
}

async function containerNames(
  context: CliContext,
  signal: AbortSignal,
  partial: string,
): Promise<readonly Candidate[]> {
  const { pods, nodeName } = await remoteNode(await agentOf(context)).pods({
    labels: false,
    signal,
  });
  const suffix = `-${nodeName}`;
  return podNames(
    pods.map(({ namespace, name, state, containers }) => ({
      namespace,
      name: name.endsWith(suffix) ? name.slice(0, -suffix.length) : name,
      brief: `pod, ${state}`,
      containers: [...new Set(containers.map((container) => container.name))],
    })),
    partial,
  );
}

/** The shortest name that means one pod; with its namespace if that was typed, or is needed. */
function podNames(pods: readonly NamedPod[], partial: string): readonly Candidate[] {
  const unique = [...new Map(pods.map((pod) => [formatPod(pod), pod])).values()];
  // `sys` begins a part of kube-system alone: then the namespace is part of the name.
  const isShort = unique.some(({ name }) => isMeant(name, partial));
  return unique.flatMap((pod): readonly Candidate[] => {
    const isAmbiguous = unique.some((other) => other !== pod && other.name === pod.name);
    const isOther = !isShort && isMeant(formatPod(pod), partial);
    const name = isAmbiguous || isOther || partial.includes("/") ? formatPod(pod) : pod.name;
    const containers = pod.containers.length > 1 || partial.includes(":") ? pod.containers : [];
    return [
      [name, pod.brief],
      ...containers.map((container): Candidate => [`${name}:${container}`, "container"]),
    ];
  });
}

/** The containers of the pods on the line; of all of them while none is named. */
async function containersOf(
  context: CliContext,
  signal: AbortSignal,
  named: readonly string[],
): Promise<readonly Candidate[]> {
  const node = remoteNode(await agentOf(context));
  const { pods, nodeName } = await node.pods({ labels: false, signal });
  const meant = pods.filter(({ namespace, name }) =>
    named.some((text) =>
      [name, `${namespace}/${name}`].some((one) => one === text || one === `${text}-${nodeName}`)
    )
  );
  const names = (meant.length > 0 ? meant : pods)
    .flatMap(({ containers }) => containers.map(({ name }) => name));
  return [...new Set(names)].map((name): Candidate => [name, "container"]);
}

async function resourceNames(
  context: CliContext,
  signal: AbortSignal,
  type: string,
): Promise<readonly Candidate[]> {
  const view = RESOURCE_VIEWS.find(({ names }) => names.includes(type));
  if (view === undefined) return [];
  const agent = await agentOf(context);
  const { items } = await agent.resources({ type: view.type }, { signal });
  return items.map((item) => [view.nameOf(item), view.kind]);
}
