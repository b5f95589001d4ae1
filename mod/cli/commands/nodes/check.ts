import { errorText, formatDuration, PodsteadError } from "../../../core/mod.ts";
import { nodesPath, readNodes, selectNodes } from "../../../fleet/nodes/mod.ts";
import type { Column } from "../../../text/mod.ts";
import type { CheckedNodeDocument } from "../../output/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { type ListFlags, writeListing } from "../../shell/listing.ts";
import { LIST_ALIASES, LIST_FLAGS } from "../../shell/shared_flags.ts";
import { exitCodeOf } from "../../shell/exit_codes.ts";
import { openLinks } from "../../shell/many/links.ts";
import { jointCode } from "../../shell/many/run.ts";

export const nodesCheckCommand = defineCommand<ListFlags, string[]>({
  docs: {
    brief: "Connect to nodes, and say what each allows",
    fullDescription: [
      "ACCESS is admin, or read where only the read socket may be used: then what changes a node",
      "is refused. Without names: every node of the context in use.",
      "",
      "Exit code 0: every node answered. 1: some did not. 69: none did.",
    ].join("\n"),
  },
  parameters: {
    flags: LIST_FLAGS,
    aliases: LIST_ALIASES,
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "NAME, @label or a host", placeholder: "NODE" },
    },
  },
  nodes: { policy: "own" },
  examples: [
    ["podstead nodes check", "every node of the context in use"],
    ["podstead nodes check root@10.0.0.5", "a host that is not in the file"],
  ],
  async func(this: CliContext, flags, ...names) {
    const { world, globals } = this;
    const wanted = names.length > 0 ? names.join(",") : globals.nodes ?? "all";
    const file = await readNodes(nodesPath(world.env));
    const nodes = selectNodes(wanted, file);
    const links = await openLinks(file.connectTimeoutMs, world.interrupted);
    try {
      const ends = await Promise.all(nodes.map(async (node) => {
        const startMs = world.clock.monotonicMs();
        try {
          const { version, access, absence } = await links.open(node);
          if (absence !== undefined) throw absence;
          const connectMs = Math.round(world.clock.monotonicMs() - startMs);
          const row: CheckedNodeDocument = {
            node: node.name,
            state: "ok",
            version,
            access,
            connectMs,
          };
          return { row, code: 0 };
        } catch (error) {
          const message = error instanceof PodsteadError ? error.message : errorText(error);
          const row: CheckedNodeDocument = { node: node.name, state: "failed", message };
          return { row, code: exitCodeOf(error), error: true as const };
        }
      }));
      await writeListing(this, flags, {
        kind: "NodeCheckList",
        items: ends.map(({ row }) => row),
        document: (row) => row,
        names: ({ node }) => [`node/${node}`],
        ids: ({ node }) => [node],
        columns: COLUMNS,
      });
      this.process.exitCode = jointCode(ends);
    } finally {
      await links.close();
    }
  },
});

const COLUMNS: readonly Column<CheckedNodeDocument>[] = [
  { header: "NODE", cell: ({ node }) => node },
  {
    header: "STATE",
    cell: ({ state }) => state,
    look: ({ state }) => state === "ok" ? "green" : "red",
  },
  { header: "VERSION", cell: ({ version }) => version ?? "" },
  { header: "ACCESS", cell: ({ access }) => access ?? "" },
  {
    header: "CONNECT",
    cell: ({ connectMs }) => connectMs === undefined ? "" : formatDuration(connectMs),
  },
  { header: "MESSAGE", cell: ({ message }) => message ?? "" },
];
