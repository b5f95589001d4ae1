/** podstead run by somebody who is not root but a member of the admin group. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync } from "node:fs";
import process from "node:process";
import { type CommandResult, podsteadCommand, type TestNode } from "./node.ts";

/** `nobody` and its group on most systems; any number does. */
const NOBODY = 65534;

/** Makes nobody's group the admin group of a node whose agent runs. */
export function admitNobody(node: TestNode): void {
  chmodSync(node.directory, 0o755);
  chmodSync(node.configPath, 0o644);
  chownSync(node.socket, 0, NOBODY);
}

/** Starts podstead as nobody; its output is not read. */
export function spawnAsNobody(node: TestNode, args: readonly string[]): ChildProcess {
  const [command, ...prefix] = podsteadCommand();
  return spawn(command, [
    ...[...prefix, ...args.slice(0, 1)],
    ...["--config", node.configPath, "--socket", node.socket, ...args.slice(1)],
  ], {
    uid: NOBODY,
    gid: NOBODY,
    env: { ...process.env, NO_COLOR: "1", HOME: "/nonexistent", DENO_DIR: "/tmp/deno-of-nobody" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Runs podstead as nobody to its end. */
export async function runAsNobody(
  node: TestNode,
  ...args: readonly string[]
): Promise<CommandResult> {
  const child = spawnAsNobody(node, args);
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const [code] = await once(child, "close");
  return { code: code ?? -1, stdout, stderr };
}
