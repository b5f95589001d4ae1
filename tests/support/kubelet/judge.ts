import { getOwn, isJsonObject, type JsonObject, type JsonValue } from "../../../mod/core/mod.ts";

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Volume sources that name an API object; kubelet gate `PreventStaticPodAPIReferences`. */
const API_VOLUMES = [
  "configMap",
  "secret",
  "csi",
  "glusterfs",
  "persistentVolumeClaim",
  "ephemeral",
  "azureFile",
];

/**
 * The kubelet's first reasons to refuse a pod: its name, its containers, its
 * references to API objects. The stand-in's own opinion, short and independent
 * of `mod/pods`, so that a mistake there shows in the tests.
 *
 * @returns each reason in the form `path: Reason`; none when the pod passes
 */
export function judgeStructure(pod: JsonObject): readonly string[] {
  const reasons: string[] = [];
  const metadata = objectOf(pod["metadata"]);
  const name = getOwn(metadata, "name");
  if (typeof name !== "string" || !SUBDOMAIN.test(name) || name.length > 253) {
    reasons.push(`metadata.name: Invalid value: ${JSON.stringify(name)}`);
  }
  const namespace = getOwn(metadata, "namespace");
  if (typeof namespace !== "string" || !LABEL.test(namespace) || namespace.length > 63) {
    reasons.push(`metadata.namespace: Invalid value: ${JSON.stringify(namespace)}`);
  }
  for (const field of ["labels", "annotations"]) {
    const values = getOwn(metadata, field);
    if (values !== undefined && values !== null && !isTextMap(values)) {
      reasons.push(`metadata.${field}: Invalid value`);
    }
  }
  const spec = objectOf(pod["spec"]);
  const containers = listOf(spec["containers"]);
  if (containers.length === 0) reasons.push("spec.containers: Required value");
  const seen = new Set<string>();
  for (const field of ["initContainers", "containers"]) {
    listOf(spec[field]).forEach((container, index) => {
      judgeContainer(objectOf(container), `spec.${field}[${index}]`, seen, reasons);
    });
  }
  if (listOf(spec["ephemeralContainers"]).length > 0) {
    reasons.push("spec.ephemeralContainers: Forbidden");
  }
  for (const field of ["serviceAccountName", "serviceAccount"]) {
    if (spec[field] !== undefined && spec[field] !== "") {
      reasons.push(`spec.${field}: static pods may not reference serviceaccounts`);
    }
  }
  const policy = spec["restartPolicy"];
  if (policy !== undefined && !["Always", "OnFailure", "Never"].includes(String(policy))) {
    reasons.push(`spec.restartPolicy: Unsupported value: ${JSON.stringify(policy)}`);
  }
  listOf(spec["volumes"]).forEach((volume, index) => {
    const source = API_VOLUMES.find((kind) => isJsonObject(objectOf(volume)[kind]));
    if (source !== undefined) {
      reasons.push(`spec.volumes[${index}].${source}: static pods may not reference API objects`);
    }
  });
  return reasons;
}

function judgeContainer(
  container: JsonObject,
  path: string,
  seen: Set<string>,
  reasons: string[],
): void {
  const name = container["name"];
  if (typeof name !== "string" || !LABEL.test(name) || name.length > 63) {
    reasons.push(`${path}.name: ${name === undefined ? "Required value" : "Invalid value"}`);
  } else if (seen.has(name)) {
    reasons.push(`${path}.name: Duplicate value: ${JSON.stringify(name)}`);
  } else {
    seen.add(name);
  }
  const image = container["image"];
  if (typeof image !== "string" || image === "") reasons.push(`${path}.image: Required value`);
  for (const field of ["command", "args"]) {
    const value = container[field];
    if (value === undefined || value === null) continue;
    if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
      reasons.push(`${path}.${field}: cannot unmarshal into a list of strings`);
    }
  }
  listOf(container["env"]).forEach((variable, index) => {
    const from = objectOf(objectOf(variable)["valueFrom"]);
    for (const kind of ["configMapKeyRef", "secretKeyRef"]) {
      if (from[kind] !== undefined) {
        reasons.push(`${path}.env[${index}].valueFrom.${kind}: API objects are not allowed`);
      }
    }
  });
  if (listOf(container["envFrom"]).length > 0) {
    reasons.push(`${path}.envFrom: static pods may not reference API objects`);
  }
}

function isTextMap(value: JsonValue): boolean {
  return isJsonObject(value) && Object.values(value).every((item) => typeof item === "string");
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
