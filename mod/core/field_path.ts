import { getOwn, isJsonObject, type JsonValue } from "./json.ts";

/** One step into a JSON value: an object key or a list index. */
export type PathSegment = string | number;

/** Where a value stands inside a document, from the root. */
export type Path = readonly PathSegment[];

/**
 * The Kubernetes notation of a path: `spec.containers[0].image`. A key that
 * cannot stand after a dot is bracketed: `metadata.labels[app.kubernetes.io/name]`.
 *
 * Source: k8s.io/apimachinery pkg/util/validation/field, `Path.String`.
 */
export function formatPath(path: Path): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (!/^[A-Za-z_$][\w$-]*$/.test(segment)) text += `[${segment}]`;
    else text += text === "" ? segment : `.${segment}`;
  }
  return text;
}

/** The value at a path; undefined if there is none. */
export function valueAt(root: JsonValue, path: Path): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const segment of path) {
    if (Array.isArray(value) && typeof segment === "number") value = value[segment];
    else if (isJsonObject(value)) value = getOwn(value, String(segment));
    else return undefined;
  }
  return value;
}
