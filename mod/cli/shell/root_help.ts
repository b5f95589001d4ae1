/** What `podstead --help` prints: every command in a line, by what it is for. */
import type { RouteMap } from "@stricli/core";
import type { CliContext } from "./context.ts";
import { aligned, nameWidth, reflow, type Row } from "./help_text.ts";
import { COMMAND_GROUPS } from "./registry.ts";

const INTRODUCTION =
  "podstead serves static pods to the kubelet, judges each before it does, and shows what became " +
  "of them, without an API server. Without a command it shows this node's pods.";

export function withRootHelp(root: RouteMap<CliContext>): RouteMap<CliContext> {
  return { ...root, formatHelp: () => rootHelp(root) };
}

function rootHelp(root: RouteMap<CliContext>): string {
  const rows: readonly Row[] = root.getAllEntries()
    .map(({ name, target }) => [name.original, target.brief]);
  const width = nameWidth(rows);
  return [
    "USAGE",
    "  podstead [COMMAND] [OPTIONS]",
    "",
    ...reflow(INTRODUCTION),
    ...COMMAND_GROUPS.flatMap(({ title, names }) => [
      "",
      title.toUpperCase(),
      ...aligned(names.flatMap((name) => rows.filter(([command]) => command === name)), width),
    ]),
    "",
    'The options of a command, with examples: "podstead COMMAND --help".',
    "",
  ].join("\n");
}
