import { isAbsolute } from "node:path";
import { UsageError } from "../../../core/mod.ts";
import type { ChangeOutcome } from "../../../api/contract/mod.ts";
import { type Publication } from "../../../workloads/mod.ts";
import { isDataOutput } from "../../output/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { showSecretsFlag } from "../../shell/shared_flags.ts";
import { CHANGE_ALIASES, CHANGE_FLAGS, type ChangeFlags } from "./change_flags.ts";
import { fileDiff } from "./diff.ts";
import { makeChange } from "./make_change.ts";

interface AddFlags extends ChangeFlags {
  readonly namespace?: string;
  readonly volumes?: string;
  readonly publish?: readonly Publication[];
  readonly replicas: boolean;
  readonly replace: boolean;
  readonly showSecrets: boolean;
}

export const addCommand = defineCommand<AddFlags, string[]>({
  docs: {
    brief: "Add Deployments, Services, claims, … of a cluster as pods",
    fullDescription: [
      "Takes the YAML of Kubernetes objects, also as helm and kustomize render it, and writes plain",
      "pods with their ConfigMaps and Secrets into drop-ins; what cannot be kept is listed. The",
      "difference is shown first, and asked about on a terminal.",
      "",
      "A Deployment, StatefulSet, DaemonSet, ReplicaSet or Job becomes one pod; a claim becomes a",
      "directory below --volumes; a Service becomes ports of the node where --publish asks for it.",
      "Pods and objects that are declared already stay as they are, unless --replace is given.",
      "",
      "Exit code 0: added and ready, or nothing to change. 1: not ready, or not wanted. 2: with",
      "--dry-run --exit-code, something would change. 78: it cannot be added, nothing was written.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...CHANGE_FLAGS,
      namespace: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Namespace of objects that name none (default: default)",
        placeholder: "NAMESPACE",
      },
      volumes: {
        kind: "parsed",
        parse: directoryOf,
        optional: true,
        brief: "Directory in which each PersistentVolumeClaim gets its own, as NAMESPACE/NAME",
        placeholder: "DIR",
      },
      publish: {
        kind: "parsed",
        parse: publicationOf,
        variadic: true,
        optional: true,
        brief:
          "Services whose ports the node gets: all, SERVICE, HOST:PORT or SERVICE/HOST:PORT; may be given several times",
        placeholder: "PORT",
      },
      replicas: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "As many numbered pods as it asks for, where nothing collides",
      },
      replace: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Also change pods and objects that are declared already",
      },
      showSecrets: showSecretsFlag,
    },
    aliases: { ...CHANGE_ALIASES, n: "namespace" },
    positional: {
      kind: "array",
      minimum: 1,
      parameter: { parse: String, brief: "File, directory or -", placeholder: "FILE" },
    },
  },
  needsArguments: true,
  nodes: { policy: "many", changes: true },
  examples: [
    ["podstead add deployment.yaml", "shows the pods that come of it, asks, and waits for them"],
    [
      "helm template web . | podstead add - --volumes /srv --publish web/80:8080",
      "a chart, with directories for its claims, and the node's port 80 for its Service",
    ],
    ["podstead add app.yaml --dry-run", "what it would be, and what cannot be kept"],
  ],
  async func(this: CliContext, flags, ...paths) {
    const { readAdditions } = await import("./add_input.ts");
    const { additionReport, atOrigin, summaryOf, warningReport } = await import("./add_report.ts");
    const agent = await actingAgentOf(this);
    const additions = await readAdditions(this, agent, { ...flags, paths });
    const { stdout } = this.world;
    const style = styleOf(this, stdout);
    const show = (planned: ChangeOutcome) => {
      if (planned.result === "refused") return;
      for (const file of planned.files) {
        stdout.write(fileDiff(file, style, { showSecrets: flags.showSecrets }));
      }
      stdout.write(warningReport(planned, additions, style));
    };
    if (!isDataOutput(flags.output)) stdout.write(additionReport(additions, style));
    await makeChange(this, agent, {
      operations: [additions.operation],
      trigger: "add",
      show,
      question: "Add this?",
      placed: (outcome) => atOrigin(outcome, additions),
      report: summaryOf(additions),
    }, flags);
  },
});

/** @throws {UsageError} for a path that is not absolute: pods have no working directory */
function directoryOf(text: string): string {
  if (isAbsolute(text) && !text.split("/").includes("..")) return text;
  throw new UsageError(`--volumes must be an absolute path, current value is "${text}"`, {
    hint: "For example --volumes /srv/volumes",
  });
}

/** @throws {UsageError} for what names no port of a Service */
async function publicationOf(text: string): Promise<Publication> {
  const { parsePublication } = await import("../../../workloads/mod.ts");
  return parsePublication(text);
}
