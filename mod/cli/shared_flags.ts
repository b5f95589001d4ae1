/** Flags that several commands have, in stricli's terms. */

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
