/** `~/.config/podstead/nodes.yaml`: nodes by name, in contexts. */
import {
  ConfigError,
  isJsonObject,
  type JsonValue,
  nearest,
  parseDuration,
  type Path,
  type Problem,
} from "../../core/mod.ts";
import { parseYaml } from "../../yaml/mod.ts";

/** One node as the file has it. */
export interface NodeEntry {
  readonly name: string;
  /** As ssh takes it: `host`, `user@host`, `ssh://user@host:port`; the name if the file has none. */
  readonly ssh: string;
  /** The agent's admin socket, if it is not the usual one. */
  readonly socket?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** What the file says. */
export interface NodesFile {
  /** The context in use: `context`, else the only one, else `default`. */
  readonly context: string;
  readonly contexts: Readonly<Record<string, readonly NodeEntry[]>>;
  /** How long a node may take to be connected to, in milliseconds. */
  readonly connectTimeoutMs: number;
}

/** A node that does not answer must not hold up the others for long. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Nothing is known by name: what holds without a file. */
export const NO_NODES: NodesFile = {
  context: "default",
  contexts: {},
  connectTimeoutMs: CONNECT_TIMEOUT_MS,
};

/** The context of a file that names none. */
const DEFAULT_CONTEXT = "default";

/** A name that is not mistaken for a list, a group or an option. */
export const NODE_NAME = /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/;

/** What ssh would not take for an option. */
const SSH_TARGET = /^[^-\s][^\s]*$/;

const NODE_KEYS = ["name", "ssh", "socket", "labels"] as const;

/**
 * Reads the file.
 *
 * @param file its name, for problems
 * @throws {ConfigError} with everything that is wrong with it
 */
export function parseNodesFile(text: string, file: string): NodesFile {
  const parsed = parseYaml(text, file);
  const problems: Problem[] = parsed.problems.filter(({ severity }) => severity === "error");
  const document = parsed.documents[0];
  const value = document?.value ?? null;
  const report = (path: Path, message: string, wanted: string, hint?: string) => {
    const position = document?.positionOf(path);
    problems.push({
      severity: "error",
      code: "nodes-file",
      file,
      ...(position === undefined ? {} : { position, sourceLine: parsed.lineText(position.line) }),
      path,
      message,
      wanted,
      ...(hint === undefined ? {} : { hint }),
    });
  };
  const contexts = problems.length > 0 ? {} : contextsOf(value, report);
  const context = contextOf(value, Object.keys(contexts), report);
  const connectTimeoutMs = connectTimeoutOf(value, report);
  if (problems.length === 0) return { context, contexts, connectTimeoutMs };
  throw new ConfigError(`Cannot use the nodes of "${file}"`, problems, {
    hint: 'Fix the file; "podstead nodes list" reads it again',
  });
}

type Report = (path: Path, message: string, wanted: string, hint?: string) => void;

function contextsOf(value: JsonValue, report: Report): NodesFile["contexts"] {
  if (value === null) return {};
  if (!isJsonObject(value)) {
    report([], "The file is not a mapping", "contexts: {NAME: {nodes: […]}}");
    return {};
  }
  unknownKeys(value, ["context", "contexts", "connectTimeout"], [], report);
  const { contexts = {} } = value;
  if (!isJsonObject(contexts)) {
    report(["contexts"], "contexts is not a mapping", "NAME: {nodes: […]}");
    return {};
  }
  const seen = Object.entries(contexts).map(([name, context]) => {
    const path = ["contexts", name];
    if (!isJsonObject(context)) {
      report(path, `The context "${name}" is not a mapping`, "nodes: […]");
      return [name, []] as const;
    }
    unknownKeys(context, ["nodes"], path, report);
    return [name, nodesOf(context.nodes ?? [], [...path, "nodes"], report)] as const;
  });
  return Object.fromEntries(seen);
}

function contextOf(value: JsonValue, names: readonly string[], report: Report): string {
  const context = isJsonObject(value) ? value.context : undefined;
  if (context === undefined) return names.length === 1 ? names[0] ?? "" : DEFAULT_CONTEXT;
  if (typeof context === "string" && (names.length === 0 || names.includes(context))) {
    return context;
  }
  const meant = nearest(String(context), names);
  report(
    ["context"],
    `There is no context "${String(context)}"`,
    `one of ${names.join(", ")}`,
    meant === undefined ? undefined : `Did you mean "${meant}"?`,
  );
  return DEFAULT_CONTEXT;
}

function connectTimeoutOf(value: JsonValue, report: Report): number {
  const text = isJsonObject(value) ? value.connectTimeout : undefined;
  if (text === undefined) return CONNECT_TIMEOUT_MS;
  const durationMs = typeof text === "string" ? parseDuration(text) : undefined;
  if (durationMs !== undefined && durationMs > 0) return durationMs;
  report(["connectTimeout"], "connectTimeout is not a duration", "5s, 1m");
  return CONNECT_TIMEOUT_MS;
}

function nodesOf(value: JsonValue, path: Path, report: Report): readonly NodeEntry[] {
  if (!Array.isArray(value)) {
    report(path, "nodes is not a list", "- {name: …, ssh: …}");
    return [];
  }
  const names = new Set<string>();
  return value.flatMap((node, at): readonly NodeEntry[] => {
    const entry = nodeOf(node, [...path, at], report);
    if (entry === undefined) return [];
    if (names.has(entry.name)) {
      report([...path, at, "name"], `The node "${entry.name}" is there twice`, "one name each");
    }
    names.add(entry.name);
    return [entry];
  });
}

function nodeOf(value: JsonValue, path: Path, report: Report): NodeEntry | undefined {
  if (!isJsonObject(value)) {
    report(path, "A node is not a mapping", "{name: …, ssh: …, labels: {…}}");
    return undefined;
  }
  unknownKeys(value, NODE_KEYS, path, report);
  const { name, ssh = name, socket, labels = {} } = value;
  if (typeof name !== "string" || !NODE_NAME.test(name) || name === "all") {
    report(
      name === undefined ? path : [...path, "name"],
      'A node has no usable name; "all" means every node',
      "letters, digits, -, _ and dots",
    );
    return undefined;
  }
  if (typeof ssh !== "string" || !SSH_TARGET.test(ssh)) {
    report([...path, "ssh"], `The node "${name}" has no usable ssh target`, "host or user@host");
    return undefined;
  }
  if (socket !== undefined && (typeof socket !== "string" || !socket.startsWith("/"))) {
    report([...path, "socket"], `The socket of node "${name}" is not usable`, "an absolute path");
    return undefined;
  }
  if (!isJsonObject(labels) || Object.values(labels).some((label) => typeof label !== "string")) {
    report([...path, "labels"], `The labels of node "${name}" are not usable`, "KEY: text");
    return undefined;
  }
  return {
    name,
    ssh,
    ...(socket === undefined ? {} : { socket }),
    labels: labels as Readonly<Record<string, string>>, // checked above
  };
}

function unknownKeys(
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path: Path,
  report: Report,
): void {
  for (const key of Object.keys(value).filter((one) => !known.includes(one))) {
    const meant = nearest(key, known);
    report(
      [...path, key],
      `There is no key "${key}" here`,
      known.join(", "),
      meant === undefined ? undefined : `Did you mean "${meant}"?`,
    );
  }
}
