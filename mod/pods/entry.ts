import type { JsonValue, Path, Position } from "../core/mod.ts";

/** The lists of pods that a file may have: those of a node config, and those of a PodList or List. */
export type PodListName = "machine.pods" | "items";

/** Where a pod was declared. */
export interface PodSource {
  /** The file as the user named it; `-` for standard input. */
  readonly file: string;
  /** 0-based number of the YAML document in the file. */
  readonly document: number;
  /** 0-based place in its list (`machine.pods`, `items`); 0 for a bare Pod. */
  readonly index: number;
  /** The list that it is an item of; absent for a document of its own. */
  readonly list?: PodListName;
  /** Where the pod's own mapping begins. */
  readonly position: Position;
}

/** A pod as it was written, not yet judged, with the way back to its text. */
export interface PodEntry {
  readonly source: PodSource;
  /** The pod object itself, unchanged: what will be served if it is valid. */
  readonly pod: JsonValue;
  /**
   * Where the value at `path` (from the pod's root) stands in the file, or with
   * `part: "key"` its key. For a path that does not exist: the nearest
   * ancestor's key.
   */
  positionOf(path: Path, part?: "key" | "value"): Position;
  /** The text of a 1-based line of the file, without its end of line. */
  lineText(line: number): string;
}
