import { ConfigError } from "../../core/mod.ts";
import type { Settings } from "../../config/mod.ts";
import type { CliContext } from "./context.ts";
import { DEFAULT_CONFIG_PATH } from "./globals.ts";

/**
 * The settings that a command needs of the node config: socket, runtime
 * endpoint, node. A default config that does not exist gives the defaults; a
 * config that was asked for must be readable.
 *
 * @throws {ConfigError} with every problem of the config
 */
export async function clientSettings(context: CliContext): Promise<Settings> {
  const { defaultSettings, loadConfig } = await import("../../config/mod.ts");
  const { defaultNodeAddress, defaultNodeName } = await import("../../os/mod.ts");
  const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
  const path = context.globals.config ?? DEFAULT_CONFIG_PATH;
  const loaded = await loadConfig(path, host);
  if (loaded.settings !== undefined) return loaded.settings;
  if (context.globals.config === undefined) {
    const { existsSync } = await import("node:fs");
    if (existsSync(path)) {
      context.world.stderr.write(
        `warning: "${path}" cannot be used; continuing with the defaults\n`,
      );
    }
    return defaultSettings(host);
  }
  throw new ConfigError(`Cannot use the config "${path}"`, loaded.problems, {
    hint: "Fix it, or leave --config out and name the agent's socket with --socket",
  });
}
