/**
 * Environment variables from ConfigMaps and Secrets, as literals.
 *
 * Source: kubernetes pkg/kubelet/kubelet_pods.go, `makeEnvironmentVariables`: envFrom in its
 * order, then env; the later one wins; names that are no variable names are left out.
 */
import { Buffer } from "node:buffer";
import { getOwn, isJsonObject, type JsonObject, type JsonValue, type Path } from "../core/mod.ts";
import {
  ENV_NAME_SKIPPED,
  isSealed,
  type NodeObject,
  type ObjectKind,
  textOf,
  valueOf,
  variableKeys,
  variableOf,
} from "../pods/mod.ts";
import { fieldAt, type ResolveContext } from "./context.ts";
import { isOptional, itemsAt, objectAt, textAt } from "./json.ts";

/** A container with literals in place of its references. */
export interface ResolvedEnv {
  readonly container: JsonObject;
  /** Where each item of the new `env` was declared, from the pod's root. */
  readonly origins: readonly Path[];
  /** Which items of the new `env` have a sealed value. */
  readonly sealed: readonly number[];
}

interface Variable {
  readonly value: JsonValue;
  readonly origin: Path;
  readonly sealed?: boolean;
}

/** The longest `NAME=value` that Linux takes, with its end, in bytes (MAX_ARG_STRLEN). */
const MAX_VARIABLE_BYTES = 128 * 1024;

/**
 * Letters, digits, "-", "_" and ".", not with a digit first: the names that every kubelet takes.
 * Later kubelets take more of them; what is served must not depend on the kubelet's version.
 */
const VARIABLE_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;

/**
 * Resolves the environment of a container.
 *
 * @param path of the container, from the pod's root
 * @returns undefined if it refers to no object
 */
export function resolveEnv(
  container: JsonObject,
  path: Path,
  context: ResolveContext,
): ResolvedEnv | undefined {
  if (!refersInEnv(container)) return undefined;
  const sources = itemsAt(container, "envFrom");
  const own = itemsAt(container, "env");
  const left: JsonValue[] = [];
  const given = new Map<string, Variable>();
  sources.forEach((source, at) => {
    const reference = sourceOf(source);
    if (reference === undefined) left.push(source);
    else takeSource(reference, [...path, "envFrom", at], given, context);
  });
  const variables = own.flatMap((value, at) =>
    resolveVariable(value, [...path, "env", at], context)
  );
  const env = [...given.values(), ...variables];
  const { envFrom: _, env: __, ...rest } = container;
  return {
    container: {
      ...rest,
      ...(left.length === 0 ? {} : { envFrom: left }),
      ...(env.length === 0 ? {} : { env: env.map(({ value }) => value) }),
    },
    origins: env.map(({ origin }) => origin),
    sealed: env.flatMap((variable, at) => variable.sealed ? at : []),
  };
}

/** Whether the environment of a container refers to an object. */
export function refersInEnv(container: JsonValue): boolean {
  return isJsonObject(container) && (
    itemsAt(container, "envFrom").some((source) => sourceOf(source) !== undefined) ||
    itemsAt(container, "env").some((variable) => selectorOf(variable) !== undefined)
  );
}

/** A value as a literal: the kubelet turns `$$` into `$`, and expands nothing in it. */
export function literal(name: string, value: string): JsonObject {
  return { name, value: value.replaceAll("$", () => "$$") };
}

interface Reference {
  readonly kind: ObjectKind;
  /** The field that refers to it. */
  readonly field: string;
  readonly name: string;
  readonly optional: boolean;
}

/** The object that an item of `envFrom` refers to. */
function sourceOf(source: JsonValue): (Reference & { readonly prefix: string }) | undefined {
  if (!isJsonObject(source)) return undefined;
  const found = referenceIn(source, "configMapRef", "secretRef");
  return found && { ...found, prefix: textAt(source, "prefix") ?? "" };
}

/** The key that an item of `env` refers to. */
function selectorOf(variable: JsonValue): (Reference & { readonly key: string }) | undefined {
  if (!isJsonObject(variable) || textAt(variable, "value") !== undefined) return undefined;
  const from = objectAt(variable, "valueFrom");
  const found = referenceIn(from, "configMapKeyRef", "secretKeyRef");
  const key = found && textAt(objectAt(from, found.field), "key");
  return found === undefined || key === undefined ? undefined : { ...found, key };
}

/** The one reference of a value that has no other source besides it. */
function referenceIn(
  value: JsonObject,
  configMap: string,
  secret: string,
): Reference | undefined {
  const fields = [configMap, secret].filter((field) => isJsonObject(getOwn(value, field)));
  const [field] = fields;
  if (field === undefined || fields.length > 1) return undefined;
  const reference = objectAt(value, field);
  const name = textAt(reference, "name");
  if (name === undefined) return undefined;
  const kind = field === secret ? "Secret" : "ConfigMap";
  return { kind, field, name, optional: isOptional(reference) };
}

function takeSource(
  { kind, field, name, optional, prefix }: NonNullable<ReturnType<typeof sourceOf>>,
  path: Path,
  given: Map<string, Variable>,
  context: ResolveContext,
): void {
  const place = fieldAt([...path, field]);
  const object = context.find(kind, name);
  if (object === undefined) {
    if (!optional) context.missingObject(place, kind, name);
    return;
  }
  if (kind === "Secret") context.secretsInEnv.push(place);
  const skipped: string[] = [];
  for (const key of variableKeys(object)) {
    const variable = `${prefix}${key}`;
    if (!VARIABLE_NAME.test(variable)) {
      skipped.push(variable);
      continue;
    }
    const read = readVariable(object, key, variable, path, context);
    if (read === undefined) continue;
    given.delete(variable); // the later one has the later place too
    given.set(variable, { ...read, origin: path });
  }
  if (skipped.length > 0) {
    context.warn(
      place,
      ENV_NAME_SKIPPED,
      `keys that are no names of variables are left out: ${skipped.join(", ")}`,
    );
  }
}

function resolveVariable(
  value: JsonValue,
  path: Path,
  context: ResolveContext,
): readonly Variable[] {
  const selector = selectorOf(value);
  const name = isJsonObject(value) ? textAt(value, "name") : undefined;
  if (selector === undefined || name === undefined) return [{ value, origin: path }];
  const { kind, field, key, optional } = selector;
  const origin = [...path, "valueFrom", field];
  const object = context.find(kind, selector.name);
  if (object === undefined) {
    if (!optional) context.missingObject(fieldAt(origin), kind, selector.name);
    return [];
  }
  if (kind === "Secret") context.secretsInEnv.push(fieldAt(origin));
  if (variableOf(object, key) === undefined) {
    if (!optional) context.missingKey(fieldAt(origin), object, key);
    return [];
  }
  const read = readVariable(object, key, name, origin, context);
  return read === undefined ? [] : [{ ...read, origin }];
}

/** A variable with a value that it can carry; undefined, with an error, for any other. */
function readVariable(
  object: NodeObject,
  key: string,
  name: string,
  path: Path,
  context: ResolveContext,
): Omit<Variable, "origin"> | undefined {
  const given = variableOf(object, key);
  const sealed = object.kind === "Secret" && isSealed(valueOf(object, key) ?? "");
  const opened = sealed
    ? context.read(object, key, valueOf(object, key) ?? "", fieldAt(path))
    : undefined;
  if (given === undefined || sealed && opened === undefined) return undefined;
  const value = opened === undefined ? given : textOf(opened);
  const subject = `the value of "${key}" in ${object.kind} "${object.namespace}/${object.name}"`;
  const hint = "Mount the object as a volume, and let the program read the file";
  if (value === null || given === null || value.includes("\0")) {
    const what = value === null ? "is not UTF-8" : "contains a NUL";
    context.error(fieldAt(path), "Invalid value", `${subject} ${what}`, hint);
    return undefined;
  }
  if (Buffer.byteLength(`${name}=${value}`) >= MAX_VARIABLE_BYTES) {
    const detail = `${subject} has more than ${MAX_VARIABLE_BYTES} bytes, Linux's limit`;
    context.error(fieldAt(path), "Too long", detail, hint);
    return undefined;
  }
  return { value: literal(name, given), ...(sealed ? { sealed } : {}) };
}
