/** What new settings come to in an agent that runs. */
import { liveChanges, type Settings } from "../config/mod.ts";

/** The settings after a reload. */
export interface SettingsAfter {
  /** Those in force. */
  readonly settings: Settings;
  /** The names of those that wait for a restart. */
  readonly needRestart: readonly string[];
}

/**
 * The new settings, with those that cannot change live left as they are.
 *
 * @param wanted undefined where the config cannot be used: everything stays
 */
export function settingsAfter(running: Settings, wanted: Settings | undefined): SettingsAfter {
  if (wanted === undefined) return { settings: running, needRestart: [] };
  return {
    settings: untilRestart(running, wanted),
    needRestart: liveChanges(running, wanted).needsRestart,
  };
}

/**
 * New settings as far as a running agent can take them up: who it is, what it
 * listens on, its runtime and its state directory stay until a restart.
 */
function untilRestart(running: Settings, wanted: Settings): Settings {
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
