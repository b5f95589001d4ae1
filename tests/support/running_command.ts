import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** A command that goes on until it is stopped, and what it has printed so far. */
export class RunningCommand {
  stdout = "";
  stderr = "";
  /** Its exit code, or what ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;

  /** @param child with pipes for its outputs */
  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => this.stdout += text);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => this.stderr += text);
    this.ended = once(child, "close").then(([code, signal]) => code ?? signal);
  }

  /** The whole lines of standard output so far. */
  get lines(): readonly string[] {
    return this.stdout.split("\n").slice(0, -1);
  }

  /** Reads no more of standard output, as `head` does when it has seen enough. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}
