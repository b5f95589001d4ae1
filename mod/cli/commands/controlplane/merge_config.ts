/** A config that is there already, with what was imported: nothing else of it changes, comments neither. */
import { editValue } from "../../../change/mod.ts";
import { canonicalJson, isJsonObject, type JsonObject, UsageError } from "../../../core/mod.ts";
import { parseYaml } from "../../../yaml/mod.ts";

/**
 * The text of a config with imported pods and settings in it.
 *
 * @param file its path, for errors
 * @param imported `machine.pods` and `cluster`, each if there is any
 * @returns the same text if it says all of it already
 * @throws {UsageError} if it declares such a pod, or a control plane, in another way
 * @throws {PodsteadError} if it is written in a way that has no small edit
 */
export function mergeConfig(text: string, file: string, imported: JsonObject): string {
  const { documents, problems } = parseYaml(text, file);
  const before = documents[0]?.value ?? {};
  if (problems.length > 0 || !isJsonObject(before)) {
    throw new UsageError(`Cannot merge into "${file}": it cannot be read`, {
      hint: "See what is wrong with it: `podstead validate`",
    });
  }
  if (isJsonObject(before["cluster"]) && imported["cluster"] !== undefined) {
    if (canonicalJson(before["cluster"]) !== canonicalJson(imported["cluster"])) {
      throw new UsageError(`Cannot merge into "${file}": it has other settings in "cluster"`, {
        hint: "Leave --yes out and compare what is printed with it",
      });
    }
  }
  const declared = podsOf(before);
  const added = podsOf(imported).filter((pod) => {
    const same = declared.find((one) => keyOf(one) === keyOf(pod));
    if (same === undefined) return true;
    if (canonicalJson(same) === canonicalJson(pod)) return false;
    throw new UsageError(`Cannot merge into "${file}": it declares ${keyOf(pod)} otherwise`, {
      hint: "Leave --yes out and compare what is printed with it",
    });
  });
  const machine = isJsonObject(before["machine"]) ? before["machine"] : {};
  const after: JsonObject = {
    ...before,
    ...(added.length === 0 ? {} : { machine: { ...machine, pods: [...declared, ...added] } }),
    ...(imported["cluster"] === undefined ? {} : { cluster: imported["cluster"] }),
  };
  if (canonicalJson(before) === canonicalJson(after)) return text;
  return editValue(text, file, { document: 0, path: [] }, after);
}

function podsOf({ machine }: JsonObject): readonly JsonObject[] {
  const pods = isJsonObject(machine) ? machine["pods"] : undefined;
  return Array.isArray(pods) ? pods.filter(isJsonObject) : [];
}

function keyOf({ metadata }: JsonObject): string {
  const { namespace, name } = isJsonObject(metadata) ? metadata : {};
  return `${String(namespace ?? "default")}/${String(name)}`;
}
