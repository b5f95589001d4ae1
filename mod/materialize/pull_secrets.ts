/**
 * The Secrets with which a pod's images are pulled.
 *
 * Source: kubernetes pkg/credentialprovider/secrets/secrets.go, `MakeDockerKeyring`: Secrets of
 * other types are ignored, and so is one that is not there.
 */
import { Buffer } from "node:buffer";
import { errorText, isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";
import { isSealed, type NodeObject, podKey, PULL_SECRET_UNUSABLE, valueOf } from "../pods/mod.ts";
import { patternsIn, type PodCredentials } from "../registry/mod.ts";
import { fieldAt, type ObjectSource, type ResolveContext } from "./context.ts";
import { CONTAINER_LISTS, itemsAt, objectAt, textAt } from "./json.ts";
import type { Unseal } from "./unseal.ts";

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
    const config = loginOf(object);
    const place = fieldAt(["spec", "imagePullSecrets", at]);
    const opened = config && context.read(object, config.key, config.value, place);
    if (config !== undefined && opened === undefined) return false; // an error now
    const fault = loginFault(object, opened);
    if (fault !== undefined) {
      context.warn(
        place,
        PULL_SECRET_UNUSABLE,
        `${subjectOf(object)} gives no login: ${fault}`,
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
  unseal?: Unseal,
): readonly PodCredentials[] {
  const found = new Map<string, { config: string; images: Set<string> }>();
  for (const pod of pods) {
    const key = podKey(pod);
    if (key === undefined) continue;
    for (const item of itemsAt(objectAt(pod, "spec"), "imagePullSecrets")) {
      const name = isJsonObject(item) ? textAt(item, "name") : undefined;
      const object = name && objects.find("Secret", key.namespace, name) || undefined;
      const config = object && openedLogin(object, unseal);
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

/** The login of a Secret as it is written, in base64. */
function loginOf(object: NodeObject): { readonly key: string; readonly value: string } | undefined {
  const key = Object.hasOwn(LOGIN_KEYS, object.type ?? "")
    ? LOGIN_KEYS[object.type ?? ""]
    : undefined;
  const value = key === undefined ? undefined : valueOf(object, key);
  return key === undefined || value === undefined ? undefined : { key, value };
}

function openedLogin(object: NodeObject, unseal: Unseal | undefined): string | undefined {
  const value = loginOf(object)?.value;
  if (value === undefined) return undefined;
  const opened = isSealed(value) ? unseal?.(value) : { value };
  return opened !== undefined && "value" in opened ? fromBase64(opened.value) : undefined;
}

/** Why a Secret gives no login; undefined if it does. @param opened its login, in base64 */
function loginFault(object: NodeObject, opened: string | undefined): string | undefined {
  if (opened === undefined) {
    return `its type is ${object.type}, not ${Object.keys(LOGIN_KEYS).join(" or ")}`;
  }
  if (opened === "") return undefined; // sealed, and not to be looked into
  try {
    const patterns = patternsIn(fromBase64(opened), subjectOf(object));
    return patterns.length === 0 ? "no entry of it has a user and a password" : undefined;
  } catch (error) {
    return errorText(error);
  }
}

function fromBase64(value: string): string {
  return Buffer.from(value, "base64").toString("utf8");
}

function subjectOf({ namespace, name }: NodeObject): string {
  return `Secret ${namespace}/${name}`;
}
