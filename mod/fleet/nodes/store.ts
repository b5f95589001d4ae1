/** The file of nodes on disk. */
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { appendDocument, editValue } from "../../change/mod.ts";
import { ConfigError, type JsonValue, PodsteadError } from "../../core/mod.ts";
import { writeFileAtomic } from "../../os/mod.ts";
import { NO_NODES, type NodeEntry, type NodesFile, parseNodesFile } from "./nodes_file.ts";

/** Nodes may be anyone's business but that of other users: for its owner to read and write. */
const MODE = 0o600;

/** Where the file is: in `XDG_CONFIG_HOME`, else in `~/.config`. */
export function nodesPath(env: Readonly<Record<string, string | undefined>>): string {
  const base = env.XDG_CONFIG_HOME || join(env.HOME ?? "/", ".config");
  return join(base, "podstead", "nodes.yaml");
}

/**
 * Reads the file; {@linkcode NO_NODES} if there is none.
 *
 * @throws {ConfigError} if it cannot be read or used
 */
export async function readNodes(path: string): Promise<NodesFile> {
  const text = await readText(path);
  return text === undefined ? NO_NODES : parseNodesFile(text, path);
}

/**
 * Adds a node to the context in use, or replaces the one of its name. Comments and order stay.
 *
 * @returns whether it was there before
 * @throws {ConfigError} if the file cannot be used
 */
export async function addNode(path: string, node: NodeEntry): Promise<boolean> {
  const text = await readText(path) ?? "";
  const { context, contexts } = parseNodesFile(text, path);
  const before = contexts[context];
  const nodes = before ?? [];
  const known = nodes.some(({ name }) => name === node.name);
  const after = known ? nodes.map((one) => one.name === node.name ? node : one) : [...nodes, node];
  await write(path, text, context, contexts, after);
  return known;
}

/**
 * Takes a node out of the context in use.
 *
 * @throws {PodsteadError} `not-found` if it is not in it
 */
export async function removeNode(path: string, name: string): Promise<void> {
  const text = await readText(path) ?? "";
  const { context, contexts } = parseNodesFile(text, path);
  const nodes = contexts[context] ?? [];
  if (!nodes.some((one) => one.name === name)) {
    throw new PodsteadError("not-found", `There is no node "${name}" in the context "${context}"`, {
      hint: 'See them with "podstead nodes list"',
    });
  }
  await write(path, text, context, contexts, nodes.filter((one) => one.name !== name));
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    if (code === "ENOENT") return undefined;
    throw new ConfigError(`Cannot read "${path}": ${code}`, [], { cause: error });
  }
}

async function write(
  path: string,
  text: string,
  context: string,
  contexts: NodesFile["contexts"],
  nodes: readonly NodeEntry[],
): Promise<void> {
  const value = nodes.map(asWritten);
  const after = Object.keys(contexts).length === 0
    ? appendDocument("", path, { context, contexts: { [context]: { nodes: value } } })
    : contexts[context] === undefined
    ? editValue(text, path, { document: 0, path: ["contexts"] }, {
      ...Object.fromEntries(
        Object.entries(contexts).map(([name, list]) => [name, { nodes: list.map(asWritten) }]),
      ),
      [context]: { nodes: value },
    })
    : editValue(text, path, { document: 0, path: ["contexts", context, "nodes"] }, value);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFileAtomic(path, after, MODE);
}

function asWritten({ name, ssh, socket, labels }: NodeEntry): JsonValue {
  return {
    name,
    ...(ssh === name ? {} : { ssh }),
    ...(socket === undefined ? {} : { socket }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
}
