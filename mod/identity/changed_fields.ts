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
  return changedPaths(before, after).map((path) => formatPath(path));
}

/** The same fields as paths. */
export function changedPaths(before: JsonValue, after: JsonValue): readonly Path[] {
  const paths: Path[] = [];
  compare(before, after, [], paths);
  return paths;
}

function compare(before: JsonValue, after: JsonValue, path: Path, paths: Path[]): void {
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [left, right] = [getOwn(before, key), getOwn(after, key)];
      if (left === undefined || right === undefined) paths.push([...path, key]);
      else compare(left, right, [...path, key], paths);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    const [left, right]: readonly (readonly JsonValue[])[] = [before, after];
    for (let index = 0; index < Math.max(left?.length ?? 0, right?.length ?? 0); index++) {
      const [one, other] = [left?.[index], right?.[index]];
      if (one === undefined || other === undefined) paths.push([...path, index]);
      else compare(one, other, [...path, index], paths);
    }
  } else if (canonicalJson(before) !== canonicalJson(after)) {
    paths.push(path);
  }
}
