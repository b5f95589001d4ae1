import { UsageError } from "../../../core/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { withActingNode } from "../../shell/node.ts";
import { durationOf, podReference } from "../../shell/parsers.ts";
import { containerFlag, kubernetesFlag } from "../../shell/shared_flags.ts";

interface ExecFlags {
  readonly kubernetes: boolean;
  readonly container?: string;
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly timeout?: number;
}

/** What a shell makes of an end by SIGINT. */
const EXIT_INTERRUPTED = 130;

export const execCommand = defineCommand<ExecFlags, [string, ...string[]]>({
  docs: {
    brief: "Run a command in a container",
    fullDescription: [
      "Runs a program of the container in it, without a shell between, and ends with its exit",
      "code. Without -i and -t what it prints comes when it has ended, at most 16 MiB of it; with",
      "them its streams are connected, which needs the runtime's streaming server.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      kubernetes: kubernetesFlag,
      container: containerFlag,
      stdin: { kind: "boolean", default: false, withNegated: false, brief: "Connect stdin" },
      tty: { kind: "boolean", default: false, withNegated: false, brief: "Give it a terminal" },
      timeout: {
        kind: "parsed",
        parse: durationOf("--timeout", 1000),
        optional: true,
        brief: "End it after so long (not with -i or -t)",
        placeholder: "DURATION",
      },
    },
    aliases: { k: "kubernetes", c: "container", i: "stdin", t: "tty" },
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        brief: "POD[:CONTAINER[:HASH]], then -- and the command",
        placeholder: "ID -- COMMAND",
      },
    },
  },
  needsArguments: true,
  nodes: { policy: "one" },
  traits: { takesPods: true, commandFollows: true },
  examples: [
    ["podstead exec nginx -- cat /etc/nginx/nginx.conf", "what a file in it says"],
    ["podstead exec -it nginx -- sh", "a shell in it"],
  ],
  async func(this: CliContext, flags, reference, ...command) {
    const { container, stdin, tty, timeout } = flags;
    if (reference === undefined || command.length === 0) {
      throw new UsageError("What to run? Name a container and a command", {
        hint: "podstead exec POD -- COMMAND [ARGUMENT…]",
      });
    }
    const { stdout, stderr, interrupted } = this.world;
    try {
      this.process.exitCode = await withActingNode(this, async (node) => {
        const found = await node.find({
          reference: podReference.call(this, reference),
          ...(container === undefined ? {} : { container }),
        });
        const containerId = found.container.id;
        if (stdin || tty) {
          const { runSession } = await import("./exec_session.ts");
          return await runSession(this, node, { containerId, command, tty, stdin });
        }
        const outcome = await node.exec({
          containerId,
          command,
          ...(timeout === undefined ? {} : { timeoutMs: timeout }),
        }, interrupted);
        stdout.write(outcome.stdout);
        stderr.write(outcome.stderr);
        return outcome.exitCode;
      });
    } catch (error) {
      if (!interrupted.aborted) throw error;
      this.process.exitCode = EXIT_INTERRUPTED;
    }
  },
});
