/** JSON Patch (RFC 6902), as `kubectl patch --type=json` takes it. */
import { applyPatch, type Operation } from "rfc6902";
import { isJsonObject, PodsteadError } from "../../core/mod.ts";
import type { JsonObject, JsonValue } from "../../core/mod.ts";

const OPERATIONS = ["add", "remove", "replace", "move", "copy", "test"];

/**
 * Applies the operations in order, all or none.
 *
 * @throws {PodsteadError} naming the first operation that does not fit
 */
export function jsonPatch(pod: JsonObject, patch: JsonValue): JsonObject {
  if (!Array.isArray(patch)) {
    throw new PodsteadError("usage", "A JSON patch must be a list of operations", {
      hint: `For example '[{"op":"replace","path":"/spec/hostNetwork","value":true}]'`,
    });
  }
  patch.forEach(checkOperation);
  const result = structuredClone(pod);
  // Checked above; the library itself checks paths and values.
  const errors = applyPatch(result, patch as unknown as Operation[]);
  for (const [at, error] of errors.entries()) {
    if (error === null) continue;
    const { op, path } = patch[at] as JsonObject; // checked above
    throw new PodsteadError(
      "usage",
      `Cannot apply operation ${at + 1} of the JSON patch (${op} ${path}): ${
        error.name === "TestError" ? "the value there is another one" : "there is no such place"
      }`,
      { hint: 'See what is there: "podstead get sp -o yaml"' },
    );
  }
  return result;
}

function checkOperation(operation: JsonValue, at: number): void {
  const { op = null, path = null } = isJsonObject(operation) ? operation : {};
  if (typeof op === "string" && OPERATIONS.includes(op) && /^(\/|$)/.test(String(path))) return;
  throw new PodsteadError(
    "usage",
    `Operation ${at + 1} of the JSON patch needs "op" (${OPERATIONS.join(", ")}) and "path"`,
    { hint: 'A path begins with "/", such as /spec/containers/0/image' },
  );
}
