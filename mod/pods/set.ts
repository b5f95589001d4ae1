/** Which of the declared pods belong to the node, and which stand in each other's way. */
import { allAtOnce, isJsonObject, type JsonObject, type Problem, type Steps } from "../core/mod.ts";
import type { PodEntry } from "./entry.ts";
import { compareKeys, formatKey, podId, type PodKey, podKey } from "./identity.ts";
import { specHash } from "./manifest.ts";

/** A declared pod that is known by name and conflicts with no other. */
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

/** Where a pod that is served now was declared. */
export interface ServedFrom extends PodKey {
  readonly id: string;
  readonly hash: string;
  readonly source: { readonly file: string };
}

/**
 * Gives each entry its identity. An entry without a name, a second one with
 * the same key, and one whose ID is taken by another key are left out, each
 * with a problem that names both places. Of several that are alike, the one that is
 * served stays: that of the file which it is served from, else that of the same
 * content; where none is served, the first one.
 *
 * @param reservedIds IDs that are taken already, with what holds them, such as
 * `kube-apiserver` where control plane pods are rendered.
 * @param served the pods that are served now, by key
 */
export function declarePods(
  entries: readonly PodEntry[],
  reservedIds: ReadonlyMap<string, string> = new Map(),
  served: ReadonlyMap<string, ServedFrom> = new Map(),
): DeclaredSet {
  return allAtOnce(declareSteps(entries, reservedIds, served));
}

/** The same in steps. */
export function* declareSteps(
  entries: readonly PodEntry[],
  reservedIds: ReadonlyMap<string, string>,
  served: ReadonlyMap<string, ServedFrom>,
): Steps<DeclaredSet> {
  const problems: Problem[] = [];
  const byId = new Map<string, NamedEntry[]>();
  for (const entry of entries) {
    yield;
    const key = podKey(entry.pod);
    if (key === undefined || !isJsonObject(entry.pod)) {
      problems.push(unnamed(entry));
      continue;
    }
    const id = podId(key);
    const holder = reservedIds.get(id);
    if (holder !== undefined) {
      problems.push(reserved(entry, id, holder));
      continue;
    }
    const alike = byId.get(id) ?? [];
    alike.push({ key, pod: entry.pod, entry });
    byId.set(id, alike);
  }
  const servedKeys = new Map([...served.values()].map((pod) => [pod.id, pod]));
  const pods: DeclaredPod[] = [];
  for (const [id, alike] of byId) {
    yield;
    const [best, isServed] = preferred(alike, servedKeys.get(id));
    if (best === undefined) continue;
    pods.push({ key: best.key, id, pod: best.pod, hash: specHash(best.pod), entry: best.entry });
    for (const other of alike) {
      if (other !== best) problems.push(duplicate(other, best, id, isServed));
    }
  }
  yield;
  pods.sort((left, right) => compareKeys(left.key, right.key));
  return { pods, problems };
}

interface NamedEntry {
  readonly key: PodKey;
  readonly pod: JsonObject;
  readonly entry: PodEntry;
}

/** The entry that stays, and whether it is the one that is served. */
function preferred(
  alike: readonly NamedEntry[],
  served: ServedFrom | undefined,
): readonly [NamedEntry | undefined, boolean] {
  const first = alike[0];
  if (served === undefined || alike.length === 1) return [first, false];
  const same = alike.filter(({ key }) => formatKey(key) === formatKey(served));
  const there = same.filter(({ entry }) => entry.source.file === served.source.file);
  const unchanged = ({ pod }: NamedEntry) => specHash(pod) === served.hash;
  const best = there.find(unchanged) ?? there[0] ?? same.find(unchanged) ?? same[0];
  return best === undefined ? [first, false] : [best, true];
}

function unnamed(entry: PodEntry): Problem {
  return problemAt(entry, ["metadata", "name"], {
    code: "pod-without-name",
    message: "A pod has no name",
    wanted: "metadata.name as a non-empty string, and metadata.namespace a string if given",
  });
}

function duplicate(
  { entry, key }: NamedEntry,
  best: NamedEntry,
  id: string,
  isServed: boolean,
): Problem {
  const sameKey = formatKey(key) === formatKey(best.key);
  const stays = isServed ? "the one that is served stays" : "the first one stays";
  return problemAt(entry, ["metadata", "name"], {
    code: sameKey ? "duplicate-pod" : "duplicate-id",
    message: sameKey
      ? `Pod "${formatKey(key)}" is declared twice; ${stays}`
      : `Pods "${formatKey(best.key)}" and "${formatKey(key)}" have the same ID "${id}"; ${stays}`,
    hint: sameKey ? "Remove or rename one of the two" : "Rename one of the two",
    related: { file: best.entry.source.file, position: best.entry.source.position },
  });
}

/** The problem of a pod under the key of one that is served from a file which cannot be read. */
export function duplicateOfServed(
  entry: PodEntry,
  key: PodKey,
  served: { readonly file: string; readonly line: number },
): Problem {
  return problemAt(entry, ["metadata", "name"], {
    code: "duplicate-pod",
    message: `Pod "${
      formatKey(key)
    }" is served from another file, which does not say that it was taken out; that one stays`,
    hint:
      'Repair that file, or remove the pod there; "podstead reload --allow-removals" gives it up',
    related: { file: served.file, position: { line: served.line, column: 1 } },
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
