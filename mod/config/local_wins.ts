/** What a node's own files declare wins over what its fleet declares. */
import type { Problem } from "../core/mod.ts";
import { formatKey, type PodEntry, podKey } from "../pods/mod.ts";

/** The entries that count, and what was left out. */
export interface LocalFirst {
  readonly entries: readonly PodEntry[];
  readonly problems: readonly Problem[];
}

/**
 * Leaves out the fleet's pods that another file declares too, each with a warning that names
 * both places.
 *
 * @param file of the fleet; undefined if the node is a member of none
 */
export function localWins(entries: readonly PodEntry[], file: string | undefined): LocalFirst {
  const isFleets = (entry: PodEntry) => entry.source.file === file;
  if (!entries.some(isFleets)) return { entries, problems: [] };
  const keyOf = ({ pod }: PodEntry) => {
    const key = podKey(pod);
    return key === undefined ? undefined : formatKey(key);
  };
  const own = new Map(
    entries.filter((entry) => !isFleets(entry)).map((entry) => [keyOf(entry), entry]),
  );
  own.delete(undefined);
  const winner = (entry: PodEntry) => isFleets(entry) ? own.get(keyOf(entry)) : undefined;
  return {
    entries: entries.filter((entry) => winner(entry) === undefined),
    problems: entries.flatMap((entry): readonly Problem[] => {
      const local = winner(entry);
      return local === undefined ? [] : [conflict(entry, local)];
    }),
  };
}

function conflict(entry: PodEntry, local: PodEntry): Problem {
  const { source } = entry;
  const path = ["metadata", "name"];
  const position = entry.positionOf(path);
  const key = podKey(entry.pod);
  return {
    severity: "warning",
    code: "fleet-conflict",
    file: source.file,
    position,
    sourceLine: entry.lineText(position.line),
    path,
    message: `Pod "${
      key === undefined ? "" : formatKey(key)
    }" is declared by this node and by its fleet; the node's own stays`,
    hint: "Remove it from the node's own file to take the fleet's",
    related: { file: local.source.file, position: local.source.position },
  };
}
