/** What new settings change in a running agent. */
import { liveChanges, type Settings } from "../config/mod.ts";

/** The settings after a reload. */
export interface SettingsAfter {
  /** The current ones. */
  readonly settings: Settings;
  /** The names of those that wait for a restart. */
  readonly needRestart: readonly string[];
}

/**
 * The new settings, with those that cannot change live left as they are.
 *
 * @param wanted undefined if the config cannot be used: everything stays
 */
export function settingsAfter(running: Settings, wanted: Settings | undefined): SettingsAfter {
  if (wanted === undefined) return { settings: running, needRestart: [] };
  const { needsRestart } = liveChanges(running, wanted);
  return {
    settings: untilRestart(running, wanted),
    needRestart: lowersProtection(running, wanted)
      ? [...needsRestart, "agent.manifest.tokenFile"].sort()
      : needsRestart,
  };
}

/** Without its token the endpoint would show all pods to every local user, at once. */
function lowersProtection(running: Settings, wanted: Settings): boolean {
  return running.manifest.tokenFile !== null && wanted.manifest.tokenFile === null;
}

/**
 * New settings as far as a running agent can apply them: who it is, what it
 * listens on, its runtime and its state directory stay until a restart, and so does
 * the token that it asks for, where another one is not named.
 */
function untilRestart(running: Settings, wanted: Settings): Settings {
  const { address, port, path, url } = running.manifest;
  const tokenFile = wanted.manifest.tokenFile ?? running.manifest.tokenFile;
  return {
    ...wanted,
    node: running.node,
    runtime: running.runtime,
    manifest: { ...wanted.manifest, address, port, path, url, tokenFile },
    admin: running.admin,
    stateDir: running.stateDir,
    volumesDir: running.volumesDir,
  };
}
