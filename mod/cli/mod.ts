/** The command line: arguments in, an exit code out. */
import { ExitCode, run } from "@stricli/core";
import { readCommandLine } from "./shell/line/command_line.ts";
import { buildCli } from "./shell/program.ts";
import type { CliContext } from "./shell/context.ts";
import { errorReport } from "./shell/error_report.ts";
import { EXIT, exitCodeOf } from "./shell/exit_codes.ts";
import { takeGlobals } from "./shell/globals.ts";
import { directPrinter } from "./shell/direct_printer.ts";
import { isCommand, loadRoutes } from "./shell/registry.ts";
import { type Output, OutputClosed, type World } from "./shell/world.ts";

export { OutputClosed, processWorld } from "./shell/world.ts";
export type { Output, World } from "./shell/world.ts";

/**
 * Runs one command line.
 *
 * @param argv the arguments after the program's name
 * @returns the exit code, one of `EXIT`; nothing is thrown
 */
export async function cli(argv: readonly string[], world: World): Promise<number> {
  const stdout = rememberingEnd(world.stdout);
  try {
    const { globals, rest } = takeGlobals(argv, world.env);
    const { line, namespace } = await readCommandLine(rest, { isCommand, load: loadRoutes });
    const stderr = {
      // What stricli says about the end of our output tells the user nothing.
      write: (text: string) => stdout.ended() ? undefined : world.stderr.write(text),
    };
    const process: CliContext["process"] = { stdout: stdout.output, stderr };
    // Its getters must not be asked before a command does: one installs signal handlers.
    const ownWorld: World = Object.create(world, { stdout: { value: stdout.output } });
    const context: CliContext = {
      process,
      world: ownWorld,
      globals,
      print: directPrinter({ world: ownWorld, globals }),
      namespace,
      program: { buildCli, loadRoutes, isCommand },
    };
    await run(await buildCli(line[0]), line, context);
    return stdout.ended() ? EXIT.ok : exitCode(process.exitCode);
  } catch (thrown) {
    return stdout.ended() ? EXIT.ok : reportLast(thrown, world);
  }
}

/** An output that knows whether its reader has gone: `podstead logs … | head` ends quietly. */
function rememberingEnd(
  output: Output,
): { readonly output: Output; readonly ended: () => boolean } {
  let ended = false;
  const write = (data: string | Uint8Array) => {
    try {
      output.write(data);
    } catch (error) {
      ended ||= error instanceof OutputClosed;
      throw error;
    }
  };
  return { output: Object.create(output, { write: { value: write } }), ended: () => ended };
}

/** Stricli's own codes for a wrong command line are negative; ours is one. */
function exitCode(code: number | string | null | undefined): number {
  if (code === undefined || code === null) return EXIT.ok;
  const number = Number(code);
  if (number === ExitCode.UnknownCommand || number === ExitCode.InvalidArgument) return EXIT.usage;
  return number < 0 ? EXIT.failed : number;
}

function reportLast(thrown: unknown, world: World): number {
  try {
    world.stderr.write(`${errorReport(thrown)}\n`);
  } catch {
    // Standard error is gone as well: only the exit code is left.
  }
  return exitCodeOf(thrown);
}
