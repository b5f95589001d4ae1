/** Flags that several commands have, in stricli's terms. */
import { parseOutput } from "../output/mod.ts";

/** `-k`, where Kubernetes is all there is to choose; kept so that one habit fits every command. */
export const kubernetesFlag = {
  kind: "boolean",
  default: false,
  withNegated: false,
  brief: "Containers of Kubernetes (always so here; as for containers and logs)",
} as const;

/** `-c NAME` beside a reference. */
export const containerFlag = {
  kind: "parsed",
  parse: String,
  optional: true,
  brief: "Container, where the name leaves it out",
  placeholder: "NAME",
} as const;

/** `-o` of a command that writes prose rather than a table. */
export const proseOutputFlag = {
  kind: "parsed",
  parse: (text: string) => parseOutput(text, ["text"], ["table", "wide"]),
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
