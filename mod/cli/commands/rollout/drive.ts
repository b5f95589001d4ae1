/** Driving a roll-out from a command: connections, messages, its exit code. */
import { agentClient } from "../../../api/client/mod.ts";
import { PodsteadError } from "../../../core/mod.ts";
import {
  driveRollout,
  judgementOf,
  type RolloutRecord,
  rolloutsPath,
  RolloutStore,
} from "../../../fleet/drive/mod.ts";
import { nodesPath, readNodes } from "../../../fleet/nodes/mod.ts";
import { oneLine } from "../../../text/mod.ts";
import type { Output } from "../../output/mod.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { type Links, openLinks } from "../../shell/many/links.ts";
import { printRollout, STATE_LOOKS } from "./status.ts";

/** The roll-outs of this user. */
export function rolloutStore({ world }: CliContext): RolloutStore {
  return new RolloutStore(rolloutsPath(world.env));
}

/** Drives a roll-out to its end, reports each step on stderr, and shows how it ended. */
export async function drive(
  context: CliContext,
  store: RolloutStore,
  record: RolloutRecord,
  output: Output,
): Promise<void> {
  const { world } = context;
  const lock = await store.drive(record.id);
  const { connectTimeoutMs } = await readNodes(nodesPath(world.env));
  const links = await openLinks(connectTimeoutMs, world.interrupted);
  try {
    await store.forgetRequest(record.id);
    await store.save(record);
    const end = await driveRollout(record, {
      store,
      clock: world.clock,
      connect: (node) => connectTo(links, record, node),
      told: (current, node) => tell(context, current, node),
      signal: world.interrupted,
    });
    await printRollout(context, end, { output, isDriven: false });
    tellNext(context, end);
    context.process.exitCode = exitCodeOf(end);
  } finally {
    await links.close();
    await lock.release();
  }
}

async function connectTo(links: Links, { targets }: RolloutRecord, name: string) {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) {
    throw new PodsteadError("failed", `The roll-out does not say how "${name}" is reached`);
  }
  const linked = await links.open(target);
  return {
    agent: agentClient(linked.transport),
    [Symbol.asyncDispose]: () => {
      linked.close();
      return Promise.resolve();
    },
  };
}

function tell(context: CliContext, record: RolloutRecord, node: string | undefined): void {
  const { stderr } = context.world;
  const style = styleOf(context, stderr);
  const word = (state: string) => style(STATE_LOOKS[state], state);
  if (node === undefined) {
    const why = record.reason === undefined ? "" : `: ${record.reason}`;
    stderr.write(`roll-out ${record.id} is ${word(record.state)}${why}\n`);
    return;
  }
  const progress = record.nodes[node];
  if (progress === undefined || progress.state === "pending") return;
  const { batch, batches } = judgementOf(record);
  const why = progress.message === undefined ? "" : `: ${oneLine(progress.message)}`;
  const where = progress.state === "updating" ? ` (batch ${batch} of ${batches})` : "";
  stderr.write(`${node}: ${word(progress.state)}${where}${why}\n`);
}

/** The next step of a roll-out that is not done everywhere. */
function tellNext({ world: { stderr } }: CliContext, record: RolloutRecord): void {
  const { counts } = judgementOf(record);
  const resume = `podstead rollout resume ${record.id}`;
  if (record.state === "running") {
    stderr.write(
      `Stopped here; nodes that are updating finish by themselves. Continue: ${resume}\n`,
    );
  } else if (record.state === "halted") {
    stderr.write(`No other node was touched. Try the failed ones again: ${resume}\n`);
  } else if (record.state === "paused") stderr.write(`Continue: ${resume}\n`);
  else if (record.state === "done" && counts.skipped > 0) {
    stderr.write(`Skipped: ${counts.skipped}. When they are back: ${resume}\n`);
  }
}

/** 0 only if every node has the change. */
export function exitCodeOf(record: RolloutRecord): number {
  const { counts } = judgementOf(record);
  const everywhere = counts.ready + counts.unchanged === record.rules.nodes.length;
  return record.state === "done" && everywhere ? EXIT.ok : EXIT.failed;
}
