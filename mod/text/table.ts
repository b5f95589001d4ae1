import { type Look, plainStyle, type Style } from "./style.ts";
import { cutText, displayWidth, oneLine } from "./width.ts";

/** Blanks between two columns, as kubectl and talosctl print them. */
const GAP = 3;

/** No column is cut to less than this. */
const MIN_WIDTH = 4;

/** Columns that yield to the others are cut to this before any other is. */
const YIELDED_WIDTH = 16;

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
  /** Where a cell is cut that is too long for the terminal; its end unless set. */
  readonly cut?: "start" | "end";
  /** Whether it is cut before the others are: an image before a name. */
  readonly yields?: boolean;
  /** What the column is sorted by, if not by the text of its cells. */
  readonly sortValue?: (row: Row) => string | number;
  /** Changes by itself as time goes by, as an age does: no news for who watches. */
  readonly volatile?: boolean;
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
  /**
   * Width of the terminal: no line gets longer. The gaps narrow first, then the widest
   * columns are cut. Without it nothing is cut.
   */
  readonly maxWidth?: number;
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
  const { wide = false, style = plainStyle, maxWidth = Infinity } = options;
  const shown = columns.filter((column) => wide || column.wide !== true);
  const widths = shown.map(() => 0);
  let headerDue = options.header ?? true;

  const line = (
    cells: readonly string[],
    looks: (index: number) => Look | undefined,
    { gap, fitted }: Fit,
  ): string => {
    let text = "";
    let blanks = 0;
    for (const [index, whole] of cells.entries()) {
      const width = fitted[index] ?? 0;
      const cell = cutText(whole, width, shown[index]?.cut);
      // An empty cell owes its blanks to the next one: no line ends with blanks.
      if (cell !== "") {
        text += " ".repeat(blanks) + style(looks(index), cell);
        blanks = 0;
      }
      blanks += width - displayWidth(cell) + gap;
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
      const fit = fitColumns(widths, shown.map(({ yields = false }) => yields), maxWidth);
      return header.map((cells) => line(cells, () => "bold", fit)).join("") +
        body.map((cells, index) => {
          const row = rows[index];
          return line(cells, (at) => row === undefined ? undefined : shown[at]?.look?.(row), fit);
        }).join("");
    },
  };
}

/** How wide the columns are, and what is between them. */
interface Fit {
  readonly gap: number;
  readonly fitted: readonly number[];
}

/** Makes columns fit a terminal: the gaps narrow, then the widest column, time and again. */
function fitColumns(widths: readonly number[], yields: readonly boolean[], room: number): Fit {
  const gaps = Math.max(0, widths.length - 1);
  const needed = widths.reduce((sum, width) => sum + width, 0);
  let gap = GAP;
  while (gap > 1 && needed + gaps * gap > room) gap -= 1;
  const fitted = [...widths];
  for (let over = needed + gaps * gap - room; over > 0; over -= 1) {
    const yielding = fitted.map((width, at) =>
      yields[at] === true && width > YIELDED_WIDTH ? width : 0
    );
    const from = yielding.some((width) => width > 0) ? yielding : fitted;
    const widest = from.indexOf(Math.max(...from));
    if ((fitted[widest] ?? 0) <= MIN_WIDTH) break; // narrower than any terminal is
    fitted[widest] = (fitted[widest] ?? 0) - 1;
  }
  return { gap, fitted };
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
