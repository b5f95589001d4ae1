/** Runs a program of the operator when the node is not well: for nodes without Prometheus. */
import { spawn } from "node:child_process";
import { type Clock, errorText } from "../core/mod.ts";
import type { Logger } from "../os/mod.ts";
import type { NodeVerdict } from "../verdict/mod.ts";

/** What the hook needs. */
export interface UnhealthyHookDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** The program and its arguments; empty for none. Asked each time: a reload may change it. */
  readonly command: () => readonly string[];
  readonly nodeName: () => string;
  /** Runs a program with a text on its standard input; for tests. */
  readonly run?: typeof runProgram;
}

/** It runs at most so often, in milliseconds. */
const INTERVAL_MS = 60_000;

/** A program that takes longer is killed, in milliseconds. */
const TIMEOUT_MS = 30_000;

/** What it has left running may keep its output open: that is waited for no longer, in milliseconds. */
const OUTPUT_MS = 500;

/**
 * Called for each verdict. The program runs when the node becomes unwell, when the
 * causes change, and once when all is well again; what happens within a minute
 * of its last run is told by the next one, and so is what a program failed at.
 */
export class UnhealthyHook {
  readonly #deps: UnhealthyHookDeps;
  /** What was told last; undefined if that failed. */
  #told: string | undefined = "well";
  #lastMs = -Infinity;
  #running = false;

  constructor(deps: UnhealthyHookDeps) {
    this.#deps = deps;
  }

  /** A new verdict. Never throws, never waits. */
  observe(verdict: NodeVerdict): void {
    const { clock, command } = this.#deps;
    const [program, ...args] = command();
    if (program === undefined || this.#running) return;
    // What is merely on its way or late is no alarm, and does not end one.
    if (verdict.state !== "unwell" && verdict.state !== "well") return;
    const now = verdict.state === "well"
      ? "well"
      : verdict.causes.filter(({ level }) => level === "broken")
        .map(({ code, pods }) => [code, ...pods].join(" ")).sort().join("\n");
    if (now === this.#told || clock.monotonicMs() - this.#lastMs < INTERVAL_MS) return;
    this.#told = now;
    this.#lastMs = clock.monotonicMs();
    void this.#run(program, args, verdict);
  }

  async #run(program: string, args: readonly string[], verdict: NodeVerdict): Promise<void> {
    const { log, nodeName, run = runProgram } = this.#deps;
    this.#running = true;
    const { state, links, causes } = verdict;
    try {
      const input = JSON.stringify({ node: nodeName(), state, links, causes });
      await run(program, args, `${input}\n`);
    } catch (error) {
      log.warn("agent.onUnhealthy failed", { program, error: errorText(error) });
      this.#told = undefined; // it may not have reached anybody: it is told again in a minute
    } finally {
      this.#running = false;
    }
  }
}

/** Runs a program to its end. @throws {Error} if it cannot be started, fails or takes too long */
export function runProgram(
  program: string,
  args: readonly string[],
  input: string,
  timeoutMs: number = TIMEOUT_MS,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      stdio: ["pipe", "ignore", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    let stderr = "";
    child.stderr.on("data", (chunk: Uint8Array) => {
      stderr = (stderr + chunk.toString()).slice(-1_000);
    });
    child.stdin.on("error", () => undefined); // it need not read what it is told
    child.stdin.end(input);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      const end = () => {
        clearTimeout(timer);
        child.stderr.destroy();
        if (code === 0) return resolve();
        reject(new Error(`it ended with ${signal ?? `exit code ${code}`}: ${stderr.trim()}`));
      };
      const timer = setTimeout(end, OUTPUT_MS);
      child.once("close", end);
    });
  });
}
