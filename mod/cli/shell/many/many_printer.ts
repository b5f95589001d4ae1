import { Buffer } from "node:buffer";
import type { Clock } from "../../../core/mod.ts";
import {
  type Changed,
  type Column,
  createEscapeFilter,
  createTableWriter,
  createWatchPrinter,
  type Look,
  type Style,
  type TableWriter,
  type WatchPrinter,
} from "../../../text/mod.ts";
import { formatStreamed } from "../../output/mod.ts";
import { widthOf } from "../direct_printer.ts";
import type { LogStyle, Printer } from "../printer.ts";
import { terminalOf } from "../terminal.ts";
import type { Output } from "../world.ts";
import { type NodeOutput, type NodeRow, withNode } from "./gathered.ts";
import { readLogLine, wantedFormat } from "./log_lines.ts";
import { LineCutter } from "./prefixed.ts";
import { LIVE_HOLD_MS, START_HOLD_MS, TimeMerge } from "./time_merge.ts";

/** Looks that are told apart on dark and on light ground. */
const NODE_LOOKS: readonly Look[] = ["cyan", "yellow", "green", "bold", "red"];

/** What printers of many nodes share: streams of all of them are one. */
export class ManyPrinter {
  readonly #nodes: readonly string[];
  readonly #stdout: Output;
  readonly #style: Style;
  readonly #clock: Clock;
  readonly #merge: TimeMerge<() => void>;
  #rows: TableWriter<NodeRow<unknown>> | undefined;
  #watch: WatchPrinter<NodeRow<unknown>> | undefined;
  readonly #firstRows: NodeRow<unknown>[] = [];
  readonly #undecided: Set<string>;
  readonly #held: (() => void)[] = [];
  #makeWatch: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param live whether printing continues until it is interrupted */
  constructor(
    nodes: readonly string[],
    { stdout, style, clock, live }: {
      readonly stdout: Output;
      readonly style: Style;
      readonly clock: Clock;
      readonly live: boolean;
    },
  ) {
    this.#nodes = nodes;
    this.#stdout = stdout;
    this.#style = style;
    this.#clock = clock;
    const holdMs = live ? LIVE_HOLD_MS : Infinity;
    this.#undecided = new Set(nodes);
    this.#merge = new TimeMerge(nodes, { clock, holdMs }, (print) => this.#attempt(print));
  }

  /** The command on a node has ended, or could not begin. */
  ended(node: string): void {
    this.#merge.end(node);
    this.#decided(node);
  }

  /** Prints what still waits. */
  close(): void {
    this.#merge.close();
    for (const node of this.#nodes) this.#decided(node);
  }

  /** The printer of one node's command. */
  of(output: NodeOutput): Printer {
    const { node } = output;
    return {
      table: (columns, rows, look) => {
        output.tables.push({ columns: columns as readonly Column<unknown>[], rows, look });
      },
      data(format, value) {
        output.document = { output: format, value };
        return Promise.resolve();
      },
      item: async (format, document, timeMs) => {
        const text = await formatStreamed(format, { node, ...document as object });
        await this.#tell(node, timeMs, () => this.#stdout.write(text));
      },
      rows: (columns, { wide, header = true, first = [], timeMs }) => {
        const shared = this.#rows ??= createTableWriter(
          withNode(columns as readonly Column<unknown>[]),
          { wide, header, style: this.#style, ...widthOf(this.#stdout) },
        );
        shared.fit(first.map((row) => ({ node, row })));
        if (timeMs !== undefined) this.#merge.begin(node);
        return {
          print: (rows) => {
            this.#throwFailure();
            for (const row of rows) {
              const print = () => this.#stdout.write(shared.format([{ node, row }]));
              const at = timeMs?.(row);
              if (at === undefined) print();
              else void this.#merge.add(node, at, print);
            }
          },
        };
      },
      watch: (options) => {
        const { first = [], key } = options;
        this.#firstRows.push(...first.map((row) => ({ node, row })));
        if (this.#makeWatch === undefined) {
          void this.#clock.sleep(START_HOLD_MS).then(() => this.#beginWatch());
        }
        this.#makeWatch ??= () => {
          this.#watch = createWatchPrinter<NodeRow<unknown>>(terminalOf(this.#stdout), {
            ...options,
            columns: withNode(options.columns as readonly Column<unknown>[]),
            // Rows of one command are of one type.
            key: ({ node, row }) => `${node} ${(key as (row: unknown) => string)(row)}`,
            first: this.#firstRows,
            style: this.#style,
          });
        };
        this.#decided(node);
        return {
          update: (changes) => {
            const named = changes.map(({ change, row }) => ({ change, row: { node, row } }));
            this.#update(named);
          },
        };
      },
      log: (style, open) => this.#log(node, style, open),
    };
  }

  /** No command prints what waited: each learns with its next item that it failed. */
  #attempt(print: () => void): void {
    try {
      print();
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  /** Streams of data and rows: in the order of time, where each says its own. */
  async #tell(node: string, timeMs: number | undefined, print: () => void): Promise<void> {
    if (timeMs === undefined) return print();
    this.#throwFailure();
    await this.#merge.add(node, timeMs, print);
    this.#throwFailure();
  }

  #update(changes: readonly Changed<NodeRow<unknown>>[]): void {
    this.#throwFailure();
    if (this.#watch === undefined) this.#held.push(() => this.#watch?.update(changes));
    else this.#watch.update(changes);
  }

  #decided(node: string): void {
    if (this.#undecided.delete(node) && this.#undecided.size === 0) this.#beginWatch();
  }

  /**
   * A watched table begins when it is known of every node whether it has rows for it, or a moment
   * after the first: its columns fit what is known by then.
   */
  #beginWatch(): void {
    if (this.#watch !== undefined) return;
    this.#makeWatch?.();
    for (const update of this.#held.splice(0)) this.#attempt(update);
  }

  async #log(
    node: string,
    style: LogStyle,
    open: (format: LogStyle["format"]) => Promise<AsyncIterable<Uint8Array>>,
  ): Promise<void> {
    const chunks = await open(wantedFormat(style));
    this.#merge.begin(node);
    const cutter = new LineCutter();
    const escapes = style.raw || !this.#stdout.isTTY ? undefined : createEscapeFilter();
    const prefix = style.format === "json" ? "" : this.#prefixOf(node);
    let lastMs = 0;
    const tell = async (line: Buffer) => {
      const { timeMs = lastMs, text } = readLogLine(line.toString("utf8"), node, style);
      lastMs = timeMs;
      await this.#tell(node, timeMs, () => this.#stdout.write(eachLine(text, prefix)));
    };
    for await (const chunk of chunks) {
      for (const line of cutter.push(escapes?.filter(chunk) ?? chunk)) await tell(line);
    }
    const rest = cutter.end();
    if (rest !== undefined) await tell(rest);
  }

  /** @throws {OutputClosed} if the reader has gone */
  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #prefixOf(node: string): string {
    const width = Math.max(...this.#nodes.map(({ length }) => length));
    const look = NODE_LOOKS[this.#nodes.indexOf(node) % NODE_LOOKS.length];
    return `${this.#style(look, `${node}:`)}${" ".repeat(width - node.length)} `;
  }
}

/** A message of a journal may have several lines. */
function eachLine(text: string, prefix: string): string {
  return text.replace(/^(?=[^])/gm, prefix);
}
