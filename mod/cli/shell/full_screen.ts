/** The whole terminal, for as long as something live is shown. */
import process from "node:process";
import type { Output } from "./world.ts";

/** Alternate screen, no cursor, no wrapping; and back (xterm, console_codes(4)). */
const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J";
const LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";

/** What happens on a terminal. */
export interface ScreenEvents {
  /** What was typed. */
  readonly onInput: (text: string) => void;
  /** It has another size, and nothing on it. */
  readonly onResize: () => void;
  /** It has gone. */
  readonly onHangUp: () => void;
}

/** A terminal in raw mode on its alternate screen. `close` gives it back in any case. */
export class FullScreen implements Disposable {
  readonly #output: Output;
  #drawn: readonly string[] = [];
  #isOpen = true;
  readonly #events: ScreenEvents;
  readonly #onExit = () => this.close();
  readonly #onResize = () => {
    // Later: the runtime learns the new size from the same signal, perhaps after us.
    setTimeout(() => {
      this.#clear();
      this.#events.onResize();
    }, 0);
  };

  constructor(output: Output, events: ScreenEvents) {
    this.#output = output;
    this.#events = events;
    // Also if the process ends without returning here: an exception, an exit elsewhere.
    process.once("exit", this.#onExit);
    output.write(ENTER);
    process.stdin.setRawMode(true);
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", events.onInput);
    process.on("SIGWINCH", this.#onResize);
    process.once("SIGHUP", events.onHangUp);
    process.stdin.resume();
  }

  get columns(): number {
    return this.#output.columns ?? 80;
  }

  get rows(): number {
    return this.#output.rows ?? 24;
  }

  /** Shows these lines; only lines that differ from before are written. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const changes = lines.flatMap((line, at) =>
      // Emptied first: behind a full line the cursor stands on its last character.
      line === this.#drawn[at] ? [] : [`\u001b[${at + 1};1H\u001b[2K${line}\u001b[0m`]
    );
    this.#drawn = lines;
    if (changes.length > 0) this.#output.write(changes.join(""));
  }

  /** Forgets what is shown: after a change of size none of it is certain. */
  #clear(): void {
    if (!this.#isOpen) return;
    this.#drawn = [];
    this.#output.write("\u001b[2J");
  }

  /** Gives the terminal back as it was; more than once does no harm. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off("exit", this.#onExit);
    process.off("SIGWINCH", this.#onResize);
    process.off("SIGHUP", this.#events.onHangUp);
    process.stdin.removeAllListeners("data");
    try {
      process.stdin.setRawMode(false);
    } catch {
      // The terminal has gone: there is nothing to give back.
    }
    process.stdin.pause();
    this.#output.write(LEAVE);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
