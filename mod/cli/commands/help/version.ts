import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";

interface VersionFlags {
  readonly output: "text" | "json";
}

export const versionCommand = defineCommand<VersionFlags>({
  docs: { brief: "Print the version, commit and runtime of this executable" },
  parameters: {
    flags: {
      output: { kind: "enum", values: ["text", "json"], default: "text", brief: "Output format" },
    },
    aliases: { o: "output" },
  },
  examples: [["podstead version -o json", "the same for scripts"]],
  async func(this: CliContext, flags) {
    const { buildInfo } = await import("../../../os/mod.ts");
    const info = buildInfo();
    this.world.stdout.write(
      flags.output === "json"
        ? `${JSON.stringify(info)}\n`
        : `podstead ${info.version} (commit ${info.commit}, ${info.runtime}, ${info.platform})\n`,
    );
  },
});
