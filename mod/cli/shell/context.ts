import type { CommandContext } from "@stricli/core";
import type { Globals } from "./globals.ts";
import { createStyle, type Style, wantsColor } from "../../text/mod.ts";
import type { Output, World } from "./world.ts";

/** What every command function finds in `this`. */
export interface CliContext extends CommandContext {
  readonly process: {
    readonly stdout: { readonly write: (text: string) => void };
    readonly stderr: { readonly write: (text: string) => void };
    /** Set by a command that ends without throwing but not well. */
    exitCode?: number | string | null;
  };
  readonly world: World;
  readonly globals: Globals;
}

/** Whether to colour what goes to this output. */
export function useColor(context: CliContext, output: Output): boolean {
  const { isTTY } = output;
  return wantsColor(context.globals.color, { isTTY, env: context.world.env });
}

/** How to colour what goes to this output. */
export function styleOf(context: CliContext, output: Output): Style {
  return createStyle(useColor(context, output));
}
