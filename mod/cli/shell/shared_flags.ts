/** Flags that several commands have, in stricli's terms. */
import type { Command } from "@stricli/core";
import { LIST_OUTPUTS, type Output, parseListOutput, parseOutput } from "../output/mod.ts";
import { parseLabelSelector } from "../../core/mod.ts";

/** `-k`, if Kubernetes is the only choice; kept so that one habit fits every command. */
export const kubernetesFlag = {
  kind: "boolean",
  default: false,
  withNegated: false,
  brief: "Containers of Kubernetes (always so here; as for containers and logs)",
} as const;

/** `-c NAME` next to a reference. */
export const containerFlag = {
  kind: "parsed",
  parse: String,
  optional: true,
  brief: "Container, where the name leaves it out",
  placeholder: "NAME",
} as const;

const DATA_OUTPUTS = ["json", "yaml", "jsonpath="] as const;
const TABLE_OUTPUTS = ["table", "wide", ...DATA_OUTPUTS] as const;

/** `-o` of a command that writes prose rather than a table. */
export const proseOutputFlag = {
  kind: "parsed",
  parse: (text: string) => parseOutput(text, ["text"], ["table", "wide"]),
  proposeCompletions: () => ["text", ...DATA_OUTPUTS],
  default: "text",
  brief: "text, json, yaml or jsonpath=TEMPLATE",
  placeholder: "FORMAT",
} as const;

/** `--show-secrets` */
export const showSecretsFlag = {
  kind: "boolean",
  default: false,
  withNegated: false,
  brief: "Show the values of Secrets, which are hidden otherwise",
} as const;
/** `-o` of a listing. */
const listOutputFlag = {
  kind: "parsed",
  parse: parseListOutput,
  proposeCompletions: () => [...TABLE_OUTPUTS, "name", "custom-columns="],
  default: "table",
  brief: LIST_OUTPUTS,
  placeholder: "FORMAT",
} as const;

/** `-o` of a command that shows a table, and nothing that could be named. */
export const tableOutputFlag = {
  kind: "parsed",
  parse: parseTableOutput,
  proposeCompletions: () => TABLE_OUTPUTS,
  default: "table",
  brief: "table, wide, json, yaml or jsonpath=TEMPLATE",
  placeholder: "FORMAT",
} as const;

function parseTableOutput(text: string): Output {
  return parseOutput(text);
}

type Flag = NonNullable<Command<never>["parameters"]["flags"]>[string];

/** Whether a flag is an `-o` that has a wider table. */
export function isTableOutput(flag: Flag | undefined): boolean {
  return flag?.kind === "parsed" &&
    (flag.parse === parseListOutput || flag.parse === parseTableOutput);
}

const off = (brief: string) =>
  ({ kind: "boolean", default: false, withNegated: false, brief }) as const;

/** What every listing has, as kubectl has it. */
export const LIST_FLAGS = {
  output: listOutputFlag,
  noHeaders: off("Leave the headers of the table out"),
  sortBy: {
    kind: "parsed",
    parse: String,
    optional: true,
    brief: "Sort by a column (age, restarts) or by a JSONPath of each item",
    placeholder: "COLUMN",
  },
  quiet: off("Only the names, or the IDs of containers and images"),
} as const;

/** Short names of those flags. */
export const LIST_ALIASES = { o: "output", q: "quiet" } as const;

/** Which pods a listing is about. */
export const POD_FLAGS = {
  namespace: {
    kind: "parsed",
    parse: String,
    optional: true,
    brief: "Only pods of this namespace",
    placeholder: "NAME",
  },
  allNamespaces: off("Pods of every namespace, which is the default"),
  label: {
    kind: "parsed",
    parse: parseLabelSelector,
    optional: true,
    variadic: true,
    brief: "Only pods with these labels: app=web, app!=web, 'app in (a,b)', app, !app",
    placeholder: "KEY=VALUE",
  },
} as const;

/** `-l` of what lists nodes. */
export const nodeLabelFlag = {
  kind: "parsed",
  parse: parseLabelSelector,
  optional: true,
  variadic: true,
  brief: "Only nodes with these labels, such as role=web,zone!=b",
  placeholder: "SELECTOR",
} as const;

/** Short names of those flags. */
export const POD_ALIASES = { n: "namespace", A: "allNamespaces", l: "label" } as const;
