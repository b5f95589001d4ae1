import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { CHANGE_ALIASES, CHANGE_FLAGS, type ChangeFlags } from "./change_flags.ts";
import { readChange } from "./change_input.ts";
import { makeChange } from "./make_change.ts";

interface ApplyFlags extends ChangeFlags {
  readonly filename: readonly string[];
}

export const applyCommand = defineCommand<ApplyFlags>({
  docs: {
    brief: "Declare pods, or a node config, and wait until they run",
    fullDescription: [
      "Takes pods of any file podstead reads, and writes each into the file that declares it now,",
      "else into a drop-in of its own; comments and order of that file stay. A node config takes",
      "the place of the main file. Everything is judged first: one refused pod refuses it all,",
      "unless --partial leaves it out. Then it is applied and waited for.",
      "",
      "With --mode=try the change goes back by itself, through a crash or a reboot too, as soon as",
      "a changed pod cannot be pulled, does not start, crashes or is not ready in time.",
      "",
      "Exit code 0: applied and ready, or nothing to change. 1: not ready, or taken back. 2: with",
      "--dry-run --exit-code, something would change. 78: refused, nothing was written.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...CHANGE_FLAGS,
      filename: {
        kind: "parsed",
        parse: String,
        variadic: true,
        brief: "File, directory or - (standard input); may be given several times",
        placeholder: "FILE",
      },
    },
    aliases: { ...CHANGE_ALIASES, f: "filename" },
  },
  nodes: { policy: "many", changes: true },
  examples: [
    ["podstead apply -f web.yaml", "declares or changes the pods of a file, and waits for them"],
    ["podstead apply -f web.yaml --mode=try", "and goes back by itself if they do not stay ready"],
    [
      "podstead apply -f - --dry-run -o json",
      "what would change, for a tool: changed true or false",
    ],
  ],
  async func(this: CliContext, flags) {
    const operations = await readChange(this, flags.filename);
    await makeChange(this, await actingAgentOf(this), { operations, trigger: "apply" }, flags);
  },
});
