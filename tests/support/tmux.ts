/** A real terminal of any size, without a screen: a pane of tmux. */
import { execFileSync } from "node:child_process";
import { describe } from "@std/testing/bdd";
import process from "node:process";
import { eventually } from "./node.ts";
import { findProgram } from "./programs.ts";

/**
 * A `describe` of what is seen on a terminal. Without tmux it is skipped, and its title says what
 * to install; with `PODSTEAD_NO_SKIP=1` (continuous integration) it fails instead.
 */
export function describeOnTerminal(title: string, body: () => void): void {
  const skip = findProgram("tmux") === undefined && process.env.PODSTEAD_NO_SKIP !== "1";
  describe(skip ? `${title} (skipped: needs tmux)` : title, { skip }, body);
}

/** Not the tests' own: a terminal of a person has colours and UTF-8, whatever CI is told. */
const SURROUNDINGS = [
  ...["NO_COLOR", "FORCE_COLOR", "COLORTERM", "TMUX"].flatMap((name) => ["-u", name]),
  "LC_ALL=C.UTF-8",
];

/** How long a screen may take to be as it should, on the slowest of machines. */
const SCREEN_LIMIT_MS = 120_000;

/** One terminal, and what runs on it. */
export class Terminal implements Disposable {
  readonly #server: string;

  /** @param command a line for `sh` */
  constructor(
    command: string,
    { columns, rows, env = {} }: {
      readonly columns: number;
      readonly rows: number;
      readonly env?: Readonly<Record<string, string>>;
    },
  ) {
    this.#server = `podstead-${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
    const variables = Object.entries({ TERM: "xterm-256color", ...env })
      .flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    this.#tmux(
      ...["-f", "/dev/null", "new-session", "-d", "-x", `${columns}`, "-y", `${rows}`],
      ...variables,
      // The shell outlives the command, so that its last screen can be read.
      ...["sh", "-c", `${command}; printf '[exit %s]' $?; cat`],
    );
  }

  /** What is on the screen, without blanks at the ends of lines and empty lines at its end. */
  screen(): string {
    return this.#tmux("capture-pane", "-p").split("\n").map((line) => line.trimEnd()).join("\n")
      .trimEnd();
  }

  /** The screen with its colours, as escape sequences. */
  colouredScreen(): string {
    return this.#tmux("capture-pane", "-p", "-e");
  }

  /** The screen as soon as it is as it should. @throws {Error} with the screen, if it never is */
  async until(what: string, isRight: (screen: string) => boolean): Promise<string> {
    return await eventually(what, () => {
      const screen = this.screen();
      if (isRight(screen)) return Promise.resolve(screen);
      return Promise.reject(new Error(`The screen is\n${screen}`));
    }, SCREEN_LIMIT_MS);
  }

  /** The screen when the command has ended. */
  async ended(): Promise<string> {
    return await this.until("the command has ended", (screen) => /\[exit \d+\]$/.test(screen));
  }

  /** Types keys, by tmux's names for those without a character: `Enter`, `Escape`, `Down`. */
  type(...keys: readonly string[]): void {
    this.#tmux("send-keys", ...keys);
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  /** What tmux says of the pane, such as `#{alternate_on}` or `#{cursor_flag}`. */
  state(format: string): string {
    return this.#tmux("display-message", "-p", format).trim();
  }

  [Symbol.dispose](): void {
    this.#tmux("kill-server");
  }

  #tmux(...args: readonly string[]): string {
    const tmux = ["tmux", "-u", "-L", this.#server, ...args];
    return execFileSync("env", [...SURROUNDINGS, ...tmux], { encoding: "utf8" });
  }
}
