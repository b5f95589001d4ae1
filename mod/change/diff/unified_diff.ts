/** What changes between two texts, as `diff -u` shows it. */
import { structuredPatch } from "diff";

/** Lines of context around a change, as `diff -u` has them. */
const CONTEXT = 3;

/** One line of a unified diff. */
export interface DiffLine {
  readonly kind: "header" | "hunk" | "added" | "removed" | "context";
  readonly text: string;
}

/** The lines of a unified diff; empty when the texts are equal. */
export function unifiedDiff(
  before: { readonly name: string; readonly text: string },
  after: { readonly name: string; readonly text: string },
): readonly DiffLine[] {
  if (before.text === after.text) return [];
  const { hunks } = structuredPatch(before.name, after.name, before.text, after.text, "", "", {
    context: CONTEXT,
  });
  return [
    { kind: "header", text: `--- ${before.name}` },
    { kind: "header", text: `+++ ${after.name}` },
    ...hunks.flatMap((hunk): readonly DiffLine[] => [
      {
        kind: "hunk",
        text: `@@ -${range(hunk.oldStart, hunk.oldLines)} +${
          range(hunk.newStart, hunk.newLines)
        } @@`,
      },
      ...hunk.lines.map((text): DiffLine => ({ kind: kindOf(text), text })),
    ]),
  ];
}

/** Of no lines, the number of the line before them. */
function range(start: number, lines: number): string {
  if (lines === 0) return `${start - 1},0`;
  return lines === 1 ? String(start) : `${start},${lines}`;
}

function kindOf(line: string): DiffLine["kind"] {
  if (line.startsWith("+")) return "added";
  return line.startsWith("-") ? "removed" : "context";
}
