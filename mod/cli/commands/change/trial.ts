/** `podstead confirm` and `podstead cancel`: the two ends of a trial that a person chooses. */
import type { TrialEnd } from "../../../api/contract/mod.ts";
import { documentOf, isDataOutput, type Output } from "../../output/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";
import { trialEndLine } from "./make_change.ts";

interface TrialFlags {
  readonly output: Output<"text">;
}

const PARAMETERS = { flags: { output: proseOutputFlag }, aliases: { o: "output" } } as const;

export const confirmCommand = defineCommand<TrialFlags>({
  docs: {
    brief: "Keep the change that is on trial",
    fullDescription: "Ends the running trial: what it tries is kept.",
  },
  parameters: PARAMETERS,
  nodes: { policy: "many", changes: true },
  examples: [["podstead confirm", "keeps it"]],
  async func(this: CliContext, { output }) {
    await tell(this, await (await actingAgentOf(this)).confirm({}), output);
  },
});

export const cancelCommand = defineCommand<TrialFlags>({
  docs: {
    brief: "Take the change that is on trial back now",
    fullDescription: "Ends the running trial: what was served before it is served again.",
  },
  parameters: PARAMETERS,
  nodes: { policy: "many", changes: true },
  examples: [["podstead cancel", "goes back at once"]],
  async func(this: CliContext, { output }) {
    const end = await (await actingAgentOf(this)).cancel({});
    await tell(this, end, output);
    if (end.result === "failed") this.process.exitCode = EXIT.failed;
  },
});

async function tell(
  { world: { stdout }, print }: CliContext,
  end: TrialEnd,
  output: Output<"text">,
): Promise<void> {
  if (!isDataOutput(output)) return void stdout.write(trialEndLine(end));
  await print.data(output, documentOf("TrialEnd", { changed: end.result === "reverted", ...end }));
}
