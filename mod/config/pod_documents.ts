/** The documents that hold pods, and what is no pod although it looks like one. */
import {
  editorCharacters,
  findPlaceholder,
  getOwn,
  isJsonObject,
  nearest,
  renderHint,
  typeInstead,
} from "../core/mod.ts";
import type { JsonObject, JsonValue, Path, Problem } from "../core/mod.ts";
import { OBJECT_KINDS, type ObjectEntry, type PodEntry, type PodListName } from "../pods/mod.ts";
import { describeValue, problemAt } from "./check_settings.ts";
import type { CheckedText } from "./check_settings.ts";
import { STOPPED_PODS_KIND } from "./stopped_pods.ts";
import { controlPlaneDocumentSchemas } from "./schema/control_plane/documents.ts";

/** Where the pods of a document and its problems go. */
export interface PodSink {
  readonly entries: PodEntry[];
  readonly objects: ObjectEntry[];
  readonly problems: Problem[];
  /** Takes the lists that are not written: absent or null if an empty one is "[]". */
  readonly missingLists: Set<PodListName>;
}

const POD_KINDS = ["Pod", "PodList", "List", "KubeStaticPodConfig", ...OBJECT_KINDS] as const;
/** Every `kind` that a config file may have. */
export const ACCEPTED_KINDS = [
  ...POD_KINDS,
  STOPPED_PODS_KIND,
  ...Object.keys(controlPlaneDocumentSchemas),
];
/** The kinds that hold pods and what they need, for messages. */
export const ACCEPTED = "Pod, PodList, List (of Pods), KubeStaticPodConfig, ConfigMap or Secret";
// Objects that hold a pod template: what people most often paste by mistake.
const TEMPLATE_KINDS = new Set([
  "Deployment",
  "DaemonSet",
  "StatefulSet",
  "ReplicaSet",
  "ReplicationController",
  "Job",
  "CronJob",
]);

// Objects that are templates, with what renders them.
const RENDERED_KINDS = new Map([
  ["Template", "`oc process -f FILE`"],
  ["Kustomization", "`kubectl kustomize DIR`"],
  ["HelmChart", "`helm template`"],
  ["HelmRelease", "`helm template`"],
]);

/** The Pods of a PodList or List. */
export function takeList(
  result: PodSink,
  text: CheckedText,
  value: JsonObject,
  kind: "PodList" | "List",
): void {
  const written = getOwn(value, "items");
  if (written === undefined || written === null) result.missingLists.add("items");
  const items = written ?? [];
  if (!Array.isArray(items)) {
    result.problems.push(problemAt(text, ["items"], {
      code: "invalid-value",
      message: `"items" of the ${kind} cannot be ${describeValue(items)}`,
      wanted: "a list of Pods",
    }));
    return;
  }
  items.forEach((item: JsonValue, index) => {
    const itemKind = isJsonObject(item) ? getOwn(item, "kind") : undefined;
    const objectKind = OBJECT_KINDS.find((known) => known === itemKind);
    if (kind === "List" && objectKind !== undefined) {
      const entry = podEntry(text, ["items", index], index, "items");
      result.objects.push({ kind: objectKind, entry });
      return;
    }
    // The items of a PodList need no kind, and the kubelet ignores what they have.
    if (kind === "List" && itemKind !== "Pod") {
      result.problems.push(problemAt(text, ["items", index], {
        code: "unknown-kind",
        message: itemKind === undefined
          ? `Item ${index} of the List has no kind`
          : `Item ${index} of the List is of kind ${describeValue(itemKind)}`,
        wanted: "kind Pod, ConfigMap or Secret",
        ...kindHint(itemKind),
      }));
      return;
    }
    result.entries.push(podEntry(text, ["items", index], index, "items"));
  });
}

/** The Pod of a Talos 1.14 `KubeStaticPodConfig`. */
export function takeStaticPodConfig(result: PodSink, text: CheckedText, value: JsonObject): void {
  const wrong = (key: "apiVersion" | "name" | "pod", wanted: string) => {
    const current = getOwn(value, key);
    const what = current === undefined ? "is missing" : `cannot be ${describeValue(current)}`;
    result.problems.push(problemAt(text, [key], {
      code: current === undefined ? "missing-key" : "invalid-value",
      message: `"${key}" of the KubeStaticPodConfig ${what}`,
      wanted,
    }, current === undefined ? "key" : "value"));
  };
  const { apiVersion, name, pod } = {
    apiVersion: getOwn(value, "apiVersion"),
    name: getOwn(value, "name"),
    pod: getOwn(value, "pod"),
  };
  if (apiVersion !== "v1alpha1") wrong("apiVersion", "v1alpha1");
  // Source: Talos's rule for the name of this document, a DNS subdomain.
  const label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  if (
    typeof name !== "string" || name.length > 253 ||
    !new RegExp(`^${label}(\\.${label})*$`).test(name)
  ) {
    wrong("name", 'lower-case letters, digits, "-" and ".", at most 253');
  }
  for (const key of Object.keys(value)) {
    if (["apiVersion", "kind", "name", "pod"].includes(key)) continue;
    const near = nearest(key, ["name", "pod", "apiVersion"]);
    result.problems.push(problemAt(text, [key], {
      code: "unknown-key",
      message: `Unknown key "${key}" in the KubeStaticPodConfig`,
      wanted: "one of apiVersion, kind, name, pod",
      ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
    }, "key"));
  }
  if (!isJsonObject(pod) || Object.keys(pod).length === 0) {
    wrong("pod", "a Pod");
    return;
  }
  result.entries.push(podEntry(text, ["pod"], 0));
}

/** What may have been meant by a kind that is not accepted. */
export function kindHint(kind: JsonValue | undefined): { hint: string } {
  if (typeof kind !== "string") {
    return { hint: "Write apiVersion: v1 and kind: Pod at the beginning of each pod" };
  }
  const mark = findPlaceholder(kind);
  if (mark !== undefined) return { hint: renderHint(mark) };
  for (const character of editorCharacters(kind)) return { hint: typeInstead(character) };
  if (TEMPLATE_KINDS.has(kind)) {
    return { hint: 'The kubelet runs pods only: "podstead add FILE" makes pods of it' };
  }
  const renderer = RENDERED_KINDS.get(kind);
  if (renderer !== undefined) {
    return { hint: `Render it first and give podstead its output: ${renderer}` };
  }
  const near = nearest(kind, ACCEPTED_KINDS);
  return near === undefined
    ? {
      hint: "Other objects need an API server. What can be kept of them: " +
        '"podstead add FILE --dry-run"',
    }
    : { hint: `Did you mean "${near}"?` };
}

/** The pod at `base` of a document. */
export function podEntry(
  text: CheckedText,
  base: Path,
  index: number,
  list?: PodListName,
): PodEntry {
  const { document, file } = text;
  let pod: JsonValue = document.value;
  for (const segment of base) pod = (pod as JsonObject)[segment] ?? null;
  return {
    source: {
      file,
      document: document.index,
      index,
      ...(list === undefined ? {} : { list }),
      position: document.positionOf(base),
    },
    pod,
    positionOf: (path, part) => document.positionOf([...base, ...path], part),
    lineText: text.lineText,
  };
}
