import { canonicalJson, isJsonObject } from "../core/mod.ts";
import type { JsonValue } from "../core/mod.ts";
import { describeSchema } from "./schema/describe.ts";
import { nodeConfigSchema } from "./schema/node_config.ts";
import type { Settings } from "./settings.ts";

/** What differs between two versions of the settings, as paths of the config file. */
export interface LiveChanges {
  /** Every setting that has another value, sorted: `agent.log.level`. */
  readonly changed: readonly string[];
  /** Those of them that a running agent cannot take up. */
  readonly needsRestart: readonly string[];
}

/** Compares the settings of a running agent with new ones. */
export function liveChanges(old: Settings, next: Settings): LiveChanges {
  const before = flatten(old);
  const after = flatten(next);
  const changed = [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .sort();
  return { changed, needsRestart: changed.filter(needsRestart) };
}

/** The values of the settings as canonical JSON, by path. */
function flatten(settings: Settings): ReadonlyMap<string, string> {
  const { controlPlane, ...agent } = settings;
  const flat = new Map<string, string>();
  const walk = (value: JsonValue, path: string) => {
    if (isJsonObject(value)) {
      for (const [key, member] of Object.entries(value)) walk(member, `${path}.${key}`);
      return;
    }
    if (value !== null) flat.set(path, canonicalJson(value));
  };
  // Through JSON, so that an absent value and one that is undefined are the same.
  const { url: _url, ...manifest } = agent.manifest;
  const allowUnknownFlags = controlPlane?.allowUnknownFlags;
  walk(plain({ ...agent, manifest, allowUnknownFlags }), "agent");
  walk(plain(controlPlane?.cluster ?? {}), "cluster");
  walk(plain(controlPlane?.controlPlane ?? {}), "machine.controlPlane");
  for (const document of controlPlane?.documents ?? []) walk(plain(document), document.kind);
  return new Map(Array.from(flat, ([path, value]) => [configPath(path), value]));
}

function plain(value: object): JsonValue {
  return JSON.parse(
    JSON.stringify(value, (_key, member) => typeof member === "bigint" ? String(member) : member),
  );
}

/** `agent.runtime.timeoutMs` → `agent.runtime.timeout`, as the config file has it. */
function configPath(path: string): string {
  return path.startsWith("agent.") ? path.replace(/Ms$/, "") : path;
}

function needsRestart(path: string): boolean {
  let info = describeSchema(nodeConfigSchema);
  for (const key of path.split(".")) {
    const next = info.shape.kind === "object" ? info.shape.entries.get(key) : undefined;
    if (next === undefined) return false;
    info = describeSchema(next);
    if (info.restart) return true;
  }
  return false;
}
