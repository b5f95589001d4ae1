import { execFile } from "node:child_process";
import { PodsteadError } from "../core/mod.ts";

/** How long systemctl may take to answer, in milliseconds. */
const ASK_TIMEOUT_MS = 5_000;

/**
 * What a tool of systemd prints.
 *
 * @throws {PodsteadError} if the node has no such tool, or it fails without an answer
 */
export function ask(tool: "systemctl", args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(tool, args, { timeout: ASK_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null || stdout !== "") return resolve(stdout);
      reject(error.code === "ENOENT" ? absent(tool) : failed(tool, stderr || error.message));
    });
  });
}

/** The node has no systemd, so it has no services of its either. */
function absent(tool: string): PodsteadError {
  return new PodsteadError("failed", `There is no ${tool} on this node: it does not run systemd`, {
    hint: "Ask the service manager that it has",
  });
}

/** The tool's own words, the first line of them. */
function failed(tool: string, words: string): PodsteadError {
  const first = words.trim().split("\n")[0] ?? "";
  if (/permission|access denied|insufficient/i.test(words)) {
    return new PodsteadError("permission", `${tool}: ${first}`, {
      hint: "Run it as root, or join the group systemd-journal",
    });
  }
  return new PodsteadError("failed", `${tool}: ${first}`);
}
