import { getOwn, type JsonObject } from "../core/mod.ts";
import { fieldAt, type ResolveContext } from "./context.ts";
import { objectAt } from "./json.ts";

/** `config`: a change of the objects in a pod's volumes restarts it, instead of its files alone. */
export const RESTART_ON_ANNOTATION = "podstead.dev/restart-on";

/** Whether a pod asks for a restart when its files change; any other wish is an error. */
export function restartsOnConfig(pod: JsonObject, context: ResolveContext): boolean {
  const wish = getOwn(objectAt(objectAt(pod, "metadata"), "annotations"), RESTART_ON_ANNOTATION);
  if (wish === undefined || wish === "config") return wish !== undefined;
  const place = fieldAt(["metadata", "annotations", RESTART_ON_ANNOTATION]);
  context.error(place, "Unsupported value", 'supported values: "config"', 'Write "config"');
  return false;
}
