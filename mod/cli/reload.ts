import { PATHS, type ReloadOutcome } from "../admin/mod.ts";
import { agentOf } from "./agent.ts";
import { defineCommand } from "./command.ts";
import { type CliContext, styleOf } from "./context.ts";
import { EXIT } from "./exit_codes.ts";
import { formatData, isDataOutput, type Output, parseOutput } from "./output/mod.ts";
import { reloadReport } from "./reload_report.ts";

interface ReloadFlags {
  readonly output: Output<"text">;
}

export const reloadCommand = defineCommand<ReloadFlags>({
  docs: {
    brief: "Apply the config files as they are now",
    fullDescription: [
      "Lets the agent read its config and drop-ins anew, and returns when the result is known.",
      "Nothing that is served is lost by a config that cannot be used.",
      "",
      "Exit code 0: applied, or nothing to change. 78: something was refused. 1: failed.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: {
        kind: "parsed",
        parse: (text: string) => parseOutput(text, ["text"], ["table", "wide"]),
        default: "text",
        brief: "text, json, yaml or jsonpath=TEMPLATE",
        placeholder: "FORMAT",
      },
    },
    aliases: { o: "output" },
  },
  examples: [["podstead reload", "the same as SIGHUP to the agent, but it says what came of it"]],
  async func(this: CliContext, flags) {
    const agent = await agentOf(this);
    const outcome = await agent.call<ReloadOutcome>("POST", PATHS.reload);
    const { stdout } = this.world;
    if (isDataOutput(flags.output)) stdout.write(formatData(flags.output, outcome));
    else stdout.write(reloadReport(outcome, styleOf(this, stdout)));
    this.process.exitCode = exitCodeOf(outcome);
  },
});

/** Refused by what a person wrote is a config error; podstead's own failure is a failure. */
function exitCodeOf({ result }: ReloadOutcome): number {
  if (result === "applied" || result === "unchanged") return EXIT.ok;
  return result === "failed" ? EXIT.failed : EXIT.config;
}
