/**
 * Directories for volumes that a pod mounts in another volume: a read-only one can take them only if
 * they are there before.
 *
 * Source: kubernetes pkg/volume/util/nested_volumes.go, `getNestedMountpoints`.
 */
import { posix } from "node:path";
import { isJsonObject, type JsonObject } from "../core/mod.ts";
import { CONTAINER_LISTS, itemsAt, objectAt, textAt } from "./json.ts";

/**
 * The outermost places inside a volume at which containers mount others, relative to it, sorted.
 * Names that begin with ".." are the layout's own: none is among them.
 */
export function mountPointsIn(pod: JsonObject, volume: string): readonly string[] {
  const spec = objectAt(pod, "spec");
  const found = CONTAINER_LISTS.flatMap((list) => itemsAt(spec, list)).flatMap((container) => {
    const mounts = isJsonObject(container) ? itemsAt(container, "volumeMounts") : [];
    const places = mounts.filter(isJsonObject).map((mount) => ({
      of: textAt(mount, "name"),
      path: cleaned(textAt(mount, "mountPath") ?? ""),
    }));
    return places.filter((place) => place.of === volume).flatMap(({ path: own }) =>
      places.filter(({ path }) => path.startsWith(`${own}/`)).map(({ path }) =>
        path.slice(own.length + 1)
      )
    );
  });
  const inside = [...new Set(found)].filter((path) =>
    !path.startsWith("..") && !path.split("/").includes("..")
  );
  return inside.filter((path) => !inside.some((other) => path.startsWith(`${other}/`))).sort();
}

/** Absolute, without "..", and without a slash at its end. */
function cleaned(path: string): string {
  return posix.resolve("/", path);
}
