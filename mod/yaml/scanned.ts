/** YAML that was read, as plain data. */
import type { JsonValue, Path, Problem } from "../core/mod.ts";
import { indexLines } from "./line_index.ts";
import { offsetOfPath, type Places } from "./places.ts";
import type { ParsedYaml, YamlDocument } from "./types.ts";

/** One document, and where each of its values stands. */
export interface ScannedDocument {
  readonly index: number;
  readonly value: JsonValue;
  readonly places: Places;
}

/** What a text holds; see {@linkcode ParsedYaml}. */
export interface ScannedYaml {
  /** With LF or CRLF only as line breaks; its offsets are those of the places. */
  readonly text: string;
  readonly documents: readonly ScannedDocument[];
  readonly problems: readonly Problem[];
}

/** The documents with the means to look their places up. */
export function documentsOf({ text, documents, problems }: ScannedYaml): ParsedYaml {
  const lines = indexLines(text);
  return {
    documents: documents.map(({ index, value, places }): YamlDocument => {
      const positionOf = (path: Path, part: "key" | "value" = "value") =>
        lines.positionAt(offsetOfPath(value, places, path, part));
      return { index, value, start: positionOf([]), positionOf };
    }),
    problems,
    lineText: lines.lineText,
  };
}
