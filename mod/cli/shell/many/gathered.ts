/** One output of what the commands on many nodes print. */
import type { ErrorCode } from "../../../core/mod.ts";
import { type Column, formatTable, type Style } from "../../../text/mod.ts";
import type { TableLook } from "../printer.ts";
import { API_VERSION, type DataOutput, formatData } from "../../output/mod.ts";

/** The terminal's width, if there is one. */
type Width = { readonly maxWidth?: number };

/** A table that one node printed. */
interface PrintedTable {
  readonly columns: readonly Column<unknown>[];
  readonly rows: readonly unknown[];
  readonly look: TableLook;
}

/** What one node printed to be shown when all have ended. */
export class NodeOutput {
  readonly node: string;
  text = "";
  readonly tables: PrintedTable[] = [];
  document: { readonly output: DataOutput; readonly value: unknown } | undefined;
  /** Why the command failed on it. */
  error: { readonly code: ErrorCode; readonly message: string; readonly hint?: string } | undefined;

  constructor(node: string) {
    this.node = node;
  }
}

/** A row and the node that it is of. */
export interface NodeRow<Row> {
  readonly node: string;
  readonly row: Row;
}

/** The columns of one node's table for those of many: the first names the node as people do. */
export function withNode<Row>(columns: readonly Column<Row>[]): readonly Column<NodeRow<Row>>[] {
  const rest = columns[0]?.header.toUpperCase() === "NODE" ? columns.slice(1) : columns;
  return [
    { header: "NODE", cell: ({ node }) => node },
    ...rest.map(({ sortValue: _, ...column }): Column<NodeRow<Row>> => ({
      ...column,
      cell: ({ row }) => column.cell(row),
      look: ({ row }) => column.look?.(row),
    })),
  ];
}

/** The items of one node's document for those of many: each names the node. */
export function itemsOf(node: string, document: unknown): readonly object[] {
  const named = (value: unknown) => ({
    ...(typeof value === "object" && value !== null ? value : { value }),
    node,
  });
  const { items } = typeof document === "object" && document !== null && "items" in document
    ? document
    : { items: undefined };
  return Array.isArray(items) ? items.map(named) : [named(document)];
}

/** Everything that was printed, in the order of the nodes. */
export async function formatGathered(
  outputs: readonly NodeOutput[],
  style: Style,
  width: Width = {},
): Promise<string> {
  const data = outputs.find(({ document }) => document !== undefined)?.document?.output;
  if (data !== undefined) return await dataOf(outputs, data);
  return formatTables(outputs, style, width) + formatTexts(outputs, style);
}

/** Documents of many nodes are one: their items, and an item for each error. */
export async function dataOf(outputs: readonly NodeOutput[], output: DataOutput): Promise<string> {
  const items = outputs.flatMap(({ node, document, error }) => [
    ...(document === undefined ? [] : itemsOf(node, document.value)),
    ...(error === undefined ? [] : [{ node, error }]),
  ]);
  const [kind = "List"] = outputs.flatMap(({ document }) => kindOf(document?.value));
  return await formatData(output, { apiVersion: API_VERSION, kind, items });
}

/** The kind of a list of what one node printed. */
function kindOf(document: unknown): readonly string[] {
  if (typeof document !== "object" || document === null || !("kind" in document)) return [];
  const kind = String(document.kind);
  return [kind.endsWith("List") ? kind : `${kind}List`];
}

function formatTables(outputs: readonly NodeOutput[], style: Style, width: Width): string {
  const count = Math.max(0, ...outputs.map(({ tables }) => tables.length));
  return Array.from({ length: count }, (_, at) => {
    const [first] = outputs.flatMap(({ tables }) => tables[at] ?? []);
    if (first === undefined) return "";
    const rows = outputs.flatMap(({ node, tables }) =>
      (tables[at]?.rows ?? []).map((row) => ({ node, row }))
    );
    return formatTable(withNode(first.columns), rows, { ...first.look, style, ...width });
  }).join("\n");
}

/** Texts of one line each stand below one another; longer ones under the node's name. */
function formatTexts(outputs: readonly NodeOutput[], style: Style): string {
  const told = outputs.filter(({ text }) => text !== "");
  const [only] = told;
  if (outputs.length === 1 && only !== undefined) return only.text;
  const isLine = told.every(({ text }) => text.trimEnd().split("\n").length === 1);
  if (isLine) {
    const width = Math.max(0, ...told.map(({ node }) => node.length)) + 2;
    return told.map(({ node, text }) =>
      `${style("bold", `${node}:`)}${" ".repeat(width - node.length - 1)}${text.trimEnd()}\n`
    ).join("");
  }
  return told.map(({ node, text }) => `${style("bold", `node ${node}`)}\n${text.trimEnd()}\n`)
    .join("\n");
}
