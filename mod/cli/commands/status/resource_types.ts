import {
  type Document,
  type DocumentOf,
  documentOf,
  type PodStatusDocument,
  type ResourceDocument,
} from "../../output/mod.ts";
import { nearest, UsageError } from "../../../core/mod.ts";
import type { Resource, ResourceType } from "../../../api/contract/mod.ts";
import { type Column, formatAge } from "../../../text/mod.ts";
import { isAboutPod, podColumns, podDocument, podOf } from "./pod_view.ts";

/** How `podstead get` shows one type. */
export interface ResourceView {
  /** `kind` of a resource as data. */
  readonly kind: ResourceType | "PodStatus";
  /** What is requested from the agent. */
  readonly type: ResourceType;
  /** Names it goes by on the command line, the canonical one first. */
  readonly names: readonly string[];
  readonly brief: string;
  readonly columns: (place: ColumnPlace) => readonly Column<Resource>[];
  readonly document: (resource: Resource) => Document & (ResourceDocument | PodStatusDocument);
  /** Before the name in `-o name`. */
  readonly shortType: string;
  /** What `-q` prints, and `-o name` after the type. */
  readonly nameOf: (resource: Resource) => string;
}

/** What columns depend on. */
export interface ColumnPlace {
  /** The namespace that all rows are of; undefined for any. */
  readonly namespace: string | undefined;
  /** Whether namespaces have a column of their own. */
  readonly allNamespaces: boolean;
  readonly nowMs: number;
}

/** A type of Talos's static-pods page: its columns never change. */
function onPage(
  view: Pick<ResourceView, "names" | "brief"> & {
    readonly type: ResourceType;
    /** Columns after NODE NAMESPACE TYPE ID VERSION. */
    readonly more: (place: ColumnPlace) => readonly Column<Resource>[];
  },
): ResourceView {
  const { type, names, brief, more } = view;
  return {
    kind: type,
    type,
    names,
    brief,
    columns: (place) => [...COMMON_COLUMNS, ...more(place)],
    document: resourceDocument,
    shortType: type.toLowerCase(),
    nameOf: ({ id }) => id,
  };
}

/** The columns that every type of the page begins with. */
const COMMON_COLUMNS: readonly Column<Resource>[] = [
  { header: "NODE", cell: (resource) => resource.node },
  { header: "NAMESPACE", cell: () => "k8s" },
  { header: "TYPE", cell: (resource) => resource.type },
  { header: "ID", cell: (resource) => resource.id },
  {
    header: "VERSION",
    cell: (resource) => String(resource.version),
  },
];

/** Every type; those of the documentation page with its columns. */
export const RESOURCE_VIEWS: readonly ResourceView[] = [
  {
    kind: "PodStatus",
    type: "StaticPodStatus",
    names: ["pods", "pod", "po", "all"],
    brief: "the pods as kubectl shows them, worst first",
    columns: podColumns,
    document: podDocument,
    shortType: "pod",
    nameOf: (resource) => {
      const { namespace, name } = podOf(resource);
      return `${namespace}/${name}`;
    },
  },
  onPage({
    type: "StaticPod",
    names: ["staticpods", "staticpod", "sp"],
    brief: "pods as declared, and whether they are served",
    more: () => [
      wide("STATE", (pod) => stateText(pod)),
      wide("SOURCE", (pod) => sourceText(pod)),
      wide("HASH", (pod) => text(pod.status?.hash)),
    ],
  }),
  onPage({
    type: "StaticPodStatus",
    names: ["staticpodstatus", "sps", "podstatus"],
    brief: "what became of them on this node",
    more: ({ nowMs }) => [
      { header: "READY", cell: (pod) => text(pod.spec.ready), look: readyLook },
      wide("PHASE", (pod) => text(pod.spec.phase)),
      wide("CONTAINERS", (pod) => text(pod.spec.containers)),
      wide("RESTARTS", (pod) => text(pod.spec.restarts)),
      wide("REASON", (pod) => text(pod.spec.reason)),
      ageColumn("AGE", nowMs, (pod) => pod.status?.startedAtMs),
      wide("DRIFT", (pod) => text(pod.spec.drift)),
      ageColumn("SEEN", nowMs, (pod) => pod.status?.seenAtMs),
    ],
  }),
  onPage({
    type: "StaticPodServerStatus",
    names: ["staticpodserverstatus"],
    brief: "the URL that the kubelet polls",
    more: () => [{ header: "URL", cell: (server) => text(server.spec.url) }],
  }),
  onPage({
    type: "ConfigStatus",
    names: ["configstatus"],
    brief: "the last reload and its result",
    more: () => [
      { header: "REVISION", cell: (config) => text(config.spec.revision) },
      { header: "RESULT", cell: (config) => text(config.spec.result), look: resultLook },
      wide("TRIAL", (config) => trialText(config)),
    ],
  }),
  onPage({
    type: "ConfigMap",
    names: ["configmaps", "configmap", "cm"],
    brief: "ConfigMaps of this node, for its pods",
    more: objectColumns,
  }),
  onPage({
    type: "Secret",
    names: ["secrets", "secret"],
    brief: "Secrets of this node, for its pods; values only with --show-secrets",
    more: () => [
      { header: "SECRET-TYPE", cell: (secret) => text(secret.spec.type) },
      ...objectColumns(),
    ],
  }),
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
export function resourceDocument(resource: Resource): DocumentOf<Resource["type"]> {
  const { node, type, id, version, created, updated, spec, status } = resource;
  const pod = isAboutPod(type) ? podOf(resource) : undefined;
  return documentOf(type, {
    node,
    metadata: {
      namespace: "k8s",
      type,
      id,
      ...(pod === undefined ? {} : { name: pod.name, podNamespace: pod.namespace }),
      version,
      created,
      updated,
    },
    spec,
    ...(status === undefined ? {} : { status }),
  });
}

function wide(header: string, cell: (resource: Resource) => string): Column<Resource> {
  return { header, cell, wide: true };
}

function ageColumn(
  header: string,
  nowMs: number,
  since: (resource: Resource) => unknown,
): Column<Resource> {
  const sinceMs = (resource: Resource) => {
    const value = since(resource);
    return typeof value === "number" ? value : undefined;
  };
  return {
    ...wide(header, (resource) => {
      const value = sinceMs(resource);
      return value === undefined ? "" : formatAge(value, nowMs);
    }),
    sortValue: (resource) => {
      const value = sinceMs(resource);
      return value === undefined ? "" : nowMs - value;
    },
    volatile: true,
  };
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

/** `running, back to 11`, `reverted to 11: default/web: …`; empty if there was no trial. */
function trialText(config: Resource): string {
  const { state, backTo, cause } = (config.status?.trial ?? {}) as {
    readonly state?: string;
    readonly backTo?: number;
    readonly cause?: string;
  }; // by contract
  if (state === undefined || state === "kept") return state ?? "";
  return `${state}, back to ${backTo}${cause === undefined ? "" : `: ${cause}`}`;
}

function resultLook(config: Resource): "green" | "red" {
  const { result } = config.spec;
  return result === "applied" || result === "unchanged" ? "green" : "red";
}
