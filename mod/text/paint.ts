import process from "node:process";

/** The looks that podstead uses; terminals of every palette have them. */
export type Look = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

/** The text with ANSI codes around it. That colour is wanted is the caller's decision. */
export function paint(look: Look, text: string): string {
  // Loaded where something is painted, and not with every command.
  return process.getBuiltinModule("node:util").styleText(look, text, { validateStream: false });
}
