import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";

interface VersionFlags {
  readonly output: "text" | "json";
}

export const versionCommand = defineCommand<VersionFlags>({
  docs: {
    brief: "Print the version, commit and runtime of this executable",
    fullDescription: [
      "With -o json also the kubelet of this node by which pods are judged, and the feature gates",
      "that were read from it. With -N: the version on each node.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: { kind: "enum", values: ["text", "json"], default: "text", brief: "Output format" },
    },
    aliases: { o: "output" },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead version -o json", "the same for scripts"],
    ["podstead -N all version", "which version each node has"],
  ],
  async func(this: CliContext, flags) {
    if (this.node !== undefined) {
      const { showRemote } = await import("../../shell/many/remote_json.ts");
      return await showRemote(this, this.node, ["version"], { kind: flags.output });
    }
    const { buildInfo } = await import("../../../os/mod.ts");
    const info = buildInfo();
    if (flags.output === "json") {
      const { judgedByNode } = await import("../../shell/judged_by.ts");
      const { documentOf } = await import("../../output/mod.ts");
      const { judgedByView } = await import("../../output/assumed_gates.ts");
      const kubelet = judgedByView((await judgedByNode(this)).by);
      this.world.stdout.write(
        `${JSON.stringify(documentOf("Version", { ...info, kubelet }))}\n`,
      );
      return;
    }
    const { version, commit, runtime, platform } = info;
    this.world.stdout.write(`podstead ${version} (commit ${commit}, ${runtime}, ${platform})\n`);
  },
});
