import type { RevisionView } from "../../../api/contract/mod.ts";
import type { Column } from "../../../text/mod.ts";
import type { AgentClient } from "../../../api/client/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { isChosen, type ListFlags, type PodFlags, writeListing } from "../../shell/listing.ts";
import { podReference } from "../../shell/parsers.ts";
import { LIST_ALIASES, LIST_FLAGS, POD_ALIASES, POD_FLAGS } from "../../shell/shared_flags.ts";
import { podOf } from "../status/pod_view.ts";
import { type ObjectReference, objectReference } from "../status/describe_object.ts";
import { declaredPod } from "./pod_reference.ts";

type HistoryFlags = ListFlags & PodFlags;

export const historyCommand = defineCommand<HistoryFlags, [string?]>({
  docs: {
    brief: "List the revisions of this node's config, newest first",
    fullDescription: [
      "Each reload that changes what is served is a revision: when, by what, by whom, why, and",
      "which pods, ConfigMaps and Secrets it changed. With a pod, configmap/NAME or secret/NAME: the",
      "revisions that changed it; with -n or -l those that changed such pods.",
    ].join("\n"),
  },
  parameters: {
    flags: { ...LIST_FLAGS, ...POD_FLAGS },
    aliases: { ...LIST_ALIASES, ...POD_ALIASES },
    positional: {
      kind: "tuple",
      parameters: [{ parse: podReference, brief: "POD", placeholder: "POD", optional: true }],
    },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead history", "every revision that is kept; * is the one that is served"],
    ["podstead history nginx", "those that changed this pod"],
  ],
  async func(this: CliContext, flags, pod) {
    const agent = await agentOf(this);
    const all = await agent.history({});
    const key = pod === undefined ? undefined : await keyOf(pod, all, agent, flags.namespace);
    const isMeant = key === undefined
      ? await chosenKeys(flags, agent)
      : (changed: string) => changed === key;
    const items = isMeant === undefined
      ? all
      : all.filter(({ pods, objects = [] }) =>
        pods.some((one) => one.change !== "unchanged" && isMeant(one.key)) ||
        objects.some((one) => isMeant(one.key))
      );
    await writeListing(this, flags, {
      kind: "RevisionList",
      items,
      document: (revision) => revision,
      names: ({ number }) => [`revision/${number}`],
      ids: ({ number }) => [String(number)],
      columns: COLUMNS,
    });
    if (items.length === 0) {
      this.world.stderr.write(
        all.length === 0
          ? "No revisions yet\n"
          : `No kept revision changed ${key ?? "such a pod"}\n`,
      );
    }
  },
});

/** Whether a key is that of a pod that `-n` and `-l` choose; undefined if they choose nothing. */
async function chosenKeys(
  flags: PodFlags,
  agent: AgentClient,
): Promise<((key: string) => boolean) | undefined> {
  const { namespace, allNamespaces, label } = flags;
  if ((namespace === undefined || allNamespaces) && label === undefined) return undefined;
  if (label === undefined) {
    // Of ConfigMaps and Secrets too: `ConfigMap apps/web`.
    return (key) => key.replace(/^\S+ /, "").startsWith(`${namespace}/`);
  }
  const { items } = await agent.resources({ type: "StaticPod" });
  const chosen = items.map(podOf).filter((pod) => isChosen(flags, pod));
  const keys = new Set(chosen.map(({ namespace, name }) => `${namespace}/${name}`));
  return (key) => keys.has(key);
}

/** The key of an object, which may be gone: in the default namespace if it names none. */
function objectKey({ type, name }: ObjectReference): string {
  return `${type} ${name.includes("/") ? name : `default/${name}`}`;
}

/** The key of a pod or an object; one that was removed is known to the history alone. */
async function keyOf(
  name: string,
  history: readonly RevisionView[],
  agent: AgentClient,
  namespace: string | undefined,
): Promise<string> {
  const object = objectReference(name, namespace);
  if (object !== undefined) return objectKey(object);
  const pod = namespace === undefined || name.includes("/") ? name : `${namespace}/${name}`;
  const keys = new Set(history.flatMap(({ pods }) => pods.map(({ key }) => key)));
  if (keys.has(pod)) return pod;
  const named = [...keys].filter((key) => key.endsWith(`/${pod}`));
  if (named.length === 1 && named[0] !== undefined) return named[0];
  const declared = await declaredPod(agent, pod);
  return `${declared.namespace}/${declared.name}`;
}

const COLUMNS: readonly Column<RevisionView>[] = [
  {
    header: "revision",
    cell: ({ number, current }) => `${number}${current ? "*" : ""}`,
    sortValue: ({ number }) => number,
  },
  { header: "at", cell: ({ at }) => at.replace(/\.\d+Z$/, "Z") },
  { header: "by", cell: ({ trigger }) => trigger },
  { header: "uid", cell: ({ callerUid }) => callerUid === undefined ? "-" : String(callerUid) },
  { header: "result", cell: ({ result }) => result },
  { header: "changes", cell: changesOf },
  { header: "message", cell: ({ message, damage }) => damage ?? message ?? "" },
];

/** What is named of one revision; a count stands for the rest. */
const MAX_NAMED = 3;

function changesOf({ pods, objects = [], damage }: RevisionView): string {
  if (damage !== undefined) return "?";
  const signs = { added: "+", changed: "~", removed: "-", unchanged: "" } as const;
  const changed = [
    ...pods.filter(({ change }) => change !== "unchanged")
      .map(({ key, change }) => signs[change] + key.replace(/^default\//, "")),
    ...objects.map(({ key, change }) => {
      const [kind = "", name = ""] = key.split(" ");
      return `${signs[change]}${kind.toLowerCase()}/${name.replace(/^default\//, "")}`;
    }),
  ];
  const more = changed.length - MAX_NAMED;
  return changed.slice(0, MAX_NAMED).join(" ") + (more > 0 ? ` and ${more} more` : "");
}
