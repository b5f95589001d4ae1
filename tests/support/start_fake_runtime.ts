import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { makeTempDir } from "./temp_dir.ts";

/** A made-up runtime in a process of its own; see `fake_runtime.ts`. */
export interface FakeRuntime extends AsyncDisposable {
  readonly endpoint: string;
  readonly process: ChildProcess;
}

const SCRIPT = fileURLToPath(new URL("./fake_runtime.ts", import.meta.url));

/** Starts `fake_runtime.ts` with these arguments after its socket, and waits until it listens. */
export async function startFakeRuntime(...args: readonly string[]): Promise<FakeRuntime> {
  const temp = await makeTempDir("fake");
  const socket = join(temp.path, "runtime.sock");
  const command = "Deno" in globalThis ? ["run", "-A", "--no-check", SCRIPT] : [SCRIPT];
  const child = spawn(process.execPath, [...command, socket, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await Promise.race([
    once(child.stdout, "data"),
    once(child, "exit").then(() => Promise.reject(new Error("the fake runtime ended"))),
  ]);
  return {
    endpoint: `unix://${socket}`,
    process: child,
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      await temp.remove();
    },
  };
}
