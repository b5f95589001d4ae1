import { formatContainer, formatDuration, PodsteadError } from "../../../core/mod.ts";
import type { FoundContainer } from "../../../api/contract/mod.ts";
import type { NodeReader } from "../../../node/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { withActingNode } from "../../shell/node.ts";
import { durationOf } from "../../shell/parsers.ts";
import { containerFlag, kubernetesFlag } from "../../shell/shared_flags.ts";

interface RestartFlags {
  readonly kubernetes: boolean;
  readonly container?: string;
  readonly yes: boolean;
  readonly grace?: number;
  readonly wait: number;
}

/** How often the runtime is asked for the next attempt, in milliseconds. */
const POLL_MS = 300;

export const restartCommand = defineCommand<RestartFlags, [string]>({
  docs: {
    brief: "Restart a container",
    fullDescription: [
      "Stops the container, so that the kubelet starts it again, and prints the name of its next",
      "attempt when that runs. Its pod and the other containers of it stay as they are.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      kubernetes: kubernetesFlag,
      container: containerFlag,
      yes: { kind: "boolean", default: false, withNegated: false, brief: "Do not ask" },
      grace: {
        kind: "parsed",
        parse: durationOf("--grace"),
        optional: true,
        brief: "Between the stop signal and the kill (default: the pod's own)",
        placeholder: "DURATION",
      },
      wait: {
        kind: "parsed",
        parse: durationOf("--wait"),
        default: "30s",
        brief: "How long to wait for the next attempt; 0 does not",
        placeholder: "DURATION",
      },
    },
    aliases: { k: "kubernetes", c: "container", y: "yes" },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "POD[:CONTAINER[:HASH]]", placeholder: "ID" },
      ],
    },
  },
  nodes: { policy: "many", changes: true },
  examples: [
    ["podstead restart nginx", "the container of this pod, after a question"],
    ["podstead restart web:app --yes --grace 5s", "one container of several, at once"],
  ],
  async func(this: CliContext, flags, reference) {
    const { world } = this;
    const { container, grace, wait } = flags;
    await withActingNode(this, async (node) => {
      const found = await node.find({
        reference,
        ...(container === undefined ? {} : { container }),
      });
      const name = formatContainer(found.pod, found.container);
      refuseStopped(found, name);
      if (!flags.yes && world.stdinIsTTY) {
        const { confirm } = await import("../../shell/confirm.ts");
        if (!await confirm(this, `Stop ${name}, so that the kubelet starts it again?`)) return;
      }
      await node.stop({
        containerId: found.container.id,
        ...(grace === undefined ? {} : { graceMs: grace }),
      });
      world.stderr.write(`Stopped ${name}\n`);
      if (wait > 0) world.stdout.write(`${await nextAttempt(this, node, found, wait)}\n`);
    });
  },
});

function refuseStopped({ container }: FoundContainer, name: string): void {
  if (container.state === "CONTAINER_RUNNING") return;
  throw new PodsteadError("failed", `Container "${name}" does not run: ${container.state}`, {
    hint: container.type === "init"
      ? "An init container runs before the others; restart one of those"
      : "The kubelet starts it again by itself, if its pod's restartPolicy says so",
  });
}

/** The name of the attempt after this one, once it runs. @throws {PodsteadError} if it does not in time */
async function nextAttempt(
  { world: { clock, interrupted } }: CliContext,
  node: NodeReader,
  { pod, container }: FoundContainer,
  waitMs: number,
): Promise<string> {
  const end = clock.monotonicMs() + waitMs;
  while (clock.monotonicMs() < end) {
    await clock.sleep(POLL_MS, interrupted);
    const { pods } = await node.pods({ signal: interrupted });
    for (const other of pods) {
      if (other.namespace !== pod.namespace || other.name !== pod.name) continue;
      const next = other.containers.find(({ name, id, state, createdAt }) =>
        name === container.name && id !== container.id && state === "CONTAINER_RUNNING" &&
        createdAt > container.createdAt
      );
      if (next !== undefined) return formatContainer(other, next);
    }
  }
  throw new PodsteadError(
    "failed",
    `The kubelet has not started "${container.name}" again within ${formatDuration(waitMs)}`,
    {
      hint: "It waits longer after each restart, up to 5 minutes, and does not restart at all " +
        `where restartPolicy is Never; see "podstead describe ${pod.namespace}/${pod.name}"`,
    },
  );
}
