/** How text looks on a terminal: colour, widths, tables, a problem with its line and caret. */
export { formatAge } from "./age.ts";
export { formatProblem, type FormatProblemOptions } from "./format_problem.ts";
export { type Look, paint } from "./paint.ts";
export {
  type ColorContext,
  type ColorMode,
  createStyle,
  plainStyle,
  type Style,
  wantsColor,
} from "./style.ts";
export {
  type Column,
  createTableWriter,
  formatTable,
  type Table,
  type TableOptions,
  type TableWriter,
} from "./table.ts";
export {
  type Change,
  type Changed,
  createWatchPrinter,
  type WatchOptions,
  type WatchPrinter,
  type WatchTarget,
} from "./watch.ts";
export { createEscapeFilter, type EscapeFilter } from "./visible_escapes.ts";
export { cutText, displayWidth, oneLine } from "./width.ts";
export { wrapText } from "./wrap.ts";
