import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { Readable } from "node:stream";
import { errorText, PodsteadError } from "../core/mod.ts";

/** A program and the arguments that always come first, such as `["journalctl"]`. */
export type Command = readonly [string, ...string[]];

/** How a program ended. */
export interface CommandEnd {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  /** What it wrote to standard error, at most the last few KiB. */
  readonly stderr: string;
}

const KEPT_STDERR = 4096;
const NEWLINE = 10;

/** A program that is being run, with its output as lines. Must be closed. */
export class RunningCommand {
  readonly #child: ChildProcess;
  readonly #stdout: Readable;
  readonly #ended: Promise<CommandEnd | Error>;
  #stderr = "";

  /** @param signal kills the program */
  constructor(command: Command, args: readonly string[], signal?: AbortSignal) {
    const [program, ...first] = command;
    const child = spawn(program, [...first, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      // Its messages are looked at, so they must not be translated.
      env: { ...process.env, LC_ALL: "C", SYSTEMD_COLORS: "0" },
    });
    this.#child = child;
    // Not every runtime gives a program that does not exist an output.
    this.#stdout = child.stdout ?? Readable.from([]);
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-KEPT_STDERR);
    });
    this.#ended = new Promise((resolve) => {
      child.once("error", resolve);
      child.once("close", (exitCode: number | null) => {
        resolve({ exitCode: exitCode ?? undefined, stderr: this.#stderr });
      });
    });
    const kill = () => child.kill();
    if (signal?.aborted === true) kill();
    signal?.addEventListener("abort", kill, { once: true });
    void this.#ended.then(() => signal?.removeEventListener("abort", kill));
  }

  /** Its output, line by line; while no line is asked for, the program waits. */
  async *lines(): AsyncGenerator<string> {
    const parts: Buffer[] = [];
    try {
      for await (const chunk of this.#stdout as AsyncIterable<Buffer>) {
        let start = 0;
        for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, start)) {
          parts.push(chunk.subarray(start, at));
          yield Buffer.concat(parts.splice(0)).toString("utf8");
          start = at + 1;
        }
        if (start < chunk.length) parts.push(chunk.subarray(start));
      }
    } catch (error) {
      // Of a program that could not be started, `end` says why.
      if (!(await this.#ended instanceof Error)) throw error;
    }
    if (parts.length > 0) yield Buffer.concat(parts).toString("utf8");
  }

  /** How it ended. @throws {PodsteadError} `not-found` when there is no such program. */
  async end(): Promise<CommandEnd> {
    const end = await this.#ended;
    if (!(end instanceof Error)) return end;
    throw new PodsteadError(
      "not-found",
      `Cannot run "${this.#child.spawnfile}": ${errorText(end)}`,
      {
        cause: end,
      },
    );
  }

  /** Ends it if it still runs. */
  close(): void {
    this.#child.kill();
    this.#stdout.destroy();
  }
}
