/** Which of the declared pods belong to the node, and which stand in each other's way. */
import { isJsonObject, type JsonObject, type Problem } from "../core/mod.ts";
import type { PodEntry } from "./entry.ts";
import { compareKeys, formatKey, podId, type PodKey, podKey } from "./identity.ts";
import { specHash } from "./manifest.ts";

/** A declared pod that is known by name and stands in nobody's way. */
export interface DeclaredPod {
  readonly key: PodKey;
  /** Unique within the set. */
  readonly id: string;
  /** As declared, without the stamp. */
  readonly pod: JsonObject;
  readonly hash: string;
  readonly entry: PodEntry;
}

/** The pods of a node, sorted by key, and what was left out of them. */
export interface DeclaredSet {
  readonly pods: readonly DeclaredPod[];
  readonly problems: readonly Problem[];
}

/**
 * Gives each entry its identity. An entry without a name, a second one with
 * the same key, and one whose ID is taken by another key are left out, each
 * with a problem that names both places; the first one stays.
 *
 * @param reservedIds IDs that are taken already, with what holds them, such as
 * `kube-apiserver` where control plane pods are rendered.
 */
export function declarePods(
  entries: readonly PodEntry[],
  reservedIds: ReadonlyMap<string, string> = new Map(),
): DeclaredSet {
  const byKey = new Map<string, DeclaredPod>();
  const byId = new Map<string, DeclaredPod>();
  const problems: Problem[] = [];
  for (const entry of entries) {
    const key = podKey(entry.pod);
    if (key === undefined || !isJsonObject(entry.pod)) {
      problems.push(unnamed(entry));
      continue;
    }
    const id = podId(key);
    const first = byKey.get(formatKey(key)) ?? byId.get(id);
    const holder = reservedIds.get(id);
    if (first !== undefined) {
      problems.push(duplicate(entry, key, first));
    } else if (holder !== undefined) {
      problems.push(reserved(entry, id, holder));
    } else {
      const declared = { key, id, pod: entry.pod, hash: specHash(entry.pod), entry };
      byKey.set(formatKey(key), declared);
      byId.set(id, declared);
    }
  }
  const pods = [...byKey.values()].sort((left, right) => compareKeys(left.key, right.key));
  return { pods, problems };
}

function unnamed(entry: PodEntry): Problem {
  return problemAt(entry, ["metadata", "name"], {
    code: "pod-without-name",
    message: "A pod has no name",
    wanted: "metadata.name as a non-empty string, and metadata.namespace a string if given",
  });
}

function duplicate(entry: PodEntry, key: PodKey, first: DeclaredPod): Problem {
  const sameKey = formatKey(key) === formatKey(first.key);
  return problemAt(entry, ["metadata", "name"], {
    code: sameKey ? "duplicate-pod" : "duplicate-id",
    message: sameKey
      ? `Pod "${formatKey(key)}" is declared twice; the first one stays`
      : `Pods "${formatKey(first.key)}" and "${
        formatKey(key)
      }" have the same ID "${first.id}"; the first one stays`,
    hint: sameKey ? "Remove or rename one of the two" : "Rename one of the two",
    related: { file: first.entry.source.file, position: first.entry.source.position },
  });
}

function reserved(entry: PodEntry, id: string, holder: string): Problem {
  return problemAt(entry, ["metadata", "name"], {
    code: "duplicate-id",
    message: `ID "${id}" belongs to ${holder}`,
    hint: "Rename the pod or its namespace",
  });
}

function problemAt(
  entry: PodEntry,
  path: Problem["path"],
  rest: Omit<Problem, "severity" | "file" | "position" | "sourceLine" | "path">,
): Problem {
  const position = entry.positionOf(path);
  return {
    severity: "error",
    file: entry.source.file,
    position,
    sourceLine: entry.lineText(position.line),
    path,
    ...rest,
  };
}
