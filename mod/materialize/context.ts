import type { Path } from "../core/mod.ts";
import {
  FieldPath,
  isSealed,
  type NodeObject,
  type ObjectKind,
  type PodIssue,
  type PodKey,
  warning,
  type WarningRule,
} from "../pods/mod.ts";

import type { Unseal } from "./unseal.ts";

/** The objects that a pod may refer to. */
export interface ObjectSource {
  /** An object by kind, namespace and name. */
  find(kind: ObjectKind, namespace: string, name: string): NodeObject | undefined;
}

/** What pods are resolved with. */
export interface ResolveOptions {
  readonly objects: ObjectSource;
  /** The kubelet appends it to the names of static pods. */
  readonly nodeName: string;
  /** Under it each volume has its directory. */
  readonly volumesDirectory: string;
  /** Whether this kubelet shows its pods, with their environment, to an API server. */
  readonly hasApiServer?: boolean;
  /** Opens sealed values, to see whether that can be done; default: they are not looked into. */
  readonly unseal?: Unseal;
}

/** One pod while it is resolved: what is found on the way. */
export class ResolveContext {
  readonly errors: PodIssue[] = [];
  readonly warnings: PodIssue[] = [];
  /** Objects that are there and that the pod refers to, by key. */
  readonly used = new Map<string, NodeObject>();
  /** Where values of Secrets go into an environment. */
  readonly secretsInEnv: FieldPath[] = [];
  readonly key: PodKey;
  readonly options: ResolveOptions;

  constructor(key: PodKey, options: ResolveOptions) {
    this.key = key;
    this.options = options;
  }

  /** An object of the pod's namespace. */
  find(kind: ObjectKind, name: string): NodeObject | undefined {
    const object = this.options.objects.find(kind, this.key.namespace, name);
    if (object !== undefined) this.used.set(`${kind} ${this.key.namespace}/${name}`, object);
    return object;
  }

  /**
   * A value as the pod will have it, in base64. One that is sealed and may not be looked into
   * counts as empty.
   *
   * @returns undefined, with an error, for one that cannot be opened
   */
  read(object: NodeObject, key: string, value: string, path: FieldPath): string | undefined {
    if (object.kind !== "Secret" || !isSealed(value)) return value;
    const opened = this.options.unseal?.(value) ?? { value: "" };
    if ("value" in opened) return opened.value;
    this.error(
      path,
      "Invalid value",
      `the value of "${key}" in Secret "${object.namespace}/${object.name}" cannot be opened: ` +
        opened.fault,
      "Seal it for this node: podstead seal -r RECIPIENT FILE; `podstead seal --show-recipient` on the " +
        "node prints the RECIPIENT",
    );
    return undefined;
  }

  /** Nothing declares an object. */
  missingObject(path: FieldPath, kind: ObjectKind, name: string): void {
    this.error(
      path,
      "Not found",
      `${kind} "${this.key.namespace}/${name}" is not declared on this node`,
      `Declare it (kind: ${kind}) in the config or in a drop-in, in the pod's namespace, or write "optional: true"`,
    );
  }

  /** An object has not the key. */
  missingKey(path: FieldPath, object: NodeObject, key: string): void {
    this.error(
      path,
      "Not found",
      `${object.kind} "${object.namespace}/${object.name}" has no key "${key}"`,
      'Correct the key, add it to the object, or write "optional: true"',
    );
  }

  error(path: FieldPath, type: PodIssue["type"], detail: string, hint: string): void {
    this.errors.push({ field: path.toString(), path: path.path, type, detail, hint });
  }

  warn(path: FieldPath, { name, type, hint }: WarningRule, detail: string): void {
    this.warnings.push(warning(path, type, detail, { rule: name, hint }));
  }
}

/** The place of a field, with the kubelet's text of it. */
export function fieldAt(path: Path): FieldPath {
  const [first = "", ...rest] = path;
  return rest.reduce<FieldPath>(
    (place, segment) => typeof segment === "number" ? place.index(segment) : place.child(segment),
    FieldPath.root(String(first)),
  );
}
