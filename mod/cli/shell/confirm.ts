import process from "node:process";
import { UsageError } from "../../core/mod.ts";
import type { CliContext } from "./context.ts";

/**
 * Asks before something that cannot be undone. Without a terminal no one can
 * answer, so `--yes` must have been given.
 *
 * @returns whether to continue
 * @throws {UsageError} if there is no terminal to ask on
 */
export async function confirm(context: CliContext, question: string): Promise<boolean> {
  if (context.confirmed === true) return true;
  if (!context.world.stdinIsTTY) {
    throw new UsageError(`${question} There is no terminal to answer on`, {
      hint: "Add --yes to do it",
    });
  }
  const { createInterface } = await import("node:readline/promises"); // slow to load
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question} [y/N] `, {
      signal: context.world.interrupted,
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}
