import { PodsteadError, UsageError } from "../../core/mod.ts";
import type { Column } from "../../text/mod.ts";
import { evaluateJsonPath } from "./jsonpath.ts";
import { parseJsonPath } from "./jsonpath_parse.ts";
import type { JsonPathTemplate } from "./jsonpath_syntax.ts";
import { type Output, parseOutput } from "./output.ts";

/** What `-o` of a listing asked for. */
export type ListOutput =
  | Output<"name">
  | { readonly kind: "custom-columns"; readonly columns: readonly CustomColumn[] };

/** `NAME:PATH` of `-o custom-columns`. */
export interface CustomColumn {
  readonly header: string;
  readonly template: JsonPathTemplate;
}

/** The values of `-o`, for help. */
export const LIST_OUTPUTS =
  "table, wide, name, json, yaml, jsonpath=TEMPLATE or custom-columns=NAME:PATH,…";

const EXAMPLE = "For example: -o custom-columns=NAME:.metadata.id,READY:.spec.ready";

/**
 * Reads the value of `-o` of a listing.
 *
 * @throws {UsageError} for an unknown name, a column without a path, a path that cannot be read
 */
export function parseListOutput(text: string): ListOutput {
  const columns = /^custom-columns=(.*)$/s.exec(text)?.[1];
  if (columns !== undefined) return { kind: "custom-columns", columns: parseColumns(columns) };
  if (/^custom-columns|^go-template|^template/.test(text)) {
    throw new UsageError(`Unknown output format "${text}"; wanted ${LIST_OUTPUTS}`, {
      hint: EXAMPLE,
    });
  }
  return parseOutput(text, ["name"], [], ["custom-columns=NAME:PATH,…"]);
}

/** kubectl's own form: headers with paths, of which the braces may be left out. */
function parseColumns(text: string): readonly CustomColumn[] {
  // A comma within brackets belongs to the path.
  const parts = text.split(/,(?![^[]*\])/).filter((part) => part !== "");
  if (parts.length === 0) throw new UsageError("custom-columns has no column", { hint: EXAMPLE });
  return parts.map((part) => {
    const at = part.indexOf(":");
    const path = part.slice(at + 1);
    if (at < 1 || path === "") {
      throw new UsageError(`A column is NAME:PATH, current value is "${part}"`, { hint: EXAMPLE });
    }
    const bare = path.startsWith("{") || /^[.[$]/.test(path) ? path : `.${path}`;
    return { header: part.slice(0, at), template: parseJsonPath(bare) };
  });
}

/** The columns of a table of documents; what a document does not have is `<none>`. */
export function customColumns(columns: readonly CustomColumn[]): readonly Column<unknown>[] {
  return columns.map(({ header, template }) => ({
    header,
    cell: (document) => textAt(template, document) ?? "<none>",
  }));
}

/** What a path finds in a document; undefined if nothing is there. */
export function textAt(template: JsonPathTemplate, document: unknown): string | undefined {
  try {
    return evaluateJsonPath(template, document) || undefined;
  } catch (error) {
    // An index outside of its list: another document may have it.
    if (error instanceof PodsteadError) return undefined;
    throw error;
  }
}
