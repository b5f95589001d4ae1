import { nearest, UsageError } from "../../../core/mod.ts";
import type { Resource, ResourceType } from "../../../api/contract/mod.ts";
import { type Column, formatAge } from "../../../text/mod.ts";

/** How `podstead get` shows one type. */
export interface ResourceView {
  readonly type: ResourceType;
  /** Names it goes by on the command line, the canonical one first. */
  readonly names: readonly string[];
  readonly brief: string;
  /** Columns after NODE NAMESPACE TYPE ID VERSION. */
  readonly columns: readonly Column<Resource>[];
}

/** Every type, as on the documentation page. */
export const RESOURCE_VIEWS: readonly ResourceView[] = [
  {
    type: "StaticPod",
    names: ["staticpods", "staticpod", "sp"],
    brief: "pods as declared, and whether they are served",
    columns: [
      wide("STATE", (pod) => stateText(pod)),
      wide("SOURCE", (pod) => sourceText(pod)),
      wide("HASH", (pod) => text(pod.status?.hash)),
    ],
  },
  {
    type: "StaticPodStatus",
    names: ["staticpodstatus", "sps", "podstatus"],
    brief: "what became of them on this node",
    columns: [
      { header: "READY", cell: (pod) => text(pod.spec.ready), look: readyLook },
      wide("PHASE", (pod) => text(pod.spec.phase)),
      wide("CONTAINERS", (pod) => text(pod.spec.containers)),
      wide("RESTARTS", (pod) => text(pod.spec.restarts)),
      wide("REASON", (pod) => text(pod.spec.reason)),
      wide("AGE", (pod) => age(pod.status?.startedAtMs)),
      wide("DRIFT", (pod) => text(pod.spec.drift)),
      wide("SEEN", (pod) => age(pod.status?.seenAtMs)),
    ],
  },
  {
    type: "StaticPodServerStatus",
    names: ["staticpodserverstatus"],
    brief: "the URL that the kubelet polls",
    columns: [{ header: "URL", cell: (server) => text(server.spec.url) }],
  },
  {
    type: "ConfigStatus",
    names: ["configstatus"],
    brief: "the last reload and its result",
    columns: [
      { header: "REVISION", cell: (config) => text(config.spec.revision) },
      { header: "RESULT", cell: (config) => text(config.spec.result), look: resultLook },
    ],
  },
  {
    type: "ConfigMap",
    names: ["configmaps", "configmap", "cm"],
    brief: "ConfigMaps of this node, for its pods",
    columns: objectColumns(),
  },
  {
    type: "Secret",
    names: ["secrets", "secret"],
    brief: "Secrets of this node, for its pods; values only with --show-secrets",
    columns: [
      { header: "SECRET-TYPE", cell: (secret) => text(secret.spec.type) },
      ...objectColumns(),
    ],
  },
];

function objectColumns(): readonly Column<Resource>[] {
  return [
    {
      header: "DATA",
      cell: ({ spec: { data, binaryData } }) => text(keysOf(data) + keysOf(binaryData)),
    },
    wide("STATE", (object) => text(object.status?.state)),
    wide("SOURCE", (object) => sourceText(object)),
    wide("USED BY", (object) => [object.status?.usedBy ?? []].flat().join(", ")),
  ];
}

function keysOf(value: unknown): number {
  return typeof value === "object" && value !== null ? Object.keys(value).length : 0;
}

/** The columns that every type begins with. */
export const COMMON_COLUMNS: readonly Column<Resource>[] = [
  { header: "NODE", cell: (resource) => resource.node },
  { header: "NAMESPACE", cell: () => "k8s" },
  { header: "TYPE", cell: (resource) => resource.type },
  { header: "ID", cell: (resource) => resource.id },
  { header: "VERSION", cell: (resource) => String(resource.version) },
];

/**
 * The view for a type's name or alias, in any case.
 *
 * @throws {UsageError} with the nearest name
 */
export function resourceView(name: string): ResourceView {
  const view = RESOURCE_VIEWS.find(({ names }) => names.includes(name.toLowerCase()));
  if (view !== undefined) return view;
  const suggestion = nearest(name, RESOURCE_VIEWS.flatMap(({ names }) => names));
  throw new UsageError(`There is no resource type "${name}"`, {
    hint: suggestion === undefined
      ? `Types: ${RESOURCE_VIEWS.map(({ names }) => names[0]).join(", ")}`
      : `Did you mean "${suggestion}"?`,
  });
}

/** A resource as a document, in the shape that `-o json` and `-o yaml` print. */
export function resourceDocument(resource: Resource): Readonly<Record<string, unknown>> {
  const { node, type, id, version, created, updated, spec, status } = resource;
  return {
    node,
    metadata: { namespace: "k8s", type, id, version, created, updated },
    spec,
    ...(status === undefined ? {} : { status }),
  };
}

function wide(header: string, cell: (resource: Resource) => string): Column<Resource> {
  return { header, cell, wide: true };
}

function age(sinceMs: unknown): string {
  return typeof sinceMs === "number" ? formatAge(sinceMs, Date.now()) : "";
}

function text(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function stateText(pod: Resource): string {
  const state = text(pod.status?.state);
  const revision = pod.status?.servingRevision;
  const older = ["Rejected", "Blocked", "Kept", "Held"].includes(state);
  return older && revision !== undefined ? `${state}, serving revision ${revision}` : state;
}

function sourceText(pod: Resource): string {
  const source = pod.status?.source as { file?: string; line?: number } | undefined; // by contract
  return source === undefined ? "" : `${source.file}:${source.line}`;
}

function readyLook(pod: Resource): "green" | "red" | "yellow" {
  const { ready } = pod.spec;
  return ready === "True" ? "green" : ready === "False" ? "red" : "yellow";
}

function resultLook(config: Resource): "green" | "red" {
  const { result } = config.spec;
  return result === "applied" || result === "unchanged" ? "green" : "red";
}
