import { UsageError } from "../../../core/mod.ts";
import { type ContainerFilter, filterPods } from "./container_filter.ts";
import { containersTable } from "./containers_table.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { withNode } from "../../shell/node.ts";
import { filterOthers, otherContainersTable } from "./other_containers.ts";
import { labelOf } from "../../shell/parsers.ts";
import { isDataOutput, type Output, parseOutput } from "../../output/mod.ts";

const STATES = ["ready", "notready", "created", "running", "exited", "unknown"] as const;

interface ContainersFlags {
  readonly kubernetes: boolean;
  readonly all: boolean;
  readonly output: Output;
  readonly pod?: string;
  readonly namespace?: string;
  readonly state?: typeof STATES[number];
  readonly label?: readonly (readonly [string, string])[];
  readonly image?: string;
}

export const containersCommand = defineCommand<ContainersFlags>({
  docs: {
    brief: "Show what the container runtime runs",
    fullDescription: [
      "With -k: the pods of Kubernetes, each with its containers under it. Without: the containers",
      "of the runtime's other namespaces.",
      "",
      "Shown is what counts now: the newest sandbox of each pod, the newest attempt of each",
      "container, and whatever runs. --all shows the earlier ones too; --state looks at all.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      kubernetes: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Pods of Kubernetes (the runtime's namespace k8s.io)",
      },
      all: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Superseded sandboxes and earlier attempts too",
      },
      output: {
        kind: "parsed",
        parse: (text: string) => parseOutput(text),
        default: "table",
        brief: "table, wide, json, yaml or jsonpath=TEMPLATE",
        placeholder: "FORMAT",
      },
      pod: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Only pods whose namespace/name has this in it",
        placeholder: "TEXT",
      },
      namespace: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Only pods of this namespace",
        placeholder: "NAME",
      },
      state: {
        kind: "enum",
        values: STATES,
        optional: true,
        brief: "Only containers (or sandboxes) in this state",
      },
      label: {
        kind: "parsed",
        parse: labelOf,
        optional: true,
        variadic: true,
        brief: "Only pods with this label; may be repeated",
        placeholder: "KEY=VALUE",
      },
      image: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Only containers whose image has this in its name",
        placeholder: "TEXT",
      },
    },
    aliases: { k: "kubernetes", a: "all", o: "output", n: "namespace", l: "label" },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead containers -k", "every pod with its containers, PIDs and states"],
    ["podstead containers -k -o wide --state exited", "what has ended, when, and how"],
  ],
  async func(this: CliContext, flags) {
    if (!flags.kubernetes) return await showOthers(this, flags);
    const wide = flags.output.kind !== "table";
    // No table shows them.
    const labels = isDataOutput(flags.output) || flags.label !== undefined;
    const { clock } = this.world;
    const answer = await withNode(
      this,
      (node) => node.pods({ statuses: wide ? "all" : "none", labels }),
    );
    const pods = filterPods(answer.pods, filterOf(flags));
    if (isDataOutput(flags.output)) {
      const items = pods.map((pod) => ({ node: answer.node, ...pod }));
      await this.print.data(flags.output, { apiVersion: "podstead.dev/v1", items });
      return;
    }
    const { columns, rows } = containersTable({ ...answer, pods }, clock.now());
    this.print.table(columns, rows, { wide });
  },
});

/** What runs beside Kubernetes: containerd's own namespaces have no pods and no labels. */
async function showOthers(context: CliContext, flags: ContainersFlags): Promise<void> {
  for (const name of ["pod", "label", "all"] as const) {
    if (flags[name] === undefined || flags[name] === false) continue;
    throw new UsageError(`--${name} is about the pods of Kubernetes`, { hint: "Add -k" });
  }
  const { stderr, clock } = context.world;
  const { output } = flags;
  const { node, containers } = await withNode(context, (reader) => reader.otherContainers());
  const shown = filterOthers(containers, flags);
  if (isDataOutput(output)) {
    const items = shown.map((container) => ({ node, ...container }));
    await context.print.data(output, { apiVersion: "podstead.dev/v1", items });
    return;
  }
  const { columns, rows } = otherContainersTable(node, shown, clock.now());
  context.print.table(columns, rows, { wide: output.kind === "wide" });
  if (shown.length === 0) {
    stderr.write('Nothing runs beside Kubernetes; see its pods with "podstead containers -k"\n');
  }
}

function filterOf(flags: ContainersFlags): ContainerFilter {
  const { all, pod, namespace, state, label, image } = flags;
  return { all, pod, namespace, state, labels: label, image };
}
