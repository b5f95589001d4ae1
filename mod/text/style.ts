import { type Look, paint } from "./paint.ts";

export type { Look } from "./paint.ts";

/** What `--color` may say. */
export type ColorMode = "auto" | "always" | "never";

/** Gives a text a look, or leaves it as it is where colour is not wanted. */
export type Style = (look: Look | undefined, text: string) => string;

/** What decides about colour when the user did not. */
export interface ColorContext {
  /** Whether the stream written to is a terminal. */
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Whether to colour: an explicit `always` or `never` wins, then a non-empty
 * `NO_COLOR` (https://no-color.org), then a `TERM` of `dumb`, then the terminal.
 */
export function wantsColor(mode: ColorMode, context: ColorContext): boolean {
  if (mode !== "auto") return mode === "always";
  if ((context.env["NO_COLOR"] ?? "") !== "") return false;
  return context.isTTY && context.env["TERM"] !== "dumb";
}

/** The style for one stream. `createStyle(false)` returns texts unchanged. */
export function createStyle(enabled: boolean): Style {
  if (!enabled) return (_look, text) => text;
  return (look, text) => look === undefined || text === "" ? text : paint(look, text);
}

/** A style without any colour. */
export const plainStyle: Style = createStyle(false);
