/**
 * Volumes of ConfigMaps and Secrets, as files in a directory of the node.
 *
 * Source: kubernetes pkg/volume/configmap, pkg/volume/secret and pkg/volume/projected,
 * `MakePayload` and `collectData`.
 */
import { join } from "node:path";
import { getOwn, isJsonObject, type JsonObject, type JsonValue, type Path } from "../core/mod.ts";
import { fileKeys, isSealed, type ObjectKind, valueOf } from "../pods/mod.ts";
import { fieldAt, type ResolveContext } from "./context.ts";
import { fieldPathOf, fieldText, fileData } from "./downward.ts";
import { integerAt, isOptional, itemsAt, objectAt, textAt } from "./json.ts";
import { mountPointsIn } from "./mount_points.ts";
import { cleanPath, type VolumeFile, type VolumeFiles } from "./volume_files.ts";

/** The mode of files that name none. */
const DEFAULT_MODE = 0o644;

/** What the group that a pod asks for may do at least (kubelet: pkg/volume/volume_linux.go). */
const GROUP_READS = 0o440;

/** A volume with its files, and what stands in its place. */
export interface ResolvedVolume {
  readonly volume: JsonObject;
  readonly files: VolumeFiles;
}

/** The sources of volumes that may name ConfigMaps and Secrets. */
const SOURCES = ["configMap", "secret", "projected"];

/** Whether a volume may be of ConfigMaps and Secrets. */
export function isOfObjects(volume: JsonValue): boolean {
  return isJsonObject(volume) && SOURCES.some((source) => source in volume);
}

/**
 * Resolves one volume.
 *
 * @param path of the volume, from the pod's root
 * @returns undefined if it is of another sort, or cannot be known
 */
export function resolveVolume(
  value: JsonValue,
  path: Path,
  pod: JsonObject,
  context: ResolveContext,
): ResolvedVolume | undefined {
  if (!isJsonObject(value)) return undefined;
  const name = textAt(value, "name");
  const source = SOURCES.find((key) => key in value);
  // Two sources are a mistake of which the kubelet's own rules tell.
  if (name === undefined || source === undefined || Object.keys(value).length !== 2) {
    return undefined;
  }
  const body = objectAt(value, source);
  const files = new Map<string, VolumeFile>();
  const mode = integerAt(body, "defaultMode") ?? DEFAULT_MODE;
  const building = { files, mode, context, pod };
  if (source === "projected") {
    if (!isKnown(body)) return undefined;
    itemsAt(body, "sources").forEach((part, at) =>
      takeProjection(part, [...path, "projected", "sources", at], building)
    );
  } else {
    const kind = source === "secret" ? "Secret" : "ConfigMap";
    const nameKey = source === "secret" ? "secretName" : "name";
    if (textAt(body, nameKey) === undefined) return undefined;
    takeObject(kind, body, nameKey, [...path, source], building);
  }
  const gid = integerAt(objectAt(objectAt(pod, "spec"), "securityContext"), "fsGroup");
  const { namespace, name: podName } = context.key;
  const directory = join(context.options.volumesDirectory, namespace, podName, name);
  const mountPoints = mountPointsIn(pod, name);
  return {
    volume: { name, hostPath: { path: directory, type: "Directory" } },
    files: {
      volume: name,
      directory,
      ...(gid === undefined ? {} : { gid }),
      ...(source === "configMap" ? {} : { sticky: true }),
      ...(mountPoints.length === 0 ? {} : { mountPoints }),
      files: [...files.values()].map((file) =>
        gid === undefined ? file : { ...file, mode: file.mode | GROUP_READS }
      ).sort((left, right) => left.path < right.path ? -1 : 1),
    },
  };
}

interface Building {
  /** By path; the later source wins. */
  readonly files: Map<string, VolumeFile>;
  readonly mode: number;
  readonly context: ResolveContext;
  readonly pod: JsonObject;
}

/** Whether a projected volume has a part of an object, and none that only an API server knows. */
function isKnown(projected: JsonObject): boolean {
  const parts = itemsAt(projected, "sources").map((part) => isJsonObject(part) ? part : {});
  const kindOf = (part: JsonObject) => {
    const keys = Object.keys(part);
    return keys.length === 1 ? keys[0] ?? "" : "";
  };
  const kinds = parts.map(kindOf);
  return kinds.some((kind) => kind === "configMap" || kind === "secret") &&
    kinds.every((kind) => ["configMap", "secret", "downwardAPI"].includes(kind)) &&
    parts.every((part, at) =>
      kinds[at] === "downwardAPI" || textAt(objectAt(part, kinds[at] ?? ""), "name") !== undefined
    );
}

function takeProjection(part: JsonValue, path: Path, building: Building): void {
  if (!isJsonObject(part)) return;
  const [kind = ""] = Object.keys(part);
  const body = objectAt(part, kind);
  if (kind === "configMap") takeObject("ConfigMap", body, "name", [...path, kind], building);
  if (kind === "secret") takeObject("Secret", body, "name", [...path, kind], building);
  if (kind === "downwardAPI") {
    itemsAt(body, "items").forEach((item, at) =>
      takeField(item, [...path, kind, "items", at], building)
    );
  }
}

function takeObject(
  kind: ObjectKind,
  body: JsonObject,
  nameKey: string,
  path: Path,
  building: Building,
): void {
  const { context } = building;
  const name = textAt(body, nameKey) ?? "";
  const object = context.find(kind, name);
  if (object === undefined) {
    if (!isOptional(body)) context.missingObject(fieldAt(path), kind, name);
    return;
  }
  const items = itemsAt(body, "items");
  const wanted = items.length === 0
    ? fileKeys(object).map((key) => ({ key, path: key, mode: undefined, at: path }))
    : items.map((item, at) => ({
      key: isJsonObject(item) ? textAt(item, "key") ?? "" : "",
      path: isJsonObject(item) ? textAt(item, "path") ?? "" : "",
      mode: isJsonObject(item) ? integerAt(item, "mode") : undefined,
      at: [...path, "items", at],
    }));
  for (const one of wanted) {
    const data = valueOf(object, one.key);
    if (data === undefined) {
      if (!isOptional(body)) context.missingKey(fieldAt([...one.at, "key"]), object, one.key);
      continue;
    }
    if (context.read(object, one.key, data, fieldAt(one.at)) === undefined) continue;
    const sealed = kind === "Secret" && isSealed(data) ? { sealed: true } as const : {};
    put({ path: one.path, data, mode: one.mode ?? building.mode, ...sealed }, one.at, building);
  }
}

function takeField(item: JsonValue, path: Path, building: Building): void {
  const { context, pod } = building;
  const field = isJsonObject(item) ? fieldPathOf(item) : undefined;
  const text = field === undefined
    ? undefined
    : fieldText(pod, context.key.namespace, context.options.nodeName, field);
  if (!isJsonObject(item) || text === undefined) {
    context.error(
      fieldAt(path),
      "Forbidden",
      "its value is not known before the pod runs, and its volume holds objects of the node",
      "Put it into a volume of its own (downwardAPI), which the kubelet fills by itself",
    );
    return;
  }
  const mode = integerAt(item, "mode") ?? building.mode;
  put({ path: textAt(item, "path") ?? "", data: fileData(text), mode }, path, building);
}

function put(given: VolumeFile, at: Path, { files, context }: Building): void {
  const clean = cleanPath(given.path);
  if ("fault" in clean) {
    const hint = "Write a path inside the volume";
    context.error(fieldAt(at), "Invalid value", `the path "${given.path}" ${clean.fault}`, hint);
    return;
  }
  const file = { ...given, ...clean };
  // A file where another source has a directory, or the other way round: there is no order in it.
  const clash = [...files.keys()].find((other) =>
    other.startsWith(`${file.path}/`) || file.path.startsWith(`${other}/`)
  );
  if (clash === undefined) files.set(file.path, file);
  else {
    context.error(
      fieldAt(at),
      "Invalid value",
      `the path "${file.path}" is in conflict with "${clash}": one is a directory of the other`,
      "Choose another path",
    );
  }
}

/** The pod's containers with every mount of these volumes read-only, as the kubelet makes them. */
export function withReadOnlyMounts(
  container: JsonObject,
  volumes: ReadonlySet<string>,
): JsonObject {
  const mounts = getOwn(container, "volumeMounts");
  if (!Array.isArray(mounts)) return container;
  let changed = false;
  const readOnly = mounts.map((mount: JsonValue) => {
    if (!isJsonObject(mount) || !volumes.has(textAt(mount, "name") ?? "")) return mount;
    changed = true;
    return { ...mount, readOnly: true };
  });
  return changed ? { ...container, volumeMounts: readOnly } : container;
}
