/** This process's terminal. */
import process from "node:process";
import type { TerminalSize } from "../../cri/mod.ts";
import type { WatchTarget } from "../../text/mod.ts";
import type { Output } from "./world.ts";

/** An output as something that a watched table can redraw on. */
export function terminalOf(output: Output): WatchTarget {
  return {
    write: (text) => output.write(text),
    isTTY: output.isTTY,
    size: () => ({ columns: output.columns ?? 80, rows: output.rows ?? 24 }),
  };
}

/** Input and size of the terminal while a command elsewhere has them; disposing gives them back. */
export class LentTerminal implements Disposable {
  readonly #raw: boolean;
  /** What is typed, or piped in. */
  readonly input = process.stdin as AsyncIterable<Uint8Array>; // no encoding is set

  /** @param raw whether every key goes to the command, the interrupt too */
  constructor(raw: boolean) {
    this.#raw = raw;
    if (raw) process.stdin.setRawMode(true);
  }

  /** The size now and after each change. */
  async *sizes(signal: AbortSignal): AsyncGenerator<TerminalSize> {
    while (!signal.aborted) {
      const { columns, rows } = process.stdout;
      if (columns > 0 && rows > 0) yield { columns, rows };
      const { promise, resolve } = Promise.withResolvers<void>();
      process.once("SIGWINCH", resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      process.off("SIGWINCH", resolve);
    }
  }

  [Symbol.dispose](): void {
    if (this.#raw) process.stdin.setRawMode(false);
    process.stdin.pause();
  }
}
