import type { JsonValue, Path, Position, Problem } from "../core/mod.ts";

/** One document of a YAML (or JSON) file. */
export interface YamlDocument {
  /** 0-based number in the file; documents that hold nothing are counted too. */
  readonly index: number;
  /** As JSON; null for an empty document. */
  readonly value: JsonValue;
  /** Where the document's content begins. */
  readonly start: Position;
  /**
   * Where the value at `path` begins; with `part: "key"`, where its key begins.
   * For a path that does not exist: the key of the nearest ancestor.
   */
  positionOf(path: Path, part?: "key" | "value"): Position;
}

/** What a file holds. With an error among the problems, documents may be missing. */
export interface ParsedYaml {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly Problem[];
  /** The text of a 1-based line, without its end of line. */
  lineText(line: number): string;
}
