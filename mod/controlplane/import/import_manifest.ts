/** What a manifest of a control plane component says, as far as settings can say it. */
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from "../../core/mod.ts";
import type { Arguments } from "../render/arguments.ts";
import { type Component, COMPONENTS } from "../plan.ts";

/** A pod of a manifest folder. */
export interface FolderManifest {
  /** The file, as it was named. */
  readonly file: string;
  readonly pod: JsonObject;
}

/** A manifest that looks like a control plane component. */
export interface ComponentManifest extends FolderManifest {
  readonly component: Component;
  readonly container: JsonObject;
  readonly image: string;
  readonly args: Arguments;
}

/** A volume of the node that a container mounts. */
export interface MountedPath {
  readonly name: string;
  readonly hostPath: string;
  readonly pathType: string | undefined;
  readonly mountPath: string;
  readonly readonly: boolean;
}

/**
 * Reads a manifest as a component, or says why it is none: another name, more
 * than one container, a command that is not a list of flags.
 */
export function readComponent(
  manifest: FolderManifest,
): ComponentManifest | { readonly reason: string } | undefined {
  const metadata = object(getOwn(manifest.pod, "metadata"));
  const component = COMPONENTS.find((name) => name === getOwn(metadata, "name"));
  if (component === undefined || getOwn(metadata, "namespace") !== "kube-system") return undefined;
  const spec = object(getOwn(manifest.pod, "spec"));
  const containers = list(getOwn(spec, "containers")).map(object);
  const [container, ...others] = containers;
  if (container === undefined || others.length > 0) {
    return { reason: `it has ${containers.length} containers` };
  }
  const image = getOwn(container, "image");
  const words = [...list(getOwn(container, "command")), ...list(getOwn(container, "args"))];
  const args = parseFlags(words.slice(1));
  if (typeof image !== "string" || words[0] !== component || args === undefined) {
    return { reason: `its command is not "${component}" with flags` };
  }
  return { ...manifest, component, container, image, args };
}

/** The paths of the node that the component mounts, in order of the mounts. */
export function mountedPaths(manifest: ComponentManifest): readonly MountedPath[] {
  const spec = object(getOwn(manifest.pod, "spec"));
  const hostPaths = new Map(
    list(getOwn(spec, "volumes")).map(object).map((volume) => [
      getOwn(volume, "name"),
      object(getOwn(volume, "hostPath")),
    ]),
  );
  return list(getOwn(manifest.container, "volumeMounts")).map(object).flatMap((mount) => {
    const name = text(getOwn(mount, "name"));
    const source = hostPaths.get(name);
    const hostPath = source === undefined ? undefined : text(getOwn(source, "path"));
    const mountPath = text(getOwn(mount, "mountPath"));
    if (name === undefined || hostPath === undefined || mountPath === undefined) return [];
    return [{
      name,
      hostPath,
      pathType: text(getOwn(source ?? {}, "type")),
      mountPath,
      readonly: getOwn(mount, "readOnly") === true,
    }];
  });
}

/** Environment variables with plain values; undefined if one has another source. */
export function plainEnv(manifest: ComponentManifest): JsonObject | undefined {
  const env: Record<string, string> = {};
  for (const variable of list(getOwn(manifest.container, "env")).map(object)) {
    const [name, value] = [text(getOwn(variable, "name")), getOwn(variable, "value") ?? ""];
    if (name === undefined || typeof value !== "string" || "valueFrom" in variable) {
      return undefined;
    }
    // Rendering doubles dollars again.
    env[name] = value.replaceAll("$$", "$");
  }
  return env;
}

/** Flags given as `--name=value`; a bare `--name` is true. Undefined for any other word. */
function parseFlags(words: readonly JsonValue[]): Arguments | undefined {
  const flags: Record<string, string | string[]> = {};
  for (const word of words) {
    const match = typeof word === "string"
      ? /^--([a-z][a-z0-9.-]*)(?:=([\s\S]*))?$/.exec(word)
      : null;
    if (match?.[1] === undefined) return undefined;
    const [name, value] = [match[1], match[2] ?? "true"];
    const before = flags[name];
    flags[name] = before === undefined
      ? value
      : [...(typeof before === "string" ? [before] : before), value];
  }
  return flags;
}

/** The object, or an empty one for anything else. */
export function object(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** The list, or an empty one for anything else. */
export function list(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
