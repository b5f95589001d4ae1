import { nearest, UsageError } from "../../core/mod.ts";
import type { NodeEntry, NodesFile } from "./nodes_file.ts";

/**
 * The nodes that `-N` means, in its order, each once: names of the file, `@group` (a label of
 * the nodes, its value, `KEY=VALUE`, or another context), `all`, and whatever else ssh knows.
 *
 * @param text such as `a,b,@web`
 * @throws {UsageError} for a group of no node, and for what cannot be a name
 */
export function selectNodes(text: string, { context, contexts }: NodesFile): readonly NodeEntry[] {
  const nodes = contexts[context] ?? [];
  const found = text.split(",").map((part) => part.trim()).flatMap((part) => {
    if (part === "") throw wrong(text, "an empty name");
    if (part === "all") return allOf(nodes, context);
    if (part.startsWith("@")) return groupOf(part.slice(1), nodes, contexts);
    return [nodes.find(({ name }) => name === part) ?? byHost(part, text)];
  });
  const names = new Set<string>();
  return found.filter(({ name }) => !names.has(name) && names.add(name));
}

/** A host that the file does not name: ssh knows it. */
function byHost(host: string, text: string): NodeEntry {
  if (/^-|[\s'"`$;&|<>()]/.test(host)) throw wrong(text, `"${host}", which is not a host`);
  return { name: host, ssh: host, labels: {} };
}

function allOf(nodes: readonly NodeEntry[], context: string): readonly NodeEntry[] {
  if (nodes.length > 0) return nodes;
  throw new UsageError(`There are no nodes in the context "${context}"`, {
    hint: 'Add them with "podstead nodes add NAME"',
  });
}

function groupOf(
  group: string,
  nodes: readonly NodeEntry[],
  contexts: NodesFile["contexts"],
): readonly NodeEntry[] {
  const [key = "", value] = group.split("=", 2);
  const labelled = nodes.filter(({ labels }) =>
    value === undefined
      ? Object.hasOwn(labels, key) || Object.values(labels).includes(key)
      : labels[key] === value
  );
  if (labelled.length > 0) return labelled;
  const context = Object.hasOwn(contexts, group) ? contexts[group] : undefined;
  if (context !== undefined && context.length > 0) return context;
  const known = [
    ...nodes.flatMap(({ labels }) => [...Object.keys(labels), ...Object.values(labels)]),
    ...Object.keys(contexts),
  ];
  const meant = nearest(group, known);
  throw new UsageError(`No node is in the group "@${group}"`, {
    hint: meant === undefined
      ? 'Groups are labels of nodes; see them with "podstead nodes list"'
      : `Did you mean "@${meant}"?`,
  });
}

function wrong(text: string, what: string): UsageError {
  return new UsageError(`--nodes has ${what}, current value is "${text}"`, {
    hint: "Wanted: names with commas between them, @label, or all",
  });
}
