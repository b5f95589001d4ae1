import { getOwn, isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";

/** When an image is fetched from its registry. */
export type PullPolicy = "Always" | "IfNotPresent" | "Never";

/** An image that a pod needs to run. */
export interface NeededImage {
  /** As in the pod: `nginx`, `nginx:1.25`, `registry/path@sha256:…`. */
  readonly name: string;
  readonly policy: PullPolicy;
}

/**
 * The images of a pod's containers and image volumes, each once with its
 * strictest policy, in the order in which they are declared.
 *
 * Source: kubernetes pkg/apis/core/v1 `SetDefaults_Container`: without a policy
 * an image is pulled always if its tag is `latest`, or if it has neither tag nor
 * digest; otherwise if it is not there.
 */
export function neededImages(pod: JsonObject): readonly NeededImage[] {
  const spec = asObject(getOwn(pod, "spec"));
  const found = [
    ...listOf(spec, "initContainers").map((one) => needed(one, "image", "imagePullPolicy")),
    ...listOf(spec, "containers").map((one) => needed(one, "image", "imagePullPolicy")),
    ...listOf(spec, "volumes").map((one) =>
      needed(asObject(getOwn(one, "image")), "reference", "pullPolicy")
    ),
  ].filter((image) => image !== undefined);
  const strictness: readonly PullPolicy[] = ["Never", "IfNotPresent", "Always"];
  const byName = new Map<string, NeededImage>();
  for (const image of found) {
    const other = byName.get(image.name);
    const stricter = other === undefined ||
      strictness.indexOf(image.policy) > strictness.indexOf(other.policy);
    if (stricter) byName.set(image.name, image);
  }
  return [...byName.values()];
}

function needed(
  owner: JsonObject,
  nameField: string,
  policyField: string,
): NeededImage | undefined {
  const name = getOwn(owner, nameField);
  if (typeof name !== "string" || name === "") return undefined;
  const policy = getOwn(owner, policyField);
  if (policy === "Always" || policy === "IfNotPresent" || policy === "Never") {
    return { name, policy };
  }
  const tag = /[:@]([^:@/]+)$/.exec(name)?.[1];
  return { name, policy: tag === undefined || tag === "latest" ? "Always" : "IfNotPresent" };
}

function listOf(object: JsonObject, field: string): readonly JsonObject[] {
  const value = getOwn(object, field);
  return Array.isArray(value) ? value.filter((one: JsonValue) => isJsonObject(one)) : [];
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
