import { isJsonObject } from "../../core/mod.ts";
import type { JsonValue } from "../../core/mod.ts";
import { FieldPath } from "../issue.ts";

/** Takes a text and where it stands; a key stands where its value does. */
export type LookAtString = (path: FieldPath, text: string, isKey: boolean) => void;

/** Shows every key and every text of a declared pod, but for what stands under these keys. */
export function visitStrings(
  value: JsonValue,
  except: ReadonlySet<string>,
  look: LookAtString,
  path?: FieldPath,
): void {
  if (typeof value === "string") {
    if (path !== undefined) look(path, value, false);
  } else if (Array.isArray(value)) {
    value.forEach((item: JsonValue, index) => visitStrings(item, except, look, path?.index(index)));
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (except.has(key)) continue;
      const place = path === undefined ? FieldPath.root(key) : path.child(key);
      look(place, key, true);
      visitStrings(item, except, look, place);
    }
  }
}
