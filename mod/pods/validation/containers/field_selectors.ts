/**
 * References to the pod's own fields and to its containers' resources, in
 * environment variables and in downward API volumes.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `validateObjectFieldSelector`,
 * `validateContainerResourceFieldSelector`, `validateContainerResourceDivisor`;
 * pkg/apis/core/pods, `ConvertDownwardAPIFieldLabel`; pkg/fieldpath, `SplitMaybeSubscriptedPath`.
 */
import { invalid, notSupported, required } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { Quantity } from "../../quantity.ts";
import type { ObjectFieldSelector, ResourceFieldSelector } from "../../types/mod.ts";
import { pushInvalid, qualifiedName } from "../names.ts";
import { kubeletQuantityText } from "../quantity_text.ts";

/** The fields that an environment variable may show, in the order that messages list them. */
export const ENV_FIELDS: ReadonlySet<string> = new Set([
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
]);

/** The fields that a file of a volume may show. */
export const FILE_FIELDS: ReadonlySet<string> = new Set([
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
]);

/** The fields that a reference can name at all, whatever may use them. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...ENV_FIELDS,
  ...FILE_FIELDS,
  "spec.host",
  "spec.restartPolicy",
  "spec.schedulerName",
  "status.phase",
]);

/** Splits `metadata.labels['app']` into path and key; undefined if there is no key. */
function splitSubscript(fieldPath: string): readonly [path: string, key: string] | undefined {
  if (!fieldPath.endsWith("']")) return undefined;
  const open = fieldPath.slice(0, -2).indexOf("['");
  return open <= 0 ? undefined : [fieldPath.slice(0, open), fieldPath.slice(open + 2, -2)];
}

/** A reference to a field of the pod; `allowed` is what may be shown there. */
export function validateObjectFieldSelector(
  selector: ObjectFieldSelector,
  allowed: ReadonlySet<string>,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (selector.apiVersion === "") {
    issues.push(required(path.child("apiVersion")));
    return;
  }
  const { fieldPath } = selector;
  if (fieldPath === "") {
    issues.push(required(path.child("fieldPath")));
    return;
  }
  if (selector.apiVersion !== "v1") {
    issues.push(
      invalid(path.child("fieldPath"), fieldPath, `no pod version ${selector.apiVersion}, use v1`),
    );
    return;
  }
  const subscript = splitSubscript(fieldPath);
  if (subscript !== undefined) {
    const [base, key] = subscript;
    if (base === "metadata.annotations") {
      pushInvalid(issues, path, key, qualifiedName(key.toLowerCase()));
    } else if (base === "metadata.labels") {
      pushInvalid(issues, path, key, qualifiedName(key));
    } else {
      issues.push(
        invalid(
          path.child("fieldPath"),
          fieldPath,
          "only metadata.annotations and metadata.labels take a key",
        ),
      );
    }
    return;
  }
  if (!KNOWN_FIELDS.has(fieldPath)) {
    issues.push(invalid(path.child("fieldPath"), fieldPath, "is no field that can be shown"));
    return;
  }
  const field = fieldPath === "spec.host" ? "spec.nodeName" : fieldPath;
  if (!allowed.has(field)) {
    issues.push(notSupported(path.child("fieldPath"), field, [...allowed]));
  }
}

const CONTAINER_RESOURCES = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];

function isHugePageReference(resource: string): boolean {
  return resource.startsWith("requests.hugepages-") || resource.startsWith("limits.hugepages-");
}

/** A reference to a resource of a container; a file must also say of which container. */
export function validateResourceFieldSelector(
  selector: ResourceFieldSelector,
  user: "variable" | "file",
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { resource } = selector;
  if (user === "file" && selector.containerName === "") {
    issues.push(required(path.child("containerName")));
  } else if (resource === "") {
    issues.push(required(path.child("resource")));
  } else if (!CONTAINER_RESOURCES.includes(resource) && !isHugePageReference(resource)) {
    issues.push(notSupported(path.child("resource"), resource, CONTAINER_RESOURCES));
  }
  validateDivisor(resource, selector.divisor, path, issues);
}

const CPU_DIVISORS: ReadonlySet<string> = new Set(["1m", "1"]);
const BYTE_DIVISORS: ReadonlySet<string> = new Set(
  ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"],
);

function validateDivisor(
  resource: string,
  divisor: Quantity,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (divisor.isZero()) return;
  const isCpu = resource === "limits.cpu" || resource === "requests.cpu";
  if (!isCpu && !CONTAINER_RESOURCES.includes(resource) && !isHugePageReference(resource)) return;
  const divisors = isCpu ? CPU_DIVISORS : BYTE_DIVISORS;
  if (divisors.has(kubeletQuantityText(divisor))) return;
  issues.push(
    invalid(
      path.child("divisor"),
      divisor,
      `must be one of ${[...divisors].join(", ")} for ${resource}`,
    ),
  );
}
