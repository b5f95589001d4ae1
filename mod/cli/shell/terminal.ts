import type { WatchTarget } from "../../text/mod.ts";
import type { Output } from "./world.ts";

/** An output as something that a watched table can redraw on. */
export function terminalOf(output: Output): WatchTarget {
  return {
    write: (text) => output.write(text),
    isTTY: output.isTTY,
    size: () => ({ columns: output.columns ?? 80, rows: output.rows ?? 24 }),
  };
}
