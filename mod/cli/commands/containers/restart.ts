import { formatContainer, formatDuration, PodsteadError } from "../../../core/mod.ts";
import type { FoundContainer } from "../../../api/contract/mod.ts";
import type { NodeReader } from "../../../node/mod.ts";
import { documentOf, isDataOutput, type Output, podMetadata } from "../../output/mod.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { SETTLE_FLAG } from "../../shell/wait_flag.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { withActingNode } from "../../shell/node.ts";
import { durationOf, podReference } from "../../shell/parsers.ts";
import { containerFlag, kubernetesFlag, proseOutputFlag } from "../../shell/shared_flags.ts";

interface RestartFlags {
  readonly output: Output<"text">;
  readonly kubernetes: boolean;
  readonly container?: string;
  readonly yes: boolean;
  readonly grace?: number;
  readonly wait: number;
  readonly settle: number;
}

/** How often the runtime is asked for the next attempt, in milliseconds. */
const POLL_MS = 300;

export const restartCommand = defineCommand<RestartFlags, [string]>({
  docs: {
    brief: "Restart a pod, or one container of it",
    fullDescription: [
      "A pod: ends it, and begins it again as another one in the same version, in the two steps",
      "in which a change replaces it; then waits until it is ready and stays so.",
      "",
      "POD:CONTAINER: stops the container, so that the kubelet starts it again, and prints the name",
      "of its next attempt when that runs. The pod and its other containers stay as they are. So it",
      "is with a pod that podstead does not declare, and where no agent runs.",
      "",
      "It asks on a terminal, and wants --yes elsewhere.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
      kubernetes: kubernetesFlag,
      container: containerFlag,
      yes: { kind: "boolean", default: false, withNegated: false, brief: "Do not ask" },
      grace: {
        kind: "parsed",
        parse: durationOf("--grace"),
        optional: true,
        brief: "Of a container: between the stop signal and the kill (default: the pod's own)",
        placeholder: "DURATION",
      },
      wait: {
        kind: "parsed",
        parse: durationOf("--wait"),
        default: "60s",
        brief: "How long to wait for the next attempt, or for the pod; 0 does not",
        placeholder: "DURATION",
      },
      settle: SETTLE_FLAG,
    },
    aliases: { o: "output", k: "kubernetes", c: "container", y: "yes" },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: podReference, brief: "POD, or POD:CONTAINER[:HASH]", placeholder: "ID" },
      ],
    },
  },
  nodes: { policy: "many", changes: true },
  traits: { takesPods: true },
  examples: [
    ["podstead restart nginx", "the whole pod, after a question"],
    ["podstead restart web:app --yes --grace 5s", "one container of several, at once"],
  ],
  async func(this: CliContext, flags, reference) {
    if (flags.container === undefined && !reference.includes(":")) {
      const { restartPod } = await import("../change/restart_pod.ts");
      if (await restartPod(this, reference, flags)) return;
    }
    await restartContainer(this, reference, flags);
  },
});

async function restartContainer(
  context: CliContext,
  reference: string,
  { container, grace, wait, yes, output }: RestartFlags,
): Promise<void> {
  const { world } = context;
  await withActingNode(context, async (node) => {
    const found = await node.find({
      reference,
      ...(container === undefined ? {} : { container }),
    });
    const name = formatContainer(found.pod, found.container);
    refuseStopped(found, name);
    const tell = async (report: RestartReport) => {
      if (!isDataOutput(output)) return;
      const metadata = podMetadata(found.pod);
      const document = documentOf("RestartReport", { metadata, ...report, container: name });
      await context.print.data(output, document);
    };
    if (!yes) {
      const { confirm } = await import("../../shell/confirm.ts");
      if (!await confirm(context, `Stop ${name}, so that the kubelet starts it again?`)) {
        context.process.exitCode = EXIT.failed;
        return await tell({ changed: false });
      }
    }
    await node.stop({
      containerId: found.container.id,
      ...(grace === undefined ? {} : { graceMs: grace }),
    });
    world.stderr.write(`Stopped ${name}\n`);
    if (wait === 0) return await tell({ changed: true });
    const next = await nextAttempt(context, node, found, wait);
    if (isDataOutput(output)) await tell({ changed: true, next });
    else world.stdout.write(`${next}\n`);
  });
}

/** What `-o json` says of a container's restart. */
interface RestartReport {
  readonly changed: boolean;
  /** The name of its next attempt. */
  readonly next?: string;
}

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
