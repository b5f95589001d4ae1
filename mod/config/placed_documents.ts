/** Talos's control plane documents over all files of a config: one of each kind counts. */
import type { Problem } from "../core/mod.ts";
import type { PlacedDocument } from "./documents.ts";

/** The first document of each kind. */
export function firstOfEachKind(
  documents: readonly PlacedDocument[],
): readonly PlacedDocument["document"][] {
  const byKind = new Map<string, PlacedDocument["document"]>();
  for (const { document } of documents) {
    if (!byKind.has(document.kind)) byKind.set(document.kind, document);
  }
  return [...byKind.values()];
}

/** A problem for each document of a kind that an earlier one has. */
export function repeatedDocuments(documents: readonly PlacedDocument[]): readonly Problem[] {
  const first = new Map<string, PlacedDocument>();
  const problems: Problem[] = [];
  for (const placed of documents) {
    const earlier = first.get(placed.document.kind);
    if (earlier === undefined) {
      first.set(placed.document.kind, placed);
      continue;
    }
    problems.push({
      severity: "error",
      code: "duplicate-document",
      file: placed.file,
      position: placed.position,
      sourceLine: placed.sourceLine,
      path: [],
      message: `A second document of kind ${placed.document.kind}`,
      wanted: "one of each kind",
      hint: "Join the two",
      related: { file: earlier.file, position: earlier.position },
    });
  }
  return problems;
}
