import { Buffer } from "node:buffer";
import { getOwn, isJsonObject, type JsonObject } from "../../core/mod.ts";

/** The spec of a Secret without its values: each stands as its size. */
export function withoutValues(spec: JsonObject): JsonObject {
  const data = getOwn(spec, "data");
  if (!isJsonObject(data)) return spec;
  const hidden = Object.entries(data).map(([key, value]) => {
    const size = typeof value === "string" ? Buffer.byteLength(value, "base64") : 0;
    return [key, `(hidden, ${size} ${size === 1 ? "byte" : "bytes"})`];
  });
  return { ...spec, data: Object.fromEntries(hidden) };
}
