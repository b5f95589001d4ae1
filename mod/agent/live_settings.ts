import type { Settings } from "../config/mod.ts";

/**
 * New settings as far as a running agent can take them up: who it is, what it
 * listens on, its runtime and its state directory stay until a restart.
 */
export function untilRestart(running: Settings, wanted: Settings): Settings {
  const { address, port, path, url } = running.manifest;
  return {
    ...wanted,
    node: running.node,
    runtime: running.runtime,
    manifest: { ...wanted.manifest, address, port, path, url },
    admin: running.admin,
    stateDir: running.stateDir,
  };
}
