/**
 * What a command prints besides prose: tables, data, rows as they come. One command line may run
 * on many nodes at the same time; a printer then makes one output of what each of them prints.
 */
import type { Changed, Column, WatchOptions } from "../../text/mod.ts";
import type { DataOutput, Document } from "../output/mod.ts";

/** How a table is printed, besides what the terminal asks for. */
export interface TableLook {
  readonly wide: boolean;
  /** Whether the header line is printed; default true. */
  readonly header?: boolean;
}

/** Prints rows one by one under one header. */
export interface RowPrinter<Row> {
  print(rows: readonly Row[]): void;
}

/** Prints a table that changes. */
export interface WatchedTable<Row> {
  update(changes: readonly Changed<Row>[]): void;
}

/** How a log is printed. */
export interface LogStyle {
  readonly format: "raw" | "text" | "json";
  /** `text`: whether the time stands before each message. */
  readonly timestamps: boolean;
  /** Whether its lines begin with the container that they are of. */
  readonly several: boolean;
  /** Whether a terminal gets the log's own escape sequences. */
  readonly raw: boolean;
}

/** Where a command's output goes. */
export interface Printer {
  /** A whole table. */
  table<Row>(
    columns: readonly Column<Row>[],
    rows: readonly Row[],
    options: TableLook,
  ): void;
  /** One document. */
  data(output: DataOutput, document: Document): Promise<void>;
  /**
   * One document of an endless sequence.
   *
   * @param timeMs when it happened, so that those of many nodes are in order
   */
  item(output: DataOutput, document: Document, timeMs?: number): Promise<void>;
  /**
   * Rows as they come.
   *
   * @param first rows that come first, or others as wide: the columns fit them
   * @param timeMs when what a row tells happened, so that those of many nodes are in order
   */
  rows<Row>(
    columns: readonly Column<Row>[],
    options: TableLook & {
      readonly first?: readonly Row[];
      readonly timeMs?: (row: Row) => number;
    },
  ): RowPrinter<Row>;
  /** A table that is kept up to date. */
  watch<Row>(options: Omit<WatchOptions<Row>, "style" | "maxWidth">): WatchedTable<Row>;
  /**
   * A log.
   *
   * @param open reads it, written in the format that the printer wants
   */
  log(
    style: LogStyle,
    open: (format: LogStyle["format"]) => Promise<AsyncIterable<Uint8Array>>,
  ): Promise<void>;
}
