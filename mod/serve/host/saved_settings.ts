import type { Settings } from "../../config/mod.ts";
import { getOwn, isJsonObject, type JsonObject } from "../../core/mod.ts";

/**
 * The last good settings, as an earlier start saved them, with the defaults of
 * those that this version has and the one that saved them did not.
 */
export function savedSettings(
  saved: JsonObject | undefined,
  defaults: Settings,
): Settings | undefined {
  if (saved === undefined) return undefined;
  const merged = Object.entries(defaults).map(([name, value]) => {
    const before = getOwn(saved, name);
    if (before === undefined) return [name, value];
    const isGroup = isJsonObject(before) && isJsonObject(value) && name !== "controlPlane";
    return [name, isGroup ? { ...value, ...before } : before];
  });
  return Object.fromEntries(merged) as unknown as Settings; // every name of the defaults
}
