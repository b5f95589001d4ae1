import {
  createEscapeFilter,
  createTableWriter,
  createWatchPrinter,
  formatTable,
  type TableOptions,
} from "../../text/mod.ts";
import { formatBytes } from "../../core/mod.ts";
import { formatData, formatStreamed } from "../output/mod.ts";
import { type CliContext, styleOf } from "./context.ts";
import type { Printer, TableLook } from "./printer.ts";
import { terminalOf } from "./terminal.ts";
import { progressLine } from "./progress.ts";
import type { Output, World } from "./world.ts";

/** Prints what one command prints, at once. */
export function directPrinter(context: Pick<CliContext, "world" | "globals">): Printer {
  const { stdout } = context.world;
  const style = styleOf(context, stdout);
  const optionsOf = (look: TableLook): TableOptions => ({ ...look, style, ...widthOf(stdout) });
  return {
    table: (columns, rows, look) => stdout.write(formatTable(columns, rows, optionsOf(look))),
    async data(output, document) {
      stdout.write(await formatData(output, document));
    },
    async item(output, document) {
      stdout.write(await formatStreamed(output, document));
    },
    rows(columns, { wide, header = true, first = [] }) {
      const writer = createTableWriter(columns, optionsOf({ wide, header }));
      writer.fit(first);
      return { print: (rows) => stdout.write(writer.format(rows)) };
    },
    watch: (options) => createWatchPrinter(terminalOf(stdout), { ...options, style }),
    async log({ format, raw }, open) {
      await writeLog(context.world, await open(format), raw);
    },
  };
}

/** The width that no line of a table goes beyond: a terminal's. */
export function widthOf({ columns }: Output): { readonly maxWidth?: number } {
  return columns === undefined ? {} : { maxWidth: columns };
}

/** Writes a log; on a terminal without the escapes in it, unless `raw` asks for them. */
export async function writeLog(
  world: Pick<World, "stdout" | "stderr" | "clock" | "env">,
  chunks: AsyncIterable<Uint8Array>,
  raw: boolean,
): Promise<void> {
  const { stdout } = world;
  if (stdout.isFile === true) return await exportLog(world, chunks);
  if (raw || !stdout.isTTY) {
    for await (const chunk of chunks) stdout.write(chunk);
    return;
  }
  const escapes = createEscapeFilter();
  for await (const chunk of chunks) stdout.write(escapes.filter(chunk));
  stdout.write(escapes.end());
}

/** Writes a log to a file, and says how much it is so far. */
async function exportLog(
  world: Pick<World, "stdout" | "stderr" | "clock" | "env">,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const progress = progressLine(world);
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      world.stdout.write(chunk);
      bytes += chunk.length;
      progress.show(`${formatBytes(bytes)} written`);
    }
  } finally {
    progress.clear();
  }
}
