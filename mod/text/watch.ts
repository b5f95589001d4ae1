import { type Column, createTableWriter, formatTable, type TableOptions } from "./table.ts";
import { displayWidth } from "./width.ts";

/** What happened to a row since it was last shown. */
export type Change = "added" | "changed" | "removed";

/** A row and what happened to it. */
export interface Changed<Row> {
  readonly change: Change;
  readonly row: Row;
}

/** The sign of a change in the `*` column, as talosctl prints it. */
const SIGN: Readonly<Record<Change, string>> = { added: "+", changed: "", removed: "-" };

/** Where a watched table goes. */
export interface WatchTarget {
  write(text: string): void;
  readonly isTTY: boolean;
  /** The terminal's size, asked again at each redraw. */
  size(): { readonly columns: number; readonly rows: number };
}

/** How a watched table looks and behaves. */
export interface WatchOptions<Row> extends TableOptions {
  readonly columns: readonly Column<Row>[];
  /** Which rows are one and the same over time. */
  readonly key: (row: Row) => string;
  /** The `*` column stands after this many others; default 1, after NODE. */
  readonly signAfter?: number;
  /**
   * `append` prints a row per change, `redraw` keeps one table up to date in
   * place. Default: redraw on a terminal. Without a terminal it always appends.
   */
  readonly mode?: "append" | "redraw";
  /** Rows that come first: what is appended is aligned with all of them from its start. */
  readonly first?: readonly Row[];
}

/** Prints changes as they come. */
export interface WatchPrinter<Row> {
  /** Shows some changes at once; an empty list shows the header, if it is due. */
  update(changes: readonly Changed<Row>[]): void;
}

/** A table that follows changes: redrawn in place on a terminal, one row per change elsewhere. */
export function createWatchPrinter<Row>(
  target: WatchTarget,
  options: WatchOptions<Row>,
): WatchPrinter<Row> {
  const columns = withSign(options.columns, options.signAfter ?? 1);
  if (!target.isTTY || options.mode === "append") {
    const writer = createTableWriter(columns, options);
    writer.fit((options.first ?? []).map((row) => ({ change: "added", row })));
    const isNews = newsFilter(options);
    return {
      update: (changes) => {
        const news = changes.filter(isNews);
        if (news.length > 0 || changes.length === 0) target.write(writer.format(news));
      },
    };
  }
  return createRedrawing(target, columns, options);
}

/** Lets through what looks other than before; what only time changes is no news. */
function newsFilter<Row>(
  { columns, wide, key }: WatchOptions<Row>,
): (change: Changed<Row>) => boolean {
  const shown = columns.filter((column) => (wide || !column.wide) && column.volatile !== true);
  const last = new Map<string, string>();
  return ({ change, row }) => {
    if (change === "removed") {
      last.delete(key(row));
      return true;
    }
    const text = JSON.stringify(shown.map((column) => column.cell(row)));
    if (change === "changed" && last.get(key(row)) === text) return false;
    last.set(key(row), text);
    return true;
  };
}

function createRedrawing<Row>(
  target: WatchTarget,
  columns: readonly Column<Changed<Row>>[],
  options: WatchOptions<Row>,
): WatchPrinter<Row> {
  const shown = new Map<string, Changed<Row>>();
  let linesDrawn = 0;
  return {
    update(changes) {
      for (const [key, { change, row }] of shown) {
        // A removed row is seen once, with its sign; an older change is no news.
        if (change === "removed") shown.delete(key);
        else shown.set(key, { change: "changed", row });
      }
      for (const change of changes) shown.set(options.key(change.row), change);
      const size = target.size();
      const fitted = { ...options, maxWidth: size.columns };
      const lines = formatTable(columns, [...shown.values()], fitted).trimEnd().split("\n");
      const { fitting, height } = fit(lines, size);
      const up = linesDrawn > 0 ? `\x1b[${linesDrawn}A` : "";
      target.write(`${up}\r\x1b[J${fitting.join("\n")}\n`);
      linesDrawn = height;
    },
  };
}

/** As many lines as the terminal can show at once, long ones counted as often as they wrap. */
function fit(
  lines: readonly string[],
  size: { readonly columns: number; readonly rows: number },
): { fitting: readonly string[]; height: number } {
  const heightOf = (line: string) => Math.max(1, Math.ceil(displayWidth(line) / size.columns));
  const limit = size.rows - 1;
  let height = 0;
  for (const [index, line] of lines.entries()) {
    const left = lines.length - index;
    const next = height + heightOf(line);
    // The last line of a screen is kept for saying what is not shown.
    if (next > limit || (next === limit && left > 1)) {
      return { fitting: [...lines.slice(0, index), `… ${left} more`], height: height + 1 };
    }
    height = next;
  }
  return { fitting: lines, height };
}

function withSign<Row>(
  columns: readonly Column<Row>[],
  after: number,
): readonly Column<Changed<Row>>[] {
  const lifted = columns.map((column): Column<Changed<Row>> => {
    const { look, cell, sortValue: _, ...rest } = column;
    return {
      ...rest,
      cell: ({ row }) => cell(row),
      look: ({ row, change }) => change === "removed" ? "dim" : look?.(row),
    };
  });
  const sign: Column<Changed<Row>> = {
    header: "*",
    cell: ({ change }) => SIGN[change],
    look: ({ change }) => change === "added" ? "green" : change === "removed" ? "red" : undefined,
  };
  return [...lifted.slice(0, after), sign, ...lifted.slice(after)];
}
