/**
 * The Secrets with which a pod's images are pulled.
 *
 * Source: kubernetes pkg/credentialprovider/secrets/secrets.go, `MakeDockerKeyring`: Secrets of
 * other types are ignored, and so is one that is not there.
 */
import { Buffer } from "node:buffer";
import { errorText, getOwn, isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";
import { type NodeObject, podKey, valueOf } from "../pods/mod.ts";
import { patternsIn, type PodCredentials } from "../registry/mod.ts";
import { fieldAt, type ObjectSource, type ResolveContext } from "./context.ts";
import { CONTAINER_LISTS, itemsAt, objectAt, textAt } from "./json.ts";

/** The key of the login in each type of Secret. */
const LOGIN_KEYS: Readonly<Record<string, string>> = {
  "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
  "kubernetes.io/dockercfg": ".dockercfg",
};

/**
 * The items of `imagePullSecrets` that are left for the kubelet: those whose Secret the node does
 * not have. Of the others it must not see anything: it refuses or ignores them in a static pod.
 *
 * @returns undefined if all are left
 */
export function resolvePullSecrets(
  spec: JsonObject,
  context: ResolveContext,
): readonly JsonValue[] | undefined {
  const items = itemsAt(spec, "imagePullSecrets");
  const left = items.filter((item, at) => {
    const name = isJsonObject(item) ? textAt(item, "name") : undefined;
    const object = name === undefined ? undefined : context.find("Secret", name);
    if (object === undefined) return true;
    const fault = loginFault(object);
    if (fault !== undefined) {
      context.warn(
        fieldAt(["spec", "imagePullSecrets", at]),
        "pull-secret-unusable",
        `${subjectOf(object)} gives no login: ${fault}`,
        "Make it with: kubectl create secret docker-registry NAME --dry-run=client -o yaml",
      );
    }
    return false;
  });
  return left.length === items.length ? undefined : left;
}

/** The logins that pods bring, one for each Secret, with the images that they are meant for. */
export function podCredentials(
  pods: readonly JsonObject[],
  objects: ObjectSource,
): readonly PodCredentials[] {
  const found = new Map<string, { config: string; images: Set<string> }>();
  for (const pod of pods) {
    const key = podKey(pod);
    if (key === undefined) continue;
    for (const item of itemsAt(objectAt(pod, "spec"), "imagePullSecrets")) {
      const name = isJsonObject(item) ? textAt(item, "name") : undefined;
      const object = name && objects.find("Secret", key.namespace, name) || undefined;
      const config = object && loginOf(object);
      if (object === undefined || config === undefined) continue;
      const from = subjectOf(object);
      const known = found.get(from) ?? { config, images: new Set<string>() };
      found.set(from, known);
      for (const image of podImages(pod)) known.images.add(image);
    }
  }
  return [...found].map(([from, { config, images }]) => ({
    from,
    config,
    images: [...images].sort(),
  }));
}

/** Whether a pod names Secrets to pull its images with. */
export function hasPullSecrets(pod: JsonObject): boolean {
  return itemsAt(objectAt(pod, "spec"), "imagePullSecrets").length > 0;
}

/** The images of a pod's containers and volumes, as they are written. */
export function podImages(pod: JsonObject): readonly string[] {
  const spec = objectAt(pod, "spec");
  const inLists = CONTAINER_LISTS.flatMap((list) => itemsAt(spec, list))
    .map((container) => isJsonObject(container) ? textAt(container, "image") : undefined);
  const inVolumes = itemsAt(spec, "volumes").map((volume) =>
    isJsonObject(volume) ? textAt(objectAt(volume, "image"), "reference") : undefined
  );
  return [...inLists, ...inVolumes].filter((image) => image !== undefined);
}

function loginOf(object: NodeObject): string | undefined {
  const key = getOwn(LOGIN_KEYS, object.type ?? "");
  const value = typeof key === "string" ? valueOf(object, key) : undefined;
  return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
}

/** Why a Secret gives no login; undefined if it does. */
function loginFault(object: NodeObject): string | undefined {
  const config = loginOf(object);
  if (config === undefined) {
    return `its type is ${object.type}, not ${Object.keys(LOGIN_KEYS).join(" or ")}`;
  }
  try {
    const patterns = patternsIn(config, subjectOf(object));
    return patterns.length === 0 ? "no entry of it has a user and a password" : undefined;
  } catch (error) {
    return errorText(error);
  }
}

function subjectOf({ namespace, name }: NodeObject): string {
  return `Secret ${namespace}/${name}`;
}
