import { type Look, plainStyle, type Style } from "./style.ts";
import { displayWidth, oneLine } from "./width.ts";

/** Blanks between two columns, as kubectl and talosctl print them. */
const GAP = 3;

/** One column of a table. */
export interface Column<Row> {
  /** Printed in upper case. */
  readonly header: string;
  /** The cell's text; line breaks and control characters are escaped when printed. */
  readonly cell: (row: Row) => string;
  /** The cell's look, where colour is wanted. */
  readonly look?: (row: Row) => Look | undefined;
  /** Only with `-o wide`. */
  readonly wide?: boolean;
}

/** A table that is not printed yet. */
export interface Table<Row> {
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}

/** How a table is printed. */
export interface TableOptions {
  /** Shows the columns that are marked `wide` too. */
  readonly wide?: boolean;
  readonly style?: Style;
  /** Whether the header line is printed; default true. */
  readonly header?: boolean;
}

/** Prints rows piece by piece; a column never gets narrower than it was. */
export interface TableWriter<Row> {
  /** The rows as lines, before the first ones the header. Each line ends with a line feed. */
  format(rows: readonly Row[]): string;
  /** Makes the columns wide enough for rows that are still to come. */
  fit(rows: readonly Row[]): void;
}

/** A table that is printed as its rows come, for watching. */
export function createTableWriter<Row>(
  columns: readonly Column<Row>[],
  options: TableOptions = {},
): TableWriter<Row> {
  const { wide = false, style = plainStyle } = options;
  const shown = columns.filter((column) => wide || column.wide !== true);
  const widths = shown.map(() => 0);
  let headerDue = options.header ?? true;

  const line = (cells: readonly string[], looks: (index: number) => Look | undefined): string => {
    let text = "";
    let blanks = 0;
    for (const [index, cell] of cells.entries()) {
      // An empty cell owes its blanks to the next one: no line ends with blanks.
      if (cell !== "") {
        text += " ".repeat(blanks) + style(looks(index), cell);
        blanks = 0;
      }
      blanks += (widths[index] ?? 0) - displayWidth(cell) + GAP;
    }
    return `${text}\n`;
  };

  const cellsOf = (row: Row) => shown.map((column) => oneLine(column.cell(row)));
  const widen = (lines: readonly (readonly string[])[]) => {
    for (const cells of lines) {
      for (const [index, cell] of cells.entries()) {
        widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell));
      }
    }
  };

  return {
    fit: (rows) => widen(rows.map(cellsOf)),
    format(rows) {
      const header = headerDue ? [shown.map((column) => column.header.toUpperCase())] : [];
      headerDue = false;
      const body = rows.map(cellsOf);
      widen([...header, ...body]);
      return header.map((cells) => line(cells, () => "bold")).join("") +
        body.map((cells, index) => {
          const row = rows[index];
          return line(cells, (at) => row === undefined ? undefined : shown[at]?.look?.(row));
        }).join("");
    },
  };
}

/**
 * A whole table: header in upper case, columns three blanks apart, the last
 * cell of a line not padded. Without rows it is the header alone.
 */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options?: TableOptions,
): string {
  return createTableWriter(columns, options).format(rows);
}
