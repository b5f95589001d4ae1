import {
  type Application,
  type CommandContext,
  generateHelpTextForAllCommands,
} from "@stricli/core";
import { buildInfo } from "../../../os/mod.ts";
import { examplesOf } from "../../shell/command.ts";
import { exampleLines } from "../../shell/help_text.ts";
import { GLOBAL_OPTIONS } from "../../shell/globals.ts";
import type { Program, Routes } from "../../shell/context.ts";

const INTRODUCTION =
  `podstead serves static pods to the kubelet, judges each by the kubelet's own rules
before it does, and shows what became of them: their containers, logs and status,
without an API server.`;

const FILES: readonly (readonly [string, string])[] = [
  ["/etc/podstead/config.yaml", "The node config: pods and settings."],
  ["/etc/podstead/pods.d/", "Further pods, a file or more each."],
  ["/etc/podstead/manifest-token", "What the kubelet must show to read the pods."],
  ["/var/lib/podstead/", "State: what is served, revisions, events."],
  ["/run/podstead/admin.sock", "Where the agent answers; its group is podstead."],
];

const EXITS: readonly (readonly [string, string])[] = [
  ["0", "Done."],
  ["1", "Failed."],
  ["64", "The command line is wrong."],
  ["69", "The agent or the container runtime cannot be reached."],
  ["77", "Not permitted."],
  ["78", "The config is wrong, or something in it was refused."],
];

/** The manual page podstead(1), made of the help of every command. */
export async function manualPage(
  program: Pick<Program, "buildCli" | "loadRoutes">,
): Promise<string> {
  const commands = generateHelpTextForAllCommands(
    await program.buildCli() as unknown as Application<CommandContext>, // only its documentation is read
  );
  const routes = await program.loadRoutes();
  const { version } = buildInfo();
  return [
    `.TH PODSTEAD 1 "" "podstead ${version}" "User Commands"`,
    ".SH NAME",
    "podstead \\- static pods for any Linux node",
    ".SH SYNOPSIS",
    ".B podstead",
    "[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]",
    ".SH DESCRIPTION",
    roff(INTRODUCTION),
    ".SH OPTIONS",
    "These are taken by every command, wherever they stand.",
    ...tagged(GLOBAL_OPTIONS),
    ".SH COMMANDS",
    ...commands.filter(([route]) => route.split(" ").length > 1).flatMap(([route, text]) => [
      `.SS ${roff(route)}`,
      ".nf",
      ".in 0", // the lines of help are as long as a console is wide
      roff(withoutRepetition(text)),
      ...examplesPart(route, routes),
      ".fi",
    ]),
    ".SH FILES",
    ...tagged(FILES),
    ".SH EXIT STATUS",
    ...tagged(EXITS),
    ".SH SIGNALS",
    "The agent (podstead serve) applies its config again on SIGHUP, and stops on SIGTERM and SIGINT.",
    ".SH SEE ALSO",
    "systemctl(1), journalctl(1), podstead help config, podstead help troubleshooting",
    "",
  ].join("\n");
}

/** The help option is in every help text; once is enough. */
function withoutRepetition(text: string): string {
  return text.split("\n")
    .filter((line) => !/^\s+(-h, )?--(help)?\s.*(Print help|All subsequent)/.test(line))
    .join("\n").trim();
}

function examplesPart(route: string, { commands }: Routes): readonly string[] {
  const command = commands[route.split(" ")[1] ?? ""];
  const examples = command === undefined ? [] : examplesOf(command);
  if (examples.length === 0) return [];
  return ["", "EXAMPLES", ...exampleLines(examples).map(roff)];
}

function tagged(entries: readonly (readonly [string, string])[]): readonly string[] {
  return entries.flatMap(([name, text]) => [".TP", `.B ${roff(name)}`, roff(text)]);
}

/** Text with nothing in it that roff would take for itself. */
function roff(text: string): string {
  return text.replace(/\\/g, "\\e").replace(/-/g, "\\-").replace(/^(['.])/gm, "\\&$1");
}
