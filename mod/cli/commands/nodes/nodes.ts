/** `podstead nodes`: the names by which `-N` knows other nodes. */
import { buildRouteMap } from "@stricli/core";
import { type LabelSelector, selectsLabels, UsageError } from "../../../core/mod.ts";
import {
  addNode,
  NODE_NAME,
  type NodeEntry,
  nodesPath,
  readNodes,
  removeNode,
} from "../../../fleet/nodes/mod.ts";
import type { Column } from "../../../text/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { type ListFlags, writeListing } from "../../shell/listing.ts";
import { labelOf } from "../../shell/parsers.ts";
import { LIST_ALIASES, LIST_FLAGS, nodeLabelFlag } from "../../shell/shared_flags.ts";
import { nodesCheckCommand } from "./check.ts";

interface AddFlags {
  readonly ssh?: string;
  readonly agentSocket?: string;
  readonly label?: readonly (readonly [string, string])[];
}

const addCommand = defineCommand<AddFlags, [string]>({
  docs: {
    brief: "Add a node to the context in use, or change it",
    fullDescription: [
      "Writes ~/.config/podstead/nodes.yaml; comments in it stay. A host that ssh knows needs no",
      "entry: it can be named with -N as it is. An entry gives it labels, for -N @label.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ssh: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "As ssh takes it: host, user@host, ssh://user@host:port (default: NAME)",
        placeholder: "TARGET",
      },
      agentSocket: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Admin socket of its agent, if it is not the usual one",
        placeholder: "PATH",
      },
      label: {
        kind: "parsed",
        parse: labelOf,
        optional: true,
        variadic: true,
        brief: "A label, for -N @VALUE or -N @KEY=VALUE; may be repeated",
        placeholder: "KEY=VALUE",
      },
    },
    aliases: { l: "label" },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, brief: "What it is called", placeholder: "NAME" }],
    },
  },
  examples: [
    ["podstead nodes add edge-1", "a host that ssh knows by this name"],
    ["podstead nodes add edge-2 --ssh root@10.0.0.2 --label role=web", "for -N @web"],
  ],
  async func(this: CliContext, { ssh, agentSocket, label = [] }, name) {
    const node = nodeOf(name, ssh, agentSocket, label);
    const path = nodesPath(this.world.env);
    const known = await addNode(path, node);
    this.world.stderr.write(`${known ? "changed" : "added"} node ${name} in ${path}\n`);
  },
});

/** @throws {UsageError} for what the file would not take */
function nodeOf(
  name: string,
  ssh: string | undefined,
  socket: string | undefined,
  labels: readonly (readonly [string, string])[],
): NodeEntry {
  if (!NODE_NAME.test(name) || name === "all") {
    throw new UsageError(
      `A node's name has letters, digits, -, _ and dots, and is not "all"; it is "${name}"`,
      { hint: `podstead nodes add NAME --ssh ${name}` },
    );
  }
  if (ssh !== undefined && !/^[^-\s]\S*$/.test(ssh)) {
    throw new UsageError(`--ssh must be a host or user@host, current value is "${ssh}"`);
  }
  if (socket !== undefined && !socket.startsWith("/")) {
    throw new UsageError(`--agent-socket must be an absolute path, current value is "${socket}"`);
  }
  return {
    name,
    ssh: ssh ?? name,
    ...(socket === undefined ? {} : { socket }),
    labels: Object.fromEntries(labels),
  };
}

const removeCommand = defineCommand<Record<never, never>, [string]>({
  docs: {
    brief: "Take a node out of the context in use",
    fullDescription: "The node itself is not touched.",
  },
  parameters: {
    flags: {},
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, brief: "What it is called", placeholder: "NAME" }],
    },
  },
  examples: [["podstead nodes remove edge-1", "it is no longer part of -N all"]],
  async func(this: CliContext, _flags, name) {
    const path = nodesPath(this.world.env);
    await removeNode(path, name);
    this.world.stderr.write(`removed node ${name} from ${path}\n`);
  },
});

interface NodesFlags extends ListFlags {
  readonly label?: readonly LabelSelector[];
}

/** A node of a context. */
interface Row extends NodeEntry {
  readonly context: string;
  readonly inUse: boolean;
}

const listCommand = defineCommand<NodesFlags>({
  docs: {
    brief: "Show the nodes of every context",
    fullDescription: "The context in use is marked *; -N looks for names and labels in it.",
  },
  parameters: {
    flags: { ...LIST_FLAGS, label: nodeLabelFlag },
    aliases: { ...LIST_ALIASES, l: "label" },
  },
  examples: [["podstead nodes list", "names, ssh targets and labels"]],
  async func(this: CliContext, flags) {
    const path = nodesPath(this.world.env);
    const { context, contexts } = await readNodes(path);
    const selector = (flags.label ?? []).flat();
    const items = Object.entries(contexts).flatMap(([name, nodes]) =>
      nodes.filter(({ labels }) => selectsLabels(selector, labels))
        .map((node): Row => ({ context: name, inUse: name === context, ...node }))
    );
    await writeListing(this, flags, {
      kind: "NodeList",
      items,
      document: ({ socket, ...node }) => ({
        ...node,
        ...(socket === undefined ? {} : { socket }),
      }),
      names: ({ name }) => [`node/${name}`],
      ids: ({ name }) => [name],
      columns: COLUMNS,
      more: { context },
    });
    if (items.length === 0) {
      this.world.stderr.write(
        `There are no ${
          selector.length === 0 ? "" : "such "
        }nodes in ${path}; see "podstead nodes add --help"\n`,
      );
    }
  },
});

const COLUMNS: readonly Column<Row>[] = [
  { header: "CONTEXT", cell: ({ context, inUse }) => `${context}${inUse ? "*" : ""}` },
  { header: "NAME", cell: ({ name }) => name },
  { header: "SSH", cell: ({ ssh }) => ssh },
  {
    header: "LABELS",
    cell: ({ labels }) => Object.entries(labels).map((label) => label.join("=")).join(","),
  },
  { header: "SOCKET", cell: ({ socket }) => socket ?? "", wide: true },
];

export const nodesCommands = buildRouteMap({
  routes: {
    list: listCommand,
    add: addCommand,
    remove: removeCommand,
    check: nodesCheckCommand,
  },
  docs: { brief: "Names of other nodes, for -N: list, add, remove, check" },
});
