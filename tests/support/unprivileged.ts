/** podstead run by somebody who is not root but a member of the admin group. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type CommandResult, podsteadCommand, type TestNode } from "./node.ts";

const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));

/** `nobody` and its group on most systems; any number does. */
const NOBODY = 65534;

/** Makes nobody's group the admin group of a node whose agent runs. */
export function admitNobody(node: TestNode): void {
  chmodSync(node.directory, 0o755);
  chmodSync(node.configPath, 0o644);
  chownSync(node.socket, 0, NOBODY);
}

/**
 * The checkout and the runtime may lie where only root gets to (in its home):
 * each process sees them in a directory of its own, in a mount namespace.
 */
const AS_NOBODY = `
set -e
mount --bind "$1" "$3/checkout"
mount --bind "$2" "$3/runtime"
shift 3
exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups -- "$@"
`;

let lobby: string | undefined;

/** A directory that everybody may enter; gone with the test process. */
function openLobby(): string {
  if (lobby !== undefined) return lobby;
  const directory = mkdtempSync(join(tmpdir(), "podstead-nobody-"));
  lobby = directory;
  for (const name of ["checkout", "runtime"]) mkdirSync(join(directory, name));
  chmodSync(directory, 0o755);
  process.on("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Starts podstead as nobody; its output is not read. */
export function spawnAsNobody(node: TestNode, args: readonly string[]): ChildProcess {
  const directory = openLobby();
  const runtime = dirname(process.execPath);
  const command = podsteadCommand().map((part) =>
    part.startsWith(CHECKOUT)
      ? join(directory, "checkout", part.slice(CHECKOUT.length))
      : part === process.execPath
      ? join(directory, "runtime", basename(part))
      : part
  );
  return spawn("unshare", [
    ...["--mount", "sh", "-c", AS_NOBODY, "sh", CHECKOUT, runtime, directory],
    ...[...command, ...args.slice(0, 1)],
    ...["--config", node.configPath, "--socket", node.socket, ...args.slice(1)],
  ], {
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
