import { UsageError } from "../../core/mod.ts";
import type { ColorMode } from "../../text/mod.ts";

const COLOR_MODES: readonly ColorMode[] = ["auto", "always", "never"];

/** Options that every command takes, wherever they stand on the line. */
export interface Globals {
  readonly config: string | undefined;
  readonly socket: string | undefined;
  readonly color: ColorMode;
}

/** Where the config is when neither `--config` nor `PODSTEAD_CONFIG` says otherwise. */
export const DEFAULT_CONFIG_PATH = "/etc/podstead/config.yaml";

/** Names of the global options and what follows them; for help and completion. */
export const GLOBAL_OPTIONS = [
  ["--config FILE", `node config (PODSTEAD_CONFIG; default ${DEFAULT_CONFIG_PATH})`],
  ["--socket PATH", "admin socket of the agent (PODSTEAD_SOCKET; default from the config)"],
  ["--color MODE", "auto, always or never (NO_COLOR is honoured)"],
] as const;

/**
 * Takes the global options out of the arguments, before or after the command,
 * up to a `--`.
 *
 * @throws {UsageError} for an option without its value
 */
export function takeGlobals(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): { readonly globals: Globals; readonly rest: readonly string[] } {
  const found: { config?: string; socket?: string; color?: string } = {};
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at] ?? "";
    if (argument === "--") {
      rest.push(...argv.slice(at));
      break;
    }
    const match = /^--(config|socket|color)(?:=(.*))?$/s.exec(argument);
    if (match === null) {
      rest.push(argument);
      continue;
    }
    const value = match[2] ?? argv[at += 1];
    if (value === undefined || value === "") {
      throw new UsageError(`Option "--${match[1]}" needs a value`);
    }
    found[match[1] as keyof typeof found] = value; // the expression above allows no other name
  }
  const color = found.color ?? "auto";
  if (!isColorMode(color)) {
    throw new UsageError(`--color must be auto, always or never, current value is "${color}"`);
  }
  return {
    globals: {
      config: found.config ?? (env.PODSTEAD_CONFIG || undefined),
      socket: found.socket ?? (env.PODSTEAD_SOCKET || undefined),
      color,
    },
    rest,
  };
}

function isColorMode(text: string): text is ColorMode {
  return COLOR_MODES.some((mode) => mode === text);
}
