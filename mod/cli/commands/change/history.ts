import type { RevisionView } from "../../../api/contract/mod.ts";
import type { Column } from "../../../text/mod.ts";
import { isDataOutput, type Output } from "../../output/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { podReference } from "../../shell/parsers.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";
import { type ObjectReference, objectReference } from "../status/describe_object.ts";
import { declaredPod } from "./pod_reference.ts";

interface HistoryFlags {
  readonly output: Output<"text">;
}

export const historyCommand = defineCommand<HistoryFlags, [string?]>({
  docs: {
    brief: "List the revisions of this node's config, newest first",
    fullDescription: [
      "Each reload that changes what is served is a revision: when, by what, by whom, why, and",
      "which pods, ConfigMaps and Secrets it changed. With a pod, configmap/NAME or secret/NAME: the",
      "revisions that changed it.",
    ].join("\n"),
  },
  parameters: {
    flags: { output: proseOutputFlag },
    aliases: { o: "output" },
    positional: {
      kind: "tuple",
      parameters: [{ parse: podReference, brief: "POD", placeholder: "POD", optional: true }],
    },
  },
  nodes: { policy: "many" },
  traits: { takesPods: true },
  examples: [
    ["podstead history", "every revision that is kept; * is the one that is served"],
    ["podstead history nginx", "those that changed this pod"],
  ],
  async func(this: CliContext, flags, pod) {
    const agent = await agentOf(this);
    const { stdout } = this.world;
    const all = await agent.history({});
    const object = pod === undefined ? undefined : objectReference(pod, this.namespace);
    const key = object !== undefined
      ? objectKey(object)
      : pod === undefined
      ? undefined
      : await keyOf(pod, all, agent);
    const revisions = key === undefined
      ? all
      : all.filter(({ pods, objects = [] }) =>
        pods.some((one) => one.key === key && one.change !== "unchanged") ||
        objects.some((one) => one.key === key)
      );
    if (isDataOutput(flags.output)) {
      const document = { apiVersion: "podstead.dev/v1", kind: "RevisionList", items: revisions };
      await this.print.data(flags.output, document);
      return;
    }
    if (revisions.length === 0) {
      stdout.write(key === undefined ? "no revisions yet\n" : `no kept revision changed ${key}\n`);
    } else this.print.table(COLUMNS, revisions, { wide: false });
  },
});

/** The key of an object, which may be gone: in the default namespace if it names none. */
function objectKey({ type, name }: ObjectReference): string {
  return `${type} ${name.includes("/") ? name : `default/${name}`}`;
}

/** The key of a pod; one that was removed is known to the history alone. */
async function keyOf(
  pod: string,
  history: readonly RevisionView[],
  agent: Awaited<ReturnType<typeof agentOf>>,
): Promise<string> {
  const keys = new Set(history.flatMap(({ pods }) => pods.map(({ key }) => key)));
  if (keys.has(pod)) return pod;
  const named = [...keys].filter((key) => key.endsWith(`/${pod}`));
  if (named.length === 1 && named[0] !== undefined) return named[0];
  const { namespace, name } = await declaredPod(agent, pod);
  return `${namespace}/${name}`;
}

const COLUMNS: readonly Column<RevisionView>[] = [
  { header: "revision", cell: ({ number, current }) => `${number}${current ? "*" : ""}` },
  { header: "at", cell: ({ at }) => at.replace(/\.\d+Z$/, "Z") },
  { header: "by", cell: ({ trigger }) => trigger },
  { header: "uid", cell: ({ callerUid }) => callerUid === undefined ? "-" : String(callerUid) },
  { header: "result", cell: ({ result }) => result },
  { header: "changes", cell: changesOf },
  { header: "message", cell: ({ message }) => message ?? "" },
];

/** What is named of one revision; a count stands for the rest. */
const MAX_NAMED = 3;

function changesOf({ pods, objects = [] }: RevisionView): string {
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
