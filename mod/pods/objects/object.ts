/** ConfigMaps and Secrets as pods use them. */
import { Buffer } from "node:buffer";
import { compareKeys, type PodKey } from "../identity.ts";

/** The kinds of objects that pods refer to. */
export const OBJECT_KINDS = ["ConfigMap", "Secret"] as const;
export type ObjectKind = typeof OBJECT_KINDS[number];

/** One ConfigMap or Secret whose content was judged. */
export interface NodeObject extends PodKey {
  readonly kind: ObjectKind;
  readonly immutable: boolean;
  /** Of Secrets; `Opaque` if it names none. */
  readonly type?: string;
  /** Values as text: `data` of a ConfigMap. Of a Secret it is empty. */
  readonly text: Readonly<Record<string, string>>;
  /** Values in base64: `binaryData` of a ConfigMap, `data` and `stringData` of a Secret. */
  readonly binary: Readonly<Record<string, string>>;
}

/** `ConfigMap default/app`: unambiguous, for maps and for people. */
export function objectKey(
  { kind, namespace, name }: Pick<NodeObject, "kind" | keyof PodKey>,
): string {
  return `${kind} ${namespace}/${name}`;
}

/** Orders objects by kind, then as pods. */
export function compareObjects(left: NodeObject, right: NodeObject): number {
  if (left.kind !== right.kind) return left.kind < right.kind ? -1 : 1;
  return compareKeys(left, right);
}

/** The keys of an object that become files, sorted. */
export function fileKeys({ text, binary }: NodeObject): readonly string[] {
  return [...Object.keys(text), ...Object.keys(binary)].sort();
}

/** A value in base64; undefined if the object has no such key. */
export function valueOf({ text, binary }: NodeObject, key: string): string | undefined {
  if (Object.hasOwn(binary, key)) return binary[key];
  const value = Object.hasOwn(text, key) ? text[key] : undefined;
  return value === undefined ? undefined : Buffer.from(value, "utf8").toString("base64");
}

/** The keys that a whole object gives to an environment, sorted: of a ConfigMap, those of `data`. */
export function variableKeys(object: NodeObject): readonly string[] {
  return Object.keys(object.kind === "Secret" ? object.binary : object.text).sort();
}

/**
 * A value as an environment variable has it: of a ConfigMap from `data` alone, as the kubelet does.
 *
 * @returns undefined if the object has no such key, null if the value is not UTF-8
 */
export function variableOf(object: NodeObject, key: string): string | null | undefined {
  if (object.kind === "ConfigMap") {
    return Object.hasOwn(object.text, key) ? object.text[key] : undefined;
  }
  const value = Object.hasOwn(object.binary, key) ? object.binary[key] : undefined;
  return value === undefined ? undefined : textOf(value);
}

/** The text of a value in base64; null if it is not UTF-8: no JSON list can carry it. */
export function textOf(value: string): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(Buffer.from(value, "base64"));
  } catch {
    return null; // see above
  }
}
