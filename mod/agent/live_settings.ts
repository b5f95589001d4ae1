import type { Settings } from "../config/mod.ts";

/**
 * New settings as far as a running agent can take them up: what its listeners
 * and its state directory were opened with stays until a restart.
 */
export function untilRestart(running: Settings, wanted: Settings): Settings {
  const { address, port, path, url } = running.manifest;
  return {
    ...wanted,
    manifest: { ...wanted.manifest, address, port, path, url },
    admin: running.admin,
    stateDir: running.stateDir,
  };
}
