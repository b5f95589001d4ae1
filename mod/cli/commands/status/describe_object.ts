/** The report on one ConfigMap or Secret: its keys, who uses it, whether it is as declared. */
import { Buffer } from "node:buffer";
import type { Resource } from "../../../api/contract/mod.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  nearest,
  PodsteadError,
} from "../../../core/mod.ts";
import { formatAge, oneLine, type Style } from "../../../text/mod.ts";

/** Which object is meant, in kubectl's notation: `configmap/app`, `secret/prod/app`. */
export interface ObjectReference {
  readonly type: "ConfigMap" | "Secret";
  /** `app`, `prod/app` or the ID `prod-app`. */
  readonly name: string;
}

const TYPES: Readonly<Record<string, ObjectReference["type"]>> = {
  configmap: "ConfigMap",
  configmaps: "ConfigMap",
  cm: "ConfigMap",
  secret: "Secret",
  secrets: "Secret",
};

/** Reads a reference; undefined if it is a pod's. `namespace` is that of a name without one. */
export function objectReference(text: string, namespace?: string): ObjectReference | undefined {
  const [word = "", ...rest] = text.split("/");
  const type = Object.hasOwn(TYPES, word.toLowerCase()) ? TYPES[word.toLowerCase()] : undefined;
  const name = rest.join("/");
  if (type === undefined || name === "") return undefined;
  return { type, name: namespace === undefined || rest.length > 1 ? name : `${namespace}/${name}` };
}

/**
 * The object that is meant.
 *
 * @throws {PodsteadError} if there is none, or there are several
 */
export function pickObject(items: readonly Resource[], reference: ObjectReference): Resource {
  const { type, name } = reference;
  const found = items.filter((item) =>
    item.id === name || keyOf(item) === name || item.spec.name === name
  );
  // The default namespace needs no name.
  const [only] = found.length === 1
    ? found
    : found.filter((item) => keyOf(item) === (name.includes("/") ? name : `default/${name}`));
  if (only !== undefined) return only;
  if (found.length > 1) {
    throw new PodsteadError("ambiguous", `Several ${type}s are called "${name}"`, {
      hint: `Name one of ${found.map((one) => `${type.toLowerCase()}/${keyOf(one)}`).join(", ")}`,
    });
  }
  const near = nearest(name, items.map((item) => String(item.spec.name)));
  throw new PodsteadError("not-found", `There is no ${type} "${name}" on this node`, {
    hint: near === undefined
      ? `See "podstead get ${type.toLowerCase()}s"`
      : `Did you mean ${type.toLowerCase()}/${near}?`,
  });
}

/** The page. Values of Secrets are shown only if the agent was asked for them. */
export function objectReport(
  object: Resource,
  { nowMs, style }: { readonly nowMs: number; readonly style: Style },
): string {
  const { type, spec, status = {} } = object;
  const state = text(status.state) ?? "Current";
  const usedBy = Array.isArray(status.usedBy) ? status.usedBy : [];
  const source = isJsonObject(status.source) ? status.source : {};
  const fields: readonly (readonly [name: string, text: string])[] = [
    ["Declared", `${text(source.file) ?? "?"}:${text(source.line) ?? "?"}`],
    ["Reason", text(status.reason) ?? ""],
    ["Version", `${object.version}, for ${formatAge(Date.parse(object.updated), nowMs)}`],
    ["Type", text(spec.type) ?? ""],
    ["Immutable", spec.immutable === true ? "yes" : ""],
    ["Used by", usedBy.length === 0 ? "no pod" : usedBy.map(String).join(", ")],
  ];
  const values = valuesOf(spec, type === "Secret");
  return [
    `${style("bold", `${type} ${keyOf(object)}`)}: ${
      style(state === "Current" ? "green" : "red", STATES[state] ?? state)
    }`,
    ...fields.filter(([, value]) => value !== "")
      .map(([name, value]) => `  ${name.padEnd(10)}${oneLine(value)}`),
    "",
    values.length === 0 ? "It has no keys" : style("bold", "Keys"),
    ...values.map(({ key, size, shown }) =>
      `  ${oneLine(key)}  ${size}${shown === "" ? "" : `  ${shown}`}`
    ),
    "",
  ].join("\n");
}

const STATES: Readonly<Record<string, string>> = {
  Current: "as declared",
  Rejected: "refused, its last good version stays",
  Kept: "kept, its source cannot be read",
};

/** The most of a value that is shown, in characters. */
const MAX_SHOWN = 60;

interface ShownValue {
  readonly key: string;
  readonly size: string;
  readonly shown: string;
}

function valuesOf(spec: JsonObject, isSecret: boolean): readonly ShownValue[] {
  const members = (value: JsonValue | undefined) =>
    isJsonObject(value) ? Object.entries(value) : [];
  return [
    ...members(spec.data).map(([key, value]) =>
      isSecret ? ofSecret(key, value) : plain(key, value)
    ),
    ...members(spec.binaryData).map(([key, value]): ShownValue => ({
      key,
      size: bytes(Buffer.byteLength(String(value), "base64")),
      shown: "(binary)",
    })),
  ].sort((left, right) => left.key < right.key ? -1 : 1);
}

/** A value that the agent hides comes as `(hidden, 7 bytes)`, which no base64 is. */
function ofSecret(key: string, value: JsonValue): ShownValue {
  const hidden = /^\((hidden), (.*)\)$/.exec(String(value));
  if (hidden !== null) return { key, size: hidden[2] ?? "", shown: `(${hidden[1]})` };
  return plain(key, Buffer.from(String(value), "base64").toString("utf8"));
}

function plain(key: string, value: JsonValue): ShownValue {
  const whole = String(value);
  const lines = whole.replace(/\n$/, "").split("\n");
  const [first = ""] = lines;
  const cut = first.length > MAX_SHOWN || lines.length > 1 ? "…" : "";
  const count = lines.length > 1 ? `, ${lines.length} lines` : "";
  return {
    key,
    size: `${bytes(Buffer.byteLength(whole))}${count}`,
    shown: whole === "" ? "" : oneLine(first.slice(0, MAX_SHOWN)) + cut,
  };
}

function bytes(count: number): string {
  return `${count} ${count === 1 ? "byte" : "bytes"}`;
}

function keyOf({ spec }: Resource): string {
  return `${String(spec.namespace)}/${String(spec.name)}`;
}

function text(value: JsonValue | undefined): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}
