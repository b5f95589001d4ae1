import { isJsonObject, type JsonObject } from "../../core/mod.ts";

/** What stands for an address while the node has none. */
const NONE = "127.0.0.1";

/**
 * The node's address, or the one that it had when it was last known. podstead is
 * started before the kubelet and maybe before the network is up; a control plane
 * that was rendered for another address meanwhile would be restarted, twice.
 *
 * @param current as the interfaces have it now
 * @param settings the settings of the last run, as the state keeps them
 */
export function knownAddress(current: string, settings: JsonObject | undefined): string {
  const node = settings?.["node"];
  const before = isJsonObject(node) ? node["address"] : undefined;
  return current === NONE && typeof before === "string" ? before : current;
}
