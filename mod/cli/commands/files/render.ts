import { defineCommand } from "../../shell/command.ts";
import { type CliContext } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";

interface RenderFlags {
  readonly output: "json" | "yaml";
}

export const renderCommand = defineCommand<RenderFlags>({
  docs: {
    brief: "Print exactly the list that would be served",
    fullDescription: [
      "Reads the config with its drop-ins and prints the list that the kubelet would get from an",
      "agent that has never served anything: invalid pods are left out, and named on stderr.",
      "Needs no agent. -o json gives the very bytes.",
      "",
      "Exit code 0: everything in the config is in the list. 78: something was left out.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: { kind: "enum", values: ["json", "yaml"], default: "json", brief: "Output format" },
    },
    aliases: { o: "output" },
  },
  examples: [
    ["podstead render --config ./node.yaml | sha256sum", "the same on every machine"],
    ["podstead render -o yaml", "for reading"],
  ],
  async func(this: CliContext, flags) {
    const { renderConfig } = await import("./render_run.ts");
    this.process.exitCode = await renderConfig(this, flags.output) ? EXIT.ok : EXIT.config;
  },
});
