import { UsageError } from "../../../core/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { parseKubeletVersion } from "../../shell/parsers.ts";

interface ExplainFlags {
  readonly output: "text" | "json";
  readonly kubeletVersion?: string;
}

export const explainCommand = defineCommand<ExplainFlags, [string?]>({
  docs: {
    brief: "Say what may stand in a field of a pod",
    fullDescription: [
      "Type, default, values, since which version, and what a static pod may not do: from the",
      "very tables that judge. FIELD is a path such as pod.spec.containers.livenessProbe, or the",
      "end of one. Needs no agent and no kubelet.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: { kind: "enum", values: ["text", "json"], default: "text", brief: "Output format" },
      kubeletVersion: {
        kind: "parsed",
        parse: parseKubeletVersion,
        optional: true,
        brief: "Kubelet whose rules count, such as 1.34 (default: the newest known)",
        placeholder: "1.NN",
      },
    },
    aliases: { o: "output" },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        optional: true,
        brief: "Field of a pod (default: pod)",
        placeholder: "FIELD",
      }],
    },
  },
  examples: [
    ["podstead explain pod.spec.containers.livenessProbe", "a probe and its fields"],
    ["podstead explain imagePullPolicy", "the end of a path is enough"],
  ],
  async func(this: CliContext, { output, kubeletVersion: version }, field = "pod") {
    const { explainField, nameField } = await import("../../../pods/mod.ts");
    const named = nameField(field);
    if (named.path === undefined) {
      const [first, ...others] = named.suggestions;
      throw new UsageError(`A pod has no field "${field}"`, {
        hint: first === undefined
          ? "`podstead explain pod.spec` lists what there is"
          : `Did you mean ${[first, ...others].join(", ")}?`,
      });
    }
    const explained = explainField(named.path, { nodeName: "node", kubeletVersion: version });
    if (explained === undefined) return;
    const { stdout } = this.world;
    if (output === "json") {
      const { documentOf, formatJson } = await import("../../output/mod.ts");
      stdout.write(formatJson(documentOf("FieldExplanation", explained)));
      return;
    }
    const { explainReport } = await import("./explain_report.ts");
    stdout.write(explainReport(explained, styleOf(this, stdout)));
  },
});
