import process from "node:process";
import { type Output, type World } from "../../mod/cli/mod.ts";
import { systemClock } from "../../mod/core/mod.ts";

/** A world whose outputs are texts, for running the command line inside a test. */
export interface TextWorld extends World {
  /** What was written so far. */
  readonly written: { readonly stdout: string; readonly stderr: string };
}

/** A world that is no terminal, with nothing on standard input unless given. */
export function textWorld(
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly stdin?: string | Uint8Array;
    readonly interrupted?: AbortSignal;
  } = {},
): TextWorld {
  const written = { stdout: "", stderr: "" };
  const output = (name: "stdout" | "stderr"): Output => {
    const decoder = new TextDecoder();
    return {
      isTTY: false,
      columns: undefined,
      rows: undefined,
      write: (data) =>
        written[name] += typeof data === "string" ? data : decoder.decode(data, { stream: true }),
    };
  };
  const { stdin = "", interrupted = new AbortController().signal } = options;
  return {
    written,
    stdout: output("stdout"),
    stderr: output("stderr"),
    env: options.env ?? {},
    clock: systemClock,
    uid: process.getuid?.(),
    readStdin: () =>
      Promise.resolve(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin),
    stdinIsTTY: false,
    interrupted,
  };
}
