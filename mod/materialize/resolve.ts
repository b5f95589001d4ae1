/** A pod with what it takes from ConfigMaps and Secrets in place of its references. */
import { createHash } from "node:crypto";
import {
  canonicalJson,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Path,
} from "../core/mod.ts";
import { type PodIssue, podKey, SECRET_IN_ENV, specHash } from "../pods/mod.ts";
import { ResolveContext, type ResolveOptions } from "./context.ts";
import { refersInEnv, resolveEnv } from "./env.ts";
import { CONTAINER_LISTS, itemsAt, objectAt } from "./json.ts";
import { resolvePullSecrets } from "./pull_secrets.ts";
import { restartsOnConfig } from "./restart_on.ts";
import { isOfObjects, resolveVolume, withReadOnlyMounts } from "./volumes.ts";
import type { VolumeFiles } from "./volume_files.ts";

/**
 * Of what the files of a pod hold, on pods that restart when it changes: the kubelet must see
 * another pod then.
 */
export const CONFIG_HASH_ANNOTATION = "podstead.dev/config-hash";

/** A pod to which a secret in its environment is worth that an API server shows it. */
export const SECRET_ENV_ANNOTATION = "podstead.dev/secret-env";

/** Hexadecimal digits of a hash: those of a spec hash. */
const HASH_LENGTH = 16;

/** What happened to a pod that refers to objects. */
export interface Resolution {
  /** What is served: with literals and directories of the node. */
  readonly pod: JsonObject;
  /**
   * Tells its version: of the declared pod, and of the values that go into its environment. Files
   * are no part of it, unless the pod restarts when they change.
   */
  readonly hash: string;
  readonly volumes: readonly VolumeFiles[];
  /** Where `pod` has sealed values in an environment: they are opened when it is served. */
  readonly sealed: readonly Path[];
  /** The keys of the objects that it uses, such as `ConfigMap default/app`, sorted. */
  readonly objects: readonly string[];
  /** Whether these are Secrets to pull images with, and nothing else. */
  readonly onlyPullSecrets: boolean;
  /** With any of them the pod cannot be served. */
  readonly errors: readonly PodIssue[];
  readonly warnings: readonly PodIssue[];
  /** Where a place of `pod` was declared. */
  readonly originOf: (path: Path) => Path;
}

/**
 * Resolves a pod's references. Never throws.
 *
 * @returns undefined for a pod without references, which is served as it is
 */
export function resolvePod(pod: JsonObject, options: ResolveOptions): Resolution | undefined {
  const spec = getOwn(pod, "spec");
  if (!isJsonObject(spec) || !mayRefer(spec)) return undefined;
  const key = podKey(pod);
  if (key === undefined) return undefined;
  const context = new ResolveContext(key, options);
  const volumes: VolumeFiles[] = [];
  const newVolumes = itemsAt(spec, "volumes").map((volume, at) => {
    const resolved = resolveVolume(volume, ["spec", "volumes", at], pod, context);
    if (resolved !== undefined) volumes.push(resolved.files);
    return resolved?.volume ?? volume;
  });
  const names = new Set(volumes.map(({ volume }) => volume));
  const origins = new Map<string, readonly Path[]>();
  const sealed: Path[] = [];
  const lists = CONTAINER_LISTS.flatMap((list) => {
    const containers = getOwn(spec, list);
    if (!Array.isArray(containers)) return [];
    return [[
      list,
      containers.map((container: JsonValue, at) => {
        if (!isJsonObject(container)) return container;
        const resolved = resolveEnv(container, ["spec", list, at], context);
        if (resolved !== undefined) {
          origins.set(`${list} ${at}`, resolved.origins);
          for (const item of resolved.sealed) sealed.push(["spec", list, at, "env", item, "value"]);
        }
        return withReadOnlyMounts(resolved?.container ?? container, names);
      }),
    ]] as const;
  });
  const pullSecrets = resolvePullSecrets(spec, context);
  const onlyPullSecrets = volumes.length === 0 && origins.size === 0;
  if (onlyPullSecrets && pullSecrets === undefined) return undefined;
  const config = restartsOnConfig(pod, context) ? digest(canonicalJson(plain(volumes))) : undefined;
  tellOfSecrets(pod, context);
  const { imagePullSecrets: declaredSecrets, ...restOfSpec } = spec;
  const keptSecrets = pullSecrets ?? declaredSecrets;
  const resolved = {
    ...pod,
    spec: {
      ...restOfSpec,
      ...(keptSecrets === undefined || pullSecrets?.length === 0
        ? {}
        : { imagePullSecrets: keptSecrets }),
      ...(volumes.length === 0 ? {} : { volumes: newVolumes }),
      ...Object.fromEntries(lists),
    },
  };
  const served = config === undefined ? resolved : annotated(resolved, config);
  return {
    pod: served,
    hash: servedHash(pod, served),
    volumes,
    sealed,
    objects: [...context.used.keys()].sort(),
    onlyPullSecrets,
    errors: context.errors,
    warnings: context.warnings,
    originOf: (path) => originIn(origins, path),
  };
}

/** Whether specs, which are never changed, have anything to resolve: most of a node have nothing. */
const referring = new WeakMap<JsonObject, boolean>();

function mayRefer(spec: JsonObject): boolean {
  const known = referring.get(spec);
  if (known !== undefined) return known;
  const refers = itemsAt(spec, "imagePullSecrets").length > 0 ||
    itemsAt(spec, "volumes").some(isOfObjects) ||
    CONTAINER_LISTS.some((list) => itemsAt(spec, list).some(refersInEnv));
  referring.set(spec, refers);
  return refers;
}

/**
 * The hash of a pod that is served otherwise than it is declared, from the two: so a stored one can
 * be checked.
 */
export function servedHash(declared: JsonObject, served: JsonObject): string {
  const [from, to] = [objectAt(declared, "spec"), objectAt(served, "spec")];
  const environments = CONTAINER_LISTS.map((list) =>
    itemsAt(from, list).map((container, at) => {
      const resolved = itemsAt(to, list)[at];
      if (!refersInEnv(container) || !isJsonObject(resolved)) return null;
      return getOwn(resolved, "env") ?? [];
    })
  );
  const annotations = objectAt(objectAt(served, "metadata"), "annotations");
  const config = getOwn(annotations, CONFIG_HASH_ANNOTATION) ?? null;
  return digest(canonicalJson([specHash(declared), environments, config]));
}

function annotated(pod: JsonObject, config: string): JsonObject {
  const metadata = objectAt(pod, "metadata");
  const annotations = { ...objectAt(metadata, "annotations"), [CONFIG_HASH_ANNOTATION]: config };
  return { ...pod, metadata: { ...metadata, annotations } };
}

/** Values of Secrets in an environment are no secrets to many: once a pod, at the first place. */
function tellOfSecrets(pod: JsonObject, context: ResolveContext): void {
  const [place] = context.secretsInEnv;
  if (place === undefined) return;
  const annotations = objectAt(objectAt(pod, "metadata"), "annotations");
  const isAllowed = getOwn(annotations, SECRET_ENV_ANNOTATION) === "allow";
  const hint = "Mount the Secret as a volume, and let the program read the file";
  if (context.options.hasApiServer && !isAllowed) {
    context.error(
      place,
      "Forbidden",
      "the value would be shown to everyone who may read pods in the API server",
      `${hint}; or annotate the pod with ${SECRET_ENV_ANNOTATION}: allow`,
    );
  } else if (!isAllowed) {
    context.warn(
      place,
      SECRET_IN_ENV,
      "the value can be read in the served list, in the kubelet's /pods and in the container " +
        "runtime, and in an API server by everyone who may read pods",
    );
  }
}

/** A place of the environment goes to where its variable came from; the others are the same. */
function originIn(origins: ReadonlyMap<string, readonly Path[]>, path: Path): Path {
  const [spec, list, at, field, index, ...rest] = path;
  if (spec !== "spec" || field !== "env" || typeof index !== "number") return path;
  const origin = origins.get(`${list} ${at}`)?.[index];
  if (origin === undefined) return path;
  // A literal has no other parts than the reference that it came from.
  return origin.at(-2) === "env" ? [...origin, ...rest] : origin;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
}

function plain(volumes: readonly VolumeFiles[]): JsonValue {
  return volumes.map(({ volume, files }) => ({
    volume,
    files: files.map(({ path, data, mode }) => ({ path, data, mode })),
  }));
}
