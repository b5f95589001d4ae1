import type { Application, Command, CommandContext, RouteMap } from "@stricli/core";
import type { Transport } from "../../api/client/mod.ts";
import type { PodsteadError } from "../../core/mod.ts";
import type { Globals } from "./globals.ts";
import { createStyle, type Style, wantsColor } from "../../text/mod.ts";
import type { Printer } from "./printer.ts";
import type { Output, World } from "./world.ts";

/** Loaded commands and other names for some of them. */
export interface Routes {
  readonly commands: Readonly<Record<string, Command<CliContext> | RouteMap<CliContext>>>;
  readonly aliases: Readonly<Record<string, string>>;
}

/** The command line itself, for commands that describe all commands: completion, the manual. */
export interface Program {
  /** @param command what is loaded; everything if it is left out */
  buildCli(command?: string): Promise<Application<CliContext>>;
  /** @param word the same */
  loadRoutes(word?: string): Promise<Routes>;
  /** Whether a word is the name or an alias of a command. */
  isCommand(word: string): boolean;
}

/** A node that a command line names, and the way to its agent. */
export interface RemoteNode {
  readonly name: string;
  readonly transport: Transport;
  /** Why no agent can be reached on it; undefined if one can. */
  readonly absence: PodsteadError | undefined;
  /** What a command prints that the node's own podstead runs: one that looks at the node itself. */
  readonly run: (args: readonly string[]) => AsyncIterable<Uint8Array>;
  /** The address here that leads to an address of the node's own loopback. */
  readonly localUrl: (url: string) => Promise<string>;
}

/** What every command function finds in `this`. */
export interface CliContext extends CommandContext {
  /** Where tables, data and rows go; prose goes to `world.stdout`. */
  readonly print: Printer;
  /** The node that the command is for, if it was named with `-N`; otherwise it is this one. */
  readonly node?: RemoteNode;
  /** Whether the question whether to continue was answered for all nodes. */
  readonly confirmed?: true;
  readonly process: {
    readonly stdout: { readonly write: (text: string) => void };
    readonly stderr: { readonly write: (text: string) => void };
    /** Set by a command that fails without throwing. */
    exitCode?: number | string | null;
  };
  readonly world: World;
  readonly globals: Globals;
  /** `-n` of a command of which the arguments are pods; see `podReference`. */
  readonly namespace: string | undefined;
  readonly program: Program;
}

/** Whether to colour what goes to this output. */
export function useColor(context: Pick<CliContext, "world" | "globals">, output: Output): boolean {
  const { isTTY } = output;
  return wantsColor(context.globals.color, { isTTY, env: context.world.env });
}

/** How to colour what goes to this output. */
export function styleOf(context: Pick<CliContext, "world" | "globals">, output: Output): Style {
  return createStyle(useColor(context, output));
}
