import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { StandInOptions, StandInPorts } from "./stand_in.ts";

/** A kubelet stand-in that runs as a process of its own. */
export interface KubeletProcess {
  readonly pid: number;
  readonly ports: StandInPorts;
  /** Every line of its log so far. */
  readonly log: readonly string[];
  /** Steers it; needs `controlPort`. Paths: `/poll`, `/pause`, `/resume`, `/rotate?pod=ns/name&container=c`. */
  control(path: string): Promise<unknown>;
  /** Ends it and leaves its pods running; with `removePods` they are ended first (needs `controlPort`). */
  stop(options?: { readonly removePods?: boolean }): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** How long the process may take until it is ready, in milliseconds; a busy machine compiles slowly. */
const START_LIMIT_MS = 30_000;

/**
 * Starts the stand-in as a child process and resolves when it is ready.
 *
 * @throws {Error} with its log when it ends before, or is not ready in time
 */
export async function spawnKubelet(options: Omit<StandInOptions, "log">): Promise<KubeletProcess> {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["run", "-A", "--no-check", "--quiet", main, "--config", JSON.stringify(options)],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const log: string[] = [];
  lines(child.stderr, (line) => log.push(line));
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const ready = await new Promise<{ pid: number; ports: StandInPorts }>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${why}\n${log.join("\n")}`));
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      fail("The kubelet stand-in was not ready in time");
    }, START_LIMIT_MS);
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(`The kubelet stand-in ended with ${code}`);
    });
    lines(child.stdout, (line) => {
      clearTimeout(timer);
      resolve(JSON.parse(line));
    });
  });
  const post = async (path: string): Promise<unknown> => {
    const { control } = ready.ports;
    if (control === undefined) throw new Error("The stand-in was started without controlPort");
    const response = await fetch(`http://127.0.0.1:${control}${path}`, { method: "POST" });
    if (!response.ok) throw new Error(await response.text());
    return await response.json();
  };
  return {
    ...ready,
    log,
    control: post,
    async stop({ removePods = false } = {}) {
      if (removePods) await post("/shutdown?remove-pods");
      else child.kill("SIGTERM");
      await ended;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function lines(stream: ChildProcess["stdout"], take: (line: string) => void): void {
  let rest = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) take(line);
  });
}
