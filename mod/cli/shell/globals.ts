import { UsageError } from "../../core/mod.ts";
import type { ColorMode } from "../../text/mod.ts";

const COLOR_MODES: readonly ColorMode[] = ["auto", "always", "never"];

/** Options that every command takes, wherever they stand on the line. */
export interface Globals {
  readonly config: string | undefined;
  readonly socket: string | undefined;
  readonly color: ColorMode;
  /** The nodes that the command is for, as they were named; this one if it is left out. */
  readonly nodes: string | undefined;
}

/** Where the config is unless `--config` or `PODSTEAD_CONFIG` says otherwise. */
export const DEFAULT_CONFIG_PATH = "/etc/podstead/config.yaml";

/** Names of the global options and what follows them; for help and completion. */
export const GLOBAL_OPTIONS = [
  ["--config FILE", `node config (PODSTEAD_CONFIG; default ${DEFAULT_CONFIG_PATH})`],
  ["--socket PATH", "admin socket of the agent (PODSTEAD_SOCKET; default from the config)"],
  ["--nodes NODES", "or -N: other nodes, over ssh: a,b,@label or all (see podstead nodes)"],
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
  const found: { config?: string; socket?: string; color?: string; nodes?: string } = {};
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at] ?? "";
    if (argument === "--") {
      rest.push(...argv.slice(at));
      break;
    }
    const match = /^(?:--(config|socket|color|nodes)(?:=(.*))?|-N(?:=?(.+))?)$/s.exec(argument);
    if (match === null) {
      rest.push(argument);
      continue;
    }
    const value = match[2] ?? match[3] ?? argv[at += 1];
    if (value === undefined || value === "") {
      throw new UsageError(
        `Option "${match[1] === undefined ? "-N" : `--${match[1]}`}" needs a value`,
      );
    }
    found[(match[1] ?? "nodes") as keyof typeof found] = value; // the expression allows no other
  }
  const color = found.color ?? "auto";
  if (!isColorMode(color)) {
    throw new UsageError(`--color must be auto, always or never, current value is "${color}"`);
  }
  if (found.nodes !== undefined && found.socket !== undefined) {
    throw new UsageError("--nodes and --socket exclude each other", {
      hint:
        'The socket of another node is in its entry: "podstead nodes add NAME --agent-socket PATH"',
    });
  }
  return {
    globals: {
      config: found.config ?? (env.PODSTEAD_CONFIG || undefined),
      socket: found.socket ?? (env.PODSTEAD_SOCKET || undefined),
      color,
      nodes: found.nodes,
    },
    rest,
  };
}

function isColorMode(text: string): text is ColorMode {
  return COLOR_MODES.some((mode) => mode === text);
}
