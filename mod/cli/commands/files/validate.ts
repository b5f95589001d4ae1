import { UsageError } from "../../../core/mod.ts";
import type { FeatureGates } from "../../../kubelet/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, useColor } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { parseKubeletVersion } from "../../shell/parsers.ts";

interface ValidateFlags {
  readonly output: "text" | "json" | "github";
  readonly nodeName?: string;
  readonly kubeletVersion?: string;
  readonly featureGates?: FeatureGates;
  readonly verbose: boolean;
  readonly asNode: boolean;
  readonly warnings: boolean;
}

export const validateCommand = defineCommand<ValidateFlags, string[]>({
  docs: {
    brief: "Judge pods as the kubelet would, before it sees them",
    fullDescription: [
      "Reads pod files, lists and node configs (files, directories, - for standard input) and",
      "says of every pod whether the kubelet would take it, and exactly why not. Needs no agent",
      "and no kubelet. Without a path it judges this node's config with its drop-ins.",
      "",
      "Each file is judged on its own: the same pod in two files is no error, unless --as-node.",
      "",
      "Exit code 0: every pod would be taken. 78: at least one would not.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: {
        kind: "enum",
        values: ["text", "json", "github"],
        default: "text",
        brief: "Output format; github: annotations for a workflow's log",
      },
      nodeName: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Node whose name the kubelet appends to pods (default: this node's)",
        placeholder: "NAME",
      },
      kubeletVersion: {
        kind: "parsed",
        parse: parseKubeletVersion,
        optional: true,
        brief:
          "Kubelet whose rules count, such as 1.34 (default: the one that runs, or the newest)",
        placeholder: "1.NN",
      },
      featureGates: {
        kind: "parsed",
        parse: featureGates,
        optional: true,
        brief:
          "Gates of that kubelet, such as A=true,B=false (default: those it has, or its defaults)",
        placeholder: "GATES",
      },
      verbose: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Also by which kubelet and which feature gates it judges",
      },
      asNode: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Judge all files together, as the set of one node",
      },
      warnings: {
        kind: "boolean",
        default: true,
        brief: "Also what the kubelet takes but a person will regret",
      },
    },
    aliases: { o: "output", v: "verbose" },
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        brief: "File, directory or - (default: this node's config)",
        placeholder: "PATH",
      },
    },
  },
  examples: [
    ["podstead validate pod.yaml", "one file, with the source line and a caret at each error"],
    [
      "podstead validate --kubelet-version 1.33 /etc/podstead",
      "a whole directory, for kubelet 1.33",
    ],
    [
      "podstead validate --feature-gates PodLevelResources=false pod.yaml",
      "for a kubelet with a feature gate of its own",
    ],
    ["kubectl get pod web -o yaml | podstead validate -", "what an API server has"],
  ],
  async func(this: CliContext, flags, ...paths) {
    const { validatePaths } = await import("./validate_run.ts");
    const valid = await validatePaths(this, {
      ...flags,
      paths,
      color: useColor(this, this.world.stdout),
    });
    this.process.exitCode = valid ? EXIT.ok : EXIT.config;
  },
});

/** @throws {UsageError} for anything but `NAME=true,NAME=false` */
async function featureGates(text: string): Promise<FeatureGates> {
  const { parseFeatureGates } = await import("../../../kubelet/mod.ts");
  const { gates, malformed } = parseFeatureGates(text);
  if (malformed.length === 0) return gates;
  throw new UsageError(
    `--feature-gates must be like A=true,B=false, current value has "${malformed[0]}"`,
  );
}
