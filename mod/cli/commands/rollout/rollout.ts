/** `podstead rollout`: one change for many nodes, from this machine. */
import { buildRouteMap } from "@stricli/core";
import {
  judgementOf,
  resumed,
  type RolloutRecord,
  type RolloutRequest,
} from "../../../fleet/drive/mod.ts";
import { commandedState } from "../../../fleet/plan/mod.ts";
import type { Column } from "../../../text/mod.ts";
import { type Output, parseOutput } from "../../output/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { type ListFlags, writeListing } from "../../shell/listing.ts";
import { LIST_ALIASES, LIST_FLAGS } from "../../shell/shared_flags.ts";
import { rolloutApplyCommand } from "./apply.ts";
import { drive, rolloutStore } from "./drive.ts";
import { printRollout, rolloutDocument } from "./status.ts";

interface OutputFlags {
  readonly output: Output;
}

const OUTPUT_FLAG = {
  kind: "parsed",
  parse: (text: string) => parseOutput(text),
  default: "table",
  brief: "table, wide, json, yaml or jsonpath=TEMPLATE",
  placeholder: "FORMAT",
} as const;

const ID_ARGUMENT = {
  parse: String,
  brief: "The roll-out; the newest one without it",
  placeholder: "ID",
  optional: true,
} as const;

const statusCommand = defineCommand<OutputFlags, [string?]>({
  docs: {
    brief: "Show where a roll-out and each of its nodes stand",
    fullDescription: "As it is on disk here: what its driver has seen last of each node.",
  },
  parameters: {
    flags: { output: OUTPUT_FLAG },
    aliases: { o: "output" },
    positional: { kind: "tuple", parameters: [ID_ARGUMENT] },
  },
  examples: [["podstead rollout status", "the newest one"]],
  async func(this: CliContext, { output }, id) {
    const store = rolloutStore(this);
    const record = await store.find(id);
    await printRollout(this, record, { output, isDriven: await store.isDriven(record.id) });
  },
});

const historyCommand = defineCommand<ListFlags>({
  docs: { brief: "List the roll-outs from this machine, newest first" },
  parameters: { flags: LIST_FLAGS, aliases: LIST_ALIASES },
  examples: [["podstead rollout history", "when each was, and how it ended"]],
  async func(this: CliContext, flags) {
    const items = await rolloutStore(this).list();
    await writeListing(this, flags, {
      kind: "RolloutList",
      items,
      document: (record) => rolloutDocument(record, false),
      names: ({ id }) => [`rollout/${id}`],
      ids: ({ id }) => [id],
      columns: COLUMNS,
    });
    if (items.length === 0) this.world.stderr.write("No roll-out yet\n");
  },
});

const COLUMNS: readonly Column<RolloutRecord>[] = [
  { header: "ID", cell: ({ id }) => id },
  { header: "STATE", cell: ({ state }) => state },
  { header: "NODES", cell: ({ rules }) => rules.nodes.length.toString() },
  { header: "READY", cell: (record) => judgementOf(record).counts.ready.toString() },
  {
    header: "FAILED",
    cell: (record) => {
      const { failed, reverted } = judgementOf(record).counts;
      return (failed + reverted).toString();
    },
  },
  { header: "SKIPPED", cell: (record) => judgementOf(record).counts.skipped.toString() },
  { header: "MESSAGE", cell: ({ message, reason }) => message ?? reason ?? "" },
];

const resumeCommand = defineCommand<OutputFlags, [string?]>({
  docs: {
    brief: "Continue a roll-out that is halted, paused, or was left by its command",
    fullDescription: [
      "Nodes in the middle are followed to their end; those that failed or were skipped have their",
      "turn again, in their places.",
    ].join("\n"),
  },
  parameters: {
    flags: { output: OUTPUT_FLAG },
    aliases: { o: "output" },
    positional: { kind: "tuple", parameters: [ID_ARGUMENT] },
  },
  examples: [["podstead rollout resume", "after what made it fail is fixed"]],
  async func(this: CliContext, { output }, id) {
    const store = rolloutStore(this);
    const record = await store.find(id);
    const at = new Date(this.world.clock.now()).toISOString();
    await drive(this, store, resumed(record, at), output);
  },
});

/** A command that stops a roll-out: its driver is asked, or it is written if there is none. */
function stopCommand(request: RolloutRequest, brief: string, effect: string) {
  return defineCommand<Record<never, never>, [string?]>({
    docs: { brief, fullDescription: "Nodes that have begun finish their trial." },
    parameters: { flags: {}, positional: { kind: "tuple", parameters: [ID_ARGUMENT] } },
    examples: [[`podstead rollout ${request}`, effect]],
    async func(this: CliContext, _flags: Record<never, never>, id?: string) {
      const store = rolloutStore(this);
      const record = await store.find(id);
      const state = commandedState(request, record.state);
      if (await store.isDriven(record.id)) await store.request(record.id, request);
      else await store.save({ ...record, state });
      this.world.stderr.write(`roll-out ${record.id} is ${state}\n`);
    },
  });
}

export const rolloutCommands = buildRouteMap({
  routes: {
    apply: rolloutApplyCommand,
    status: statusCommand,
    pause: stopCommand(
      "pause",
      "Let no other node begin until the roll-out is resumed",
      "and podstead rollout resume continues",
    ),
    resume: resumeCommand,
    abort: stopCommand(
      "abort",
      "End a roll-out; nodes keep what they have",
      "what was changed stays; undo it with another roll-out",
    ),
    history: historyCommand,
  },
  docs: { brief: "Change many nodes, batch by batch; stops where it fails" },
});
