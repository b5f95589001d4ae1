/** A pod's status as kubectl's users know it: `podstead get pods`. */
import { type DocumentOf, documentOf, type PodStatusState } from "../../output/mod.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../core/mod.ts";
import type { Resource, ResourceType } from "../../../api/contract/mod.ts";
import { type Column, formatAge, type Look } from "../../../text/mod.ts";
import { statusWord } from "./status_word.ts";

/** Which pod a resource is about. */
export interface PodOfResource {
  readonly namespace: string;
  /** As declared: without the node's name. */
  readonly name: string;
  readonly labels: JsonObject;
}

/** Whether resources of a type are about one pod each. */
export function isAboutPod(type: ResourceType): boolean {
  return type === "StaticPod" || type === "StaticPodStatus";
}

/** The namespace, name and labels that a resource is about; those of an object are its own. */
export function podOf({ type, id, spec, status }: Resource): PodOfResource {
  if (type === "StaticPod") {
    const metadata = object(spec["metadata"]);
    const name = text(metadata["name"]) ?? id;
    return {
      namespace: text(metadata["namespace"]) ?? namespaceOfId(id, name),
      name,
      labels: object(metadata["labels"]),
    };
  }
  const [first = "", second] = id.split("/");
  return {
    namespace: text(status?.["namespace"]) ?? (second === undefined ? "" : first),
    name: text(status?.["name"]) ?? second ?? first,
    labels: object(status?.["labels"]),
  };
}

/** The ID of a declared pod is `namespace-name`; that of a control plane pod its name alone. */
function namespaceOfId(id: string, name: string): string {
  return id.endsWith(`-${name}`) ? id.slice(0, -name.length - 1) : "kube-system";
}

/** NAME READY STATUS RESTARTS AGE IMAGE: fits 80 columns, and 120 with `-o wide`. */
export function podColumns(
  { namespace, allNamespaces, nowMs }: {
    readonly namespace: string | undefined;
    readonly allNamespaces: boolean;
    readonly nowMs: number;
  },
): readonly Column<Resource>[] {
  const own = allNamespaces || namespace !== undefined;
  const started = (pod: Resource) => {
    const startedAtMs = pod.status?.["startedAtMs"];
    return typeof startedAtMs === "number" ? startedAtMs : undefined;
  };
  return [
    ...(allNamespaces
      ? [{ header: "NAMESPACE", cell: (pod: Resource) => podOf(pod).namespace }]
      : []),
    {
      header: "NAME",
      cell: (pod) => own ? podOf(pod).name : `${podOf(pod).namespace}/${podOf(pod).name}`,
      cut: "start",
    },
    { header: "READY", cell: (pod) => String(pod.spec["containers"] ?? "") },
    { header: "STATUS", cell: statusText, look: statusLook },
    { header: "RESTARTS", cell: (pod) => String(pod.spec["restarts"] ?? "") },
    {
      header: "AGE",
      cell: (pod) => formatAge(started(pod), nowMs),
      sortValue: (pod) => nowMs - (started(pod) ?? -Infinity),
      volatile: true,
    },
    { header: "IMAGE", cell: (pod) => imagesOf(pod).join(","), cut: "start", yields: true },
    { header: "NODE", cell: (pod) => pod.node, wide: true },
    { header: "FROM", cell: (pod) => String(pod.spec["origin"] ?? ""), wide: true },
    { header: "DRIFT", cell: (pod) => String(pod.spec["drift"] ?? ""), wide: true },
  ];
}

function imagesOf(pod: Resource): readonly string[] {
  const images = pod.status?.["images"];
  return Array.isArray(images) ? images.map(String) : [];
}

/** See {@linkcode statusWord}. */
export function statusText({ spec }: Resource): string {
  const [reason = "", phase = "", drift = ""] = ["reason", "phase", "drift"]
    .map((name) => text(spec[name]));
  return statusWord({ reason, phase, drift });
}

function statusLook(pod: Resource): Look {
  return LOOKS[badness(pod)] ?? "green";
}

const LOOKS: readonly Look[] = ["red", "yellow", "green", "dim"];

/** 0 for a pod that is not ready, 1 if nothing is known, 2 for a ready one, 3 if its work is done. */
function badness(pod: Resource): number {
  const { spec } = pod;
  if (spec["ready"] === "True") return spec["drift"] === "Current" ? 2 : 1;
  if (spec["ready"] !== "False") return 1;
  return ["Completed", "Stopped"].includes(statusText(pod)) ? 3 : 0;
}

/** The worst first, then by ID. */
export function worstFirst(pods: readonly Resource[]): readonly Resource[] {
  return [...pods].sort((left, right) =>
    badness(left) - badness(right) || (left.id < right.id ? -1 : 1)
  );
}

/** A pod's status as data, with names where those of kubectl have them. */
export function podDocument(resource: Resource): DocumentOf<"PodStatus"> {
  const { namespace, name, labels } = podOf(resource);
  const { node, id, created, spec, status = {} } = resource;
  return documentOf("PodStatus", {
    node,
    metadata: { name, namespace, id, labels, created },
    status: {
      ...spec,
      images: imagesOf(resource),
      ...Object.fromEntries(
        ["startedAtMs", "readySinceMs", "seenAtMs", "confirmedBy"]
          .filter((key) => status[key] !== undefined).map((key) => [key, status[key]]),
      ),
    } as unknown as PodStatusState, // the agent's resource has these members
  });
}

function object(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
