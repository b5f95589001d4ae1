import {
  canonicalJson,
  formatPath,
  getOwn,
  isJsonObject,
  type JsonValue,
  type Path,
} from "../core/mod.ts";

/**
 * The fields in which two versions of a pod differ, the smallest ones that do,
 * in the kubelet's notation: `spec.containers[0].image`. Sorted as they stand
 * in the pod; empty for equal ones.
 */
export function changedFields(before: JsonValue, after: JsonValue): readonly string[] {
  const fields: string[] = [];
  compare(before, after, [], fields);
  return fields;
}

function compare(before: JsonValue, after: JsonValue, path: Path, fields: string[]): void {
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [left, right] = [getOwn(before, key), getOwn(after, key)];
      if (left === undefined || right === undefined) fields.push(formatPath([...path, key]));
      else compare(left, right, [...path, key], fields);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    const [left, right]: readonly (readonly JsonValue[])[] = [before, after];
    for (let index = 0; index < Math.max(left?.length ?? 0, right?.length ?? 0); index++) {
      const [one, other] = [left?.[index], right?.[index]];
      if (one === undefined || other === undefined) fields.push(formatPath([...path, index]));
      else compare(one, other, [...path, index], fields);
    }
  } else if (canonicalJson(before) !== canonicalJson(after)) {
    fields.push(formatPath(path));
  }
}
