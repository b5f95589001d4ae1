/** `docs/config.md` and `docs/config.schema.json`, made of the schema; pure. */
import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { describeSchema } from "./schema/describe.ts";
import type { SchemaInfo } from "./schema/describe.ts";
import { nodeConfigSchema } from "./schema/node_config.ts";
import { ignoredTalosKeys } from "./schema/talos_keys.ts";

/** The address under which the JSON Schema is published, for editors. */
export const SCHEMA_FILE = "config.schema.json";

const INTRODUCTION = `# The config file

podstead reads one YAML file, \`/etc/podstead/config.yaml\` unless told otherwise, and the files that
it includes. Every setting has a default: a file that only lists pods is complete.

<!-- Generated from mod/config/schema. Change that, then: UPDATE_GOLDENS=1 deno test -A tests/config -->

\`\`\`yaml
# yaml-language-server: $schema=./config.schema.json
machine:
  pods:
    - apiVersion: v1
      kind: Pod
      metadata:
        name: nginx
      spec:
        containers:
          - name: nginx
            image: nginx
\`\`\`

**Documents.** The first document without \`kind\` is the node config, described below. Further
documents, and the files of \`agent.include\`, hold pods: \`kind: Pod\`, \`kind: PodList\`,
\`kind: List\` (of Pods), or \`kind: KubeStaticPodConfig\` (\`apiVersion: v1alpha1\`, \`name\`,
\`pod\`). \`KubeAPIServerConfig\`, \`KubeControllerManagerConfig\` and \`KubeSchedulerConfig\`
configure the control plane as they do on Talos Linux 1.14; other Talos documents are ignored with a
warning.

**Values** mean what they mean to the kubelet: YAML 1.1, in which \`yes\`, \`no\`, \`on\`, \`off\`,
\`y\` and \`n\` are booleans and \`0644\` is octal. A key may stand once in a mapping. A key with
nothing behind it counts as left out. A file may have 10 MiB, the most that a kubelet takes.

**Changes** are applied by \`podstead reload\` or SIGHUP. Settings marked _restart_ are taken up by a
restart of the agent, which restarts no pod (except where it says so); a reload names them and applies
everything else.

**A file with an error** is not used: the pods that it had before stay as they are, and the other
files are applied. \`podstead validate\` shows all errors without applying anything.

## What becomes of a pod

A pod leaves the list only when it was taken out of a source that was read whole. \`Kept\` means: what
is served stays, with the reason, also over a restart; the reload is \`partial\`, exit code 78, until the
source is fixed, or until \`podstead reload --allow-removals\` says that the removal is meant.

| What happens | What becomes of the pods that it concerns |
| --- | --- |
| a file is deleted from its directory, or gets another ending | removed |
| a document, or an item of a list, is taken out of a file | removed |
| a list is written as empty: \`pods: []\`, \`items: []\` | removed |
| the file or directory changed less than a second ago | what is new is applied at once; what it lacks is looked at again when it has rested for a second |
| the pod moves to another file | stays, unchanged |
| the file cannot be read or parsed, is a link to nowhere, a pipe or a device, or hangs | \`Kept\` |
| the file is too large, or takes more than 15 s to read as YAML | \`Kept\` |
| the file has no document any more: empty, \`---\`, \`null\`, all commented out, or only documents that are ignored | \`Kept\` |
| \`pods:\` or \`items:\` is absent or has nothing behind it | \`Kept\` |
| a pod in the file has no usable name, another pod's name, or a new one under which it is refused | the missing pod is \`Kept\` |
| the directory is gone, a link to nowhere, no directory, unreadable, on another device, or another one with less than half of the files | \`Kept\` |
| the pod leaves its file in the same reload in which a broken, unreadable or unnamed one comes that may have it, or a broken file names it | \`Kept\` |
| \`agent.include\` does not name the file any more, which is still there | \`Kept\` |
| \`cluster\` is gone from the config | the control plane is \`Kept\` |
| another file has the same pod | the one that is served stays; the other one is refused, both are named |
| the pod is refused by the kubelet's rules | \`Rejected\`: its last good version stays |
| the kubelet is upgraded, and refuses a pod that it took before | stays: its containers run on, and only a person takes a pod out. The reload says that this kubelet refuses the whole list until the pod is corrected or removed |
| the same, and the node was rebooted since | \`Rejected\`: withheld so that the others start, if the kubelet on the node provably has another minor version and refuses it; served again as soon as the kubelet takes it. If the version of the kubelet cannot be read at the first reload after a boot, the pod stays for that boot: a kubelet may have taken it meanwhile |
| the list would be over the kubelet's 10 MiB | the newest changes are refused, alone |
| the config cannot be used as a whole | \`rejected\`: everything stays |
| the state cannot be written: the disk is full, or read-only | \`failed\`: everything stays, and the reload is made again by itself when there is room |
| the agent is killed, or restarted with a broken config | everything stays, and is served before anything is read |
| the state on disk was changed | what does not fit is kept as \`state.json.damaged\`; nothing is served before the config has given it |
`;

/** The text of `docs/config.md`. */
export function renderConfigDocs(): string {
  const sections = [INTRODUCTION];
  const visit = (path: string, schema: v.GenericSchema) => {
    const info = describeSchema(schema);
    if (info.shape.kind !== "object") return;
    const entries = [...info.shape.entries].map(([key, entry]) =>
      [key, entry, describeSchema(entry)] as const
    );
    const groups = entries.filter(([, , entry]) => isGroup(entry));
    if (path !== "") {
      const about = info.description === undefined
        ? "Of each item:"
        : info.description + closed(info);
      sections.push(`## \`${path}\`\n\n${escapeCell(about)}\n`);
      const rows = entries.map(([key, , entry]) => row(path, key, entry));
      sections.push(
        ["| Key | Value | Default | |", "| --- | --- | --- | --- |", ...rows].join("\n") + "\n",
      );
    }
    for (const [key, entry] of groups) visit(path === "" ? key : `${path}.${key}`, itemOf(entry));
  };
  visit("", nodeConfigSchema);
  sections.push(
    "## Ignored keys\n\nThese keys of a Talos machine config are known and have no effect; one warning names them:\n\n" +
      ignoredTalosKeys.map((key) => `\`${key}\``).join(", ") + ".\n",
  );
  return sections.join("\n");
}

function itemOf(schema: v.GenericSchema): v.GenericSchema {
  const { shape } = describeSchema(schema);
  return shape.kind === "list" ? shape.item : schema;
}

function isGroup(info: SchemaInfo): boolean {
  if (info.shape.kind === "list") return describeSchema(info.shape.item).shape.kind === "object";
  return info.shape.kind === "object";
}

/** Text for a table: no column separators, no line breaks, no HTML. */
function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");
}

function closed(info: SchemaInfo): string {
  return info.description === undefined || info.description.endsWith(".") ? "" : ".";
}

function row(path: string, key: string, info: SchemaInfo): string {
  const link = isGroup(info)
    ? `[\`${key}\`](#${`${path}.${key}`.toLowerCase().replace(/[^a-z0-9-]/g, "")})`
    : `\`${key}\``;
  const notes = `${info.description ?? ""}${closed(info)}${info.restart ? " _restart_" : ""}`;
  return `| ${link} | ${escapeCell(valueText(info))} | ${escapeCell(defaultText(info))} | ${
    escapeCell(notes)
  } |`;
}

function valueText(info: SchemaInfo): string {
  if (isGroup(info)) return info.shape.kind === "list" ? "a list of mappings" : "a mapping";
  if (info.wanted !== undefined) return info.wanted;
  switch (info.shape.kind === "leaf" ? info.shape.type : "list") {
    case "string":
      return "a text";
    case "number":
      return "a number";
    case "boolean":
      return "`true` or `false`";
    case "list":
      return "a list";
    case "union":
      return "a text";
    default:
      return "a mapping";
  }
}

function defaultText(info: SchemaInfo): string {
  if (info.required) return "_required_";
  const { defaultValue } = info;
  if (defaultValue === undefined || isGroup(info)) return "";
  if (Array.isArray(defaultValue) && defaultValue.length === 0) return "";
  if (typeof defaultValue === "object" && Object.keys(defaultValue ?? {}).length === 0) return "";
  return `\`${typeof defaultValue === "string" ? defaultValue : JSON.stringify(defaultValue)}\``;
}

/** The text of `docs/config.schema.json`: what an editor checks a config file by. */
export function renderJsonSchema(): string {
  const { $schema, ...node } = toJsonSchema(nodeConfigSchema, {
    typeMode: "input",
    // Durations and cross-checks have no counterpart; their descriptions say it.
    errorMode: "ignore",
  });
  const cleaned = clean(node, []);
  return JSON.stringify(
    {
      $schema,
      title: "podstead config file",
      description: "A node config, or a Kubernetes object that holds pods",
      type: "object",
      // A document with a kind is a pod or a Talos document; others are node configs.
      if: { required: ["kind"] },
      then: { properties: { kind: { type: "string" } } },
      else: cleaned,
    },
    undefined,
    2,
  ) + "\n";
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Drops our own metadata, empty lists, and adds the ignored Talos keys. */
function clean(value: unknown, path: readonly string[]): Json {
  if (Array.isArray(value)) return value.map((item) => clean(item, path));
  if (typeof value !== "object" || value === null) return value as Json;
  const cleaned: { [key: string]: Json } = {};
  for (const [key, member] of Object.entries(value)) {
    if (key === "restart") continue;
    if (key === "required" && Array.isArray(member) && member.length === 0) continue;
    if (key === "properties") {
      const properties: { [key: string]: Json } = {};
      for (const [name, schema] of Object.entries(member)) {
        properties[name] = clean(schema, [...path, name]);
      }
      const prefix = path.map((name) => `${name}.`).join("");
      for (const ignored of ignoredTalosKeys) {
        const name = ignored.slice(prefix.length);
        if (ignored.startsWith(prefix) && !name.includes(".") && !Object.hasOwn(properties, name)) {
          properties[name] = { description: "A Talos setting that podstead ignores" };
        }
      }
      cleaned[key] = properties;
      continue;
    }
    cleaned[key] = clean(member, path);
  }
  return cleaned;
}
