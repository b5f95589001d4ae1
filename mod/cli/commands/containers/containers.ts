import { formatPod, UsageError } from "../../../core/mod.ts";
import { type ContainerFilter, filterPods } from "./container_filter.ts";
import { containersTable, podColumns } from "./containers_table.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { podReference } from "../../shell/parsers.ts";
import { withNode } from "../../shell/node.ts";
import { filterOthers, otherColumns } from "./other_containers.ts";
import { isDataOutput, podMetadata } from "../../output/mod.ts";
import { type ListFlags, type PodFlags, writeListing } from "../../shell/listing.ts";
import { LIST_ALIASES, LIST_FLAGS, POD_ALIASES, POD_FLAGS } from "../../shell/shared_flags.ts";

const STATES = ["ready", "notready", "created", "running", "exited", "unknown"] as const;

interface ContainersFlags extends ListFlags, PodFlags {
  readonly kubernetes: boolean;
  readonly all: boolean;
  readonly pod?: string;
  readonly state?: typeof STATES[number];
  readonly image?: string;
}

/** Those flags with the pods that `--pod` and arguments name. */
interface Chosen extends ContainersFlags {
  readonly pods: readonly string[];
}

export const containersCommand = defineCommand<ContainersFlags, string[]>({
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
      ...LIST_FLAGS,
      ...POD_FLAGS,
      pod: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Only pods whose namespace/name has this in it",
        placeholder: "TEXT",
      },
      state: {
        kind: "enum",
        values: STATES,
        optional: true,
        brief: "Only containers (or sandboxes) in this state",
      },
      image: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Only containers whose image has this in its name",
        placeholder: "TEXT",
      },
    },
    aliases: { ...LIST_ALIASES, ...POD_ALIASES, k: "kubernetes", a: "all" },
    positional: {
      kind: "array",
      parameter: { parse: podReference, brief: "Only this pod, as with --pod", placeholder: "POD" },
    },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead containers -k", "every pod with its containers, PIDs and states"],
    ["podstead containers -k -o wide --state exited", "what has ended, when, and how"],
  ],
  async func(this: CliContext, given, ...pods) {
    const flags = { ...given, pods: given.pod === undefined ? pods : [...pods, given.pod] };
    if (!flags.kubernetes) return await showOthers(this, flags);
    const wide = flags.output.kind !== "table" || flags.sortBy !== undefined;
    // No table shows them.
    const labels = flags.output.kind === "custom-columns" || isDataOutput(flags.output) ||
      flags.label !== undefined;
    const answer = await withNode(
      this,
      (node) => node.pods({ statuses: wide ? "all" : "none", labels }),
    );
    const nowMs = this.world.clock.now();
    await writeListing(this, flags, {
      kind: "ContainerPodList",
      items: filterPods(answer.pods, filterOf(flags)),
      document: (pod) => ({ node: answer.node, metadata: podMetadata(pod), ...pod }),
      names: (pod) => [`pod/${formatPod(pod)}`],
      ids: ({ containers }) => containers.map(({ id }) => id),
      columns: podColumns(answer.node, nowMs),
      table: (pods, print, look) => {
        const { columns, rows } = containersTable({ ...answer, pods }, nowMs);
        print.table(columns, rows, look);
      },
    });
  },
});

/** What runs outside of Kubernetes: containerd's own namespaces have no pods and no labels. */
async function showOthers(context: CliContext, flags: Chosen): Promise<void> {
  if (flags.pod === undefined && flags.pods.length > 0) {
    throw new UsageError("A pod is one of Kubernetes", {
      hint: `Add -k: podstead containers -k ${flags.pods.join(" ")}`,
    });
  }
  for (const name of ["pod", "label", "all"] as const) {
    if (flags[name] === undefined || flags[name] === false) continue;
    throw new UsageError(`--${name} is about the pods of Kubernetes`, { hint: "Add -k" });
  }
  const { stderr, clock } = context.world;
  const { node, containers } = await withNode(context, (reader) => reader.otherContainers());
  const items = filterOthers(containers, flags);
  await writeListing(context, flags, {
    kind: "ContainerList",
    items,
    document: (container) => ({ node, ...container }),
    names: ({ id }) => [`container/${id}`],
    ids: ({ id }) => [id],
    columns: otherColumns(node, clock.now()),
  });
  if (items.length === 0) {
    stderr.write(
      'Nothing runs outside of Kubernetes; see its pods with "podstead containers -k"\n',
    );
  }
}

function filterOf(flags: Chosen): ContainerFilter {
  const { all, pods, namespace, allNamespaces, state, label, image } = flags;
  return {
    all,
    pods,
    namespace: allNamespaces ? undefined : namespace,
    state,
    labels: label?.flat(),
    image,
  };
}
