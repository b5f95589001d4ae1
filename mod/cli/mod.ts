/** The command line: arguments in, an exit code out. */
import { ExitCode, run } from "@stricli/core";
import { buildCli } from "./app.ts";
import type { CliContext } from "./context.ts";
import { errorReport } from "./error_report.ts";
import { EXIT, exitCodeOf } from "./exit_codes.ts";
import { takeGlobals } from "./globals.ts";
import { OutputClosed, type World } from "./world.ts";

export { processWorld } from "./world.ts";
export type { Output, World } from "./world.ts";

/**
 * Runs one command line.
 *
 * @param argv the arguments after the program's name
 * @returns the exit code, one of `EXIT`; nothing is thrown
 */
export async function cli(argv: readonly string[], world: World): Promise<number> {
  try {
    const { globals, rest } = takeGlobals(argv, world.env);
    const process: CliContext["process"] = { stdout: world.stdout, stderr: world.stderr };
    const context: CliContext = { process, world, globals };
    // Not stricli's default command: that would take every mistyped command for its argument.
    await run(buildCli(), rest.length === 0 ? ["overview"] : rest, context);
    return exitCode(process.exitCode);
  } catch (thrown) {
    return reportLast(thrown, world);
  }
}

/** Stricli's own codes for a wrong command line are negative; ours is one. */
function exitCode(code: number | string | null | undefined): number {
  if (code === undefined || code === null) return EXIT.ok;
  const number = Number(code);
  if (number === ExitCode.UnknownCommand || number === ExitCode.InvalidArgument) return EXIT.usage;
  return number < 0 ? EXIT.failed : number;
}

function reportLast(thrown: unknown, world: World): number {
  if (thrown instanceof OutputClosed) return EXIT.ok;
  try {
    world.stderr.write(`${errorReport(thrown)}\n`);
  } catch {
    // Standard error is gone as well: only the exit code is left to tell.
  }
  return exitCodeOf(thrown);
}
