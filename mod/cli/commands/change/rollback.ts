import { PodsteadError } from "../../../core/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { CHANGE_ALIASES, CHANGE_FLAGS, type ChangeFlags, revisionOf } from "./change_flags.ts";
import { fileDiff } from "./diff.ts";
import { makeChange } from "./make_change.ts";

export const rollbackCommand = defineCommand<ChangeFlags, [number?]>({
  docs: {
    brief: "Serve what an earlier revision declared",
    fullDescription: [
      "Writes the config's files as that revision had them, and applies them as a new revision.",
      "Without a number: the revision before the one that is served. It shows what changes, asks on",
      "a terminal, and wants --yes elsewhere.",
    ].join("\n"),
  },
  parameters: {
    flags: CHANGE_FLAGS,
    aliases: CHANGE_ALIASES,
    positional: {
      kind: "tuple",
      parameters: [
        { parse: revisionOf, brief: "Number of the revision", placeholder: "REV", optional: true },
      ],
    },
  },
  nodes: { policy: "many", changes: true },
  examples: [
    ["podstead rollback", "undoes the last change"],
    ["podstead rollback 12 --dry-run", "what going back to revision 12 would do"],
    ["podstead rollback 12 --try", "and undoes that again if its pods do not stay ready"],
  ],
  async func(this: CliContext, flags, number) {
    const agent = await actingAgentOf(this);
    const rollbackTo = number ?? previous(await agent.history({}));
    const { stdout } = this.world;
    const style = styleOf(this, stdout);
    await makeChange(this, agent, {
      ...{ operations: [], rollbackTo, trigger: `rollback to ${rollbackTo}`, needsYes: true },
      show: ({ files }) => stdout.write(files.map((file) => fileDiff(file, style)).join("")),
    }, flags);
  },
});

function previous(history: readonly { readonly number: number; readonly current: boolean }[]) {
  const at = history.findIndex(({ current }) => current);
  const before = history[at + 1];
  if (at >= 0 && before !== undefined) return before.number;
  throw new PodsteadError("not-found", "There is no revision before the one that is served", {
    hint: 'See "podstead history"',
  });
}
