/**
 * Judges ConfigMaps and Secrets as an API server would.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `ValidateConfigMap` and
 * `ValidateSecret`.
 */
import { Buffer } from "node:buffer";
import {
  formatPath,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  nearest,
  type Path,
  type Problem,
} from "../../core/mod.ts";
import type { PodEntry } from "../entry.ts";
import { type PodKey, podKey } from "../identity.ts";
import { configMapKey, dnsLabel, dnsSubdomain } from "../validation/names.ts";
import { decodeBase64 } from "./base64.ts";
import type { NodeObject, ObjectKind } from "./object.ts";
import { isSealed } from "./sealed_value.ts";
import { labelFaults } from "./object_labels.ts";
import { missingOfType } from "./secret_types.ts";

/** A ConfigMap or Secret as a person wrote it, not yet judged. */
export interface ObjectEntry {
  readonly kind: ObjectKind;
  /** Where it stands; its `pod` is the object itself. */
  readonly entry: PodEntry;
}

/** What was found in an entry. */
export interface JudgedObject {
  readonly kind: ObjectKind;
  readonly entry: PodEntry;
  /** Undefined if it has no name. */
  readonly key: PodKey | undefined;
  /** Undefined if anything is wrong with it. */
  readonly object: NodeObject | undefined;
  readonly problems: readonly Problem[];
}

/** The most that the values of one object may have together, in bytes. */
const MAX_OBJECT_BYTES = 1024 * 1024;

const FIELDS = {
  ConfigMap: ["apiVersion", "kind", "metadata", "data", "binaryData", "immutable"],
  Secret: ["apiVersion", "kind", "metadata", "data", "stringData", "immutable", "type"],
} as const;

/** What a node asks of its objects. */
export interface ObjectPolicy {
  /** Whether each value of a Secret must be sealed. */
  readonly sealedOnly?: boolean;
}

/** Judges one; everything that is wrong with it at once. */
export function judgeObject(
  { kind, entry }: ObjectEntry,
  { sealedOnly = false }: ObjectPolicy = {},
): JudgedObject {
  const value = isJsonObject(entry.pod) ? entry.pod : {};
  const judging = new Judging(kind, entry);
  judging.names(value);
  const text = kind === "ConfigMap" ? judging.texts(value, "data") : {};
  const written = kind === "Secret" ? judging.texts(value, "stringData") : {};
  const binary = {
    ...judging.binaries(value, kind === "ConfigMap" ? "binaryData" : "data"),
    // As in an API server, stringData wins.
    ...Object.fromEntries(
      Object.entries(written).map(([key, one]) => [key, Buffer.from(one).toString("base64")]),
    ),
  };
  const type = kind === "Secret" ? judging.type(value, binary) : undefined;
  if (kind === "Secret" && sealedOnly) judging.sealed(binary, written);
  judging.disjoint(text, binary);
  judging.size(text, binary);
  const immutable = judging.immutable(value);
  const key = podKey(value);
  return {
    kind,
    entry,
    key,
    problems: judging.problems,
    object: key === undefined || judging.problems.length > 0 ? undefined : {
      kind,
      ...key,
      immutable,
      ...(type === undefined ? {} : { type }),
      text,
      binary,
    },
  };
}

/** A problem of an object. The line of a Secret is not shown: it may hold a value. */
export function objectProblem(
  { kind, entry }: ObjectEntry,
  path: Path,
  about: Omit<Problem, "severity" | "file" | "position" | "sourceLine" | "path">,
  part: "key" | "value" = "value",
): Problem {
  const position = entry.positionOf(path, part);
  return {
    severity: "error",
    file: entry.source.file,
    position,
    ...(kind === "Secret" ? {} : { sourceLine: entry.lineText(position.line) }),
    path: kind === "Secret" && about.code === "invalid-key" ? path.slice(0, -1) : path,
    ...about,
  };
}

type Values = Readonly<Record<string, string>>;

class Judging {
  readonly problems: Problem[] = [];
  readonly #of: ObjectEntry;

  constructor(kind: ObjectKind, entry: PodEntry) {
    this.#of = { kind, entry };
  }

  names(value: JsonObject): void {
    const fields: readonly string[] = FIELDS[this.#of.kind];
    for (const field of Object.keys(value)) {
      if (fields.includes(field)) continue;
      const near = nearest(field, fields);
      this.#report([field], {
        code: "unknown-key",
        message: `Unknown key "${field}" in the ${this.#of.kind}`,
        wanted: `one of ${[...fields].sort().join(", ")}`,
        ...(near === undefined ? {} : { hint: `Did you mean "${near}"?` }),
      }, "key");
    }
    const key = podKey(value);
    if (key === undefined) {
      this.#report(["metadata", "name"], {
        code: "object-without-name",
        message: `A ${this.#of.kind} has no name`,
        wanted: "metadata.name as a non-empty string, and metadata.namespace a string if given",
      });
      return;
    }
    const reasons = [
      ...dnsSubdomain(key.name).map((reason) => ["name", key.name, reason] as const),
      ...dnsLabel(key.namespace).map((reason) => ["namespace", key.namespace, reason] as const),
    ];
    for (const [field, current, reason] of reasons) {
      this.#report(["metadata", field], {
        code: "invalid-value",
        message: `metadata.${field} cannot be "${current}"`,
        wanted: reason,
      });
    }
    for (const { path, ...about } of labelFaults(value)) {
      this.#report(path, { code: "invalid-value", ...about });
    }
  }

  /** A mapping of keys to texts; as for an API server, null is an empty one. */
  texts(value: JsonObject, field: string): Values {
    const texts: [string, string][] = [];
    for (const [key, one] of this.#members(value, field)) {
      if (typeof one === "string" || one === null) texts.push([key, one ?? ""]);
      else {
        this.#report([field, key], {
          code: "invalid-value",
          message: `${formatPath([field, key])} is not a string`,
          wanted: "a string",
          hint: "Put the value in quotes",
        });
      }
    }
    return Object.fromEntries(texts); // any key is an own one, "__proto__" too
  }

  /** A mapping of keys to base64, in its canonical form; null is no byte. */
  binaries(value: JsonObject, field: string): Values {
    const binaries: [string, string][] = [];
    for (const [key, one] of this.#members(value, field)) {
      const bytes = typeof one === "string" || one === null ? decodeBase64(one ?? "") : undefined;
      if (bytes !== undefined) binaries.push([key, bytes.toString("base64")]);
      else {
        this.#report([field, key], {
          code: "invalid-base64",
          message: `${formatPath([field, key])} is not base64`,
          wanted: "the value in base64",
          hint: this.#of.kind === "Secret"
            ? 'Write plain values under "stringData"'
            : 'Write text under "data"',
        });
      }
    }
    return Object.fromEntries(binaries);
  }

  #members(value: JsonObject, field: string): readonly (readonly [string, JsonValue])[] {
    const written = getOwn(value, field) ?? null;
    if (written === null) return [];
    if (!isJsonObject(written)) {
      this.#report([field], {
        code: "invalid-value",
        message: `"${field}" of the ${this.#of.kind} is not a mapping`,
        wanted: "a mapping, lines of the form key: value",
      });
      return [];
    }
    return Object.entries(written).filter(([key]) => {
      const [reason] = configMapKey(key);
      if (reason === undefined) return true;
      // What became a key of a Secret by a typing error may be a value.
      const name = this.#of.kind === "Secret" ? "A key" : `The key "${key}"`;
      this.#report([field, key], {
        code: "invalid-key",
        message: `${name} in "${field}" is not accepted`,
        wanted: reason,
      }, "key");
      return false;
    });
  }

  /** @param written the keys of these are under `stringData` */
  sealed(binary: Values, written: Values): void {
    for (const key of Object.keys(binary).filter((one) => !isSealed(binary[one] ?? ""))) {
      this.#report([Object.hasOwn(written, key) ? "stringData" : "data", key], {
        code: "plain-secret",
        message: `The value of "${key}" is not sealed, and agent.secrets is sealed-only`,
        wanted: "a value that was sealed with age",
        hint: `Seal it: podstead seal ${this.#of.entry.source.file}`,
      });
    }
  }

  disjoint(text: Values, binary: Values): void {
    for (const key of Object.keys(text).filter((one) => Object.hasOwn(binary, one))) {
      this.#report(["binaryData", key], {
        code: "duplicate-key",
        message: `The key "${key}" is in "data" and in "binaryData"`,
        hint: "Keep one of the two",
      }, "key");
    }
  }

  size(text: Values, binary: Values): void {
    const size = Object.values(text).reduce((sum, one) => sum + Buffer.byteLength(one), 0) +
      Object.values(binary).reduce((sum, one) => sum + Buffer.byteLength(one, "base64"), 0);
    if (size <= MAX_OBJECT_BYTES) return;
    this.#report([], {
      code: "object-too-large",
      message: `The values of the ${this.#of.kind} have ${size} bytes`,
      wanted: `at most ${MAX_OBJECT_BYTES}`,
      hint: "Put large files on the node and mount them with hostPath",
    });
  }

  type(value: JsonObject, binary: Values): string {
    const written = getOwn(value, "type") ?? "";
    if (typeof written !== "string") {
      this.#report(["type"], {
        code: "invalid-value",
        message: '"type" of the Secret is not a string',
        wanted: "a type such as Opaque",
      });
      return "";
    }
    const missing = missingOfType(written, binary, value);
    if (missing !== undefined) {
      this.#report(["type"], {
        code: "secret-type",
        message: `A Secret of type ${written} lacks what its type promises`,
        wanted: missing,
      });
    }
    return written === "" ? "Opaque" : written;
  }

  immutable(value: JsonObject): boolean {
    const written = getOwn(value, "immutable") ?? false;
    if (typeof written === "boolean") return written;
    this.#report(["immutable"], {
      code: "invalid-value",
      message: `"immutable" of the ${this.#of.kind} is not a boolean`,
      wanted: "true or false",
    });
    return false;
  }

  #report(
    path: Path,
    about: Parameters<typeof objectProblem>[2],
    part: "key" | "value" = "value",
  ): void {
    this.problems.push(objectProblem(this.#of, path, about, part));
  }
}
