/** A command in a container with this terminal connected to it. */
import { attachExec } from "../../../cri/mod.ts";
import { UsageError } from "../../../core/mod.ts";
import type { ExecSessionRequest } from "../../../api/contract/mod.ts";
import type { NodeAccess } from "../../../node/mod.ts";
import type { CliContext } from "../../shell/context.ts";
import { LentTerminal } from "../../shell/terminal.ts";

/**
 * Runs a command until it ends. With a terminal, every key goes to it, the
 * interrupt too.
 *
 * @returns its exit code
 * @throws {UsageError} if a terminal is asked for if there is none
 * @throws {PodsteadError} as `openExec` and `attachExec`
 */
export async function runSession(
  { world: { stdout, stderr, stdinIsTTY, interrupted }, node: remote }: CliContext,
  node: NodeAccess,
  request: ExecSessionRequest,
): Promise<number> {
  const raw = request.tty && request.stdin;
  if (raw && !stdinIsTTY) {
    throw new UsageError("-t with -i needs a terminal, and stdin is not one", {
      hint: "Leave -t out to pipe something into the command",
    });
  }
  const ended = new AbortController();
  const nodeUrl = await node.openExec(request, ended.signal);
  // The runtime's streaming server listens on its own node's loopback.
  const url = remote === undefined ? nodeUrl : await remote.localUrl(nodeUrl);
  const terminal = new LentTerminal(raw);
  try {
    return await attachExec(url, {
      command: request.command,
      tty: request.tty,
      ...(request.stdin ? { stdin: terminal.input } : {}),
      ...(request.tty ? { sizes: terminal.sizes(ended.signal) } : {}),
      onStdout: (data) => stdout.write(data),
      onStderr: (data) => stderr.write(data),
      signal: interrupted,
      onInputStuck: () =>
        stderr.write(
          "This runtime cannot tell the command that its input has ended (containerd can from 2.0 " +
            "on): interrupt it when it has done its work\n",
        ),
    });
  } finally {
    ended.abort();
    terminal[Symbol.dispose]();
  }
}
