/** `podstead confirm` and `podstead cancel`: the two ends of a trial that a person chooses. */
import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { trialEndLine } from "./make_change.ts";

export const confirmCommand = defineCommand({
  docs: {
    brief: "Keep the change that is on trial",
    fullDescription: "Ends the running trial: what it tries is kept.",
  },
  parameters: { flags: {} },
  nodes: { policy: "many", changes: true },
  examples: [["podstead confirm", "keeps it"]],
  async func(this: CliContext) {
    const end = await (await actingAgentOf(this)).confirm({});
    this.world.stdout.write(trialEndLine(end));
  },
});

export const cancelCommand = defineCommand({
  docs: {
    brief: "Take the change that is on trial back now",
    fullDescription: "Ends the running trial: what was served before it is served again.",
  },
  parameters: { flags: {} },
  nodes: { policy: "many", changes: true },
  examples: [["podstead cancel", "goes back at once"]],
  async func(this: CliContext) {
    const end = await (await actingAgentOf(this)).cancel({});
    this.world.stdout.write(trialEndLine(end));
    if (end.result === "failed") this.process.exitCode = EXIT.failed;
  },
});
