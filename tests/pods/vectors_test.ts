/**
 * Measures the rules against the verdicts of a real kubelet.
 *
 * The vectors are data beside the checkout; a clone elsewhere has none and says so.
 */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { judgeBody, judgeDocument } from "../../mod/pods/body.ts";
import type { BodyVerdict } from "../../mod/pods/body.ts";
import { isJsonObject } from "../../mod/core/mod.ts";
import { predictUid } from "../../mod/pods/predict_uid.ts";
import { Quantity } from "../../mod/pods/quantity.ts";
import { DecodeReport, Pod, readKind } from "../../mod/pods/types/mod.ts";
import type { JsonValue } from "../../mod/core/mod.ts";
import { parseYaml } from "../../mod/yaml/mod.ts";

const FOLDER = process.env.PODSTEAD_VECTORS ??
  new URL("../../../shared/vectors", import.meta.url).pathname;

/** What the rules have reached, in percent; a change may raise a figure, never lower it. */
const RATCHET = { verdict: 100, fields: 100, types: 100 };

const WORDING: Readonly<Record<string, string>> = {
  FieldValueRequired: "Required value",
  FieldValueInvalid: "Invalid value",
  FieldValueTypeInvalid: "Invalid value",
  FieldValueDuplicate: "Duplicate value",
  FieldValueNotFound: "Not found",
  FieldValueNotSupported: "Unsupported value",
  FieldValueForbidden: "Forbidden",
  FieldValueTooLong: "Too long",
  FieldValueTooMany: "Too many",
  FieldValueTooFew: "Too few",
  InternalError: "Internal error",
};

/** Figures belong on the screen, whatever the runner does with a console. */
function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

interface Vector {
  readonly id: string;
  readonly valid: boolean;
  readonly stage: string;
  readonly errors: readonly { readonly field: string; readonly type: string }[];
  readonly pod?: unknown;
  readonly raw?: string;
  readonly rawBase64?: string;
}

const OPTIONS = { nodeName: "node-1" };

/** Where the kubelet of the vectors had its pods from. */
const URL_OF_VECTORS = "http://127.0.0.1/pods";
/** The others carry a status or a time. */
const MIN_PREDICTED_UIDS = 646;

/** Compared on their own, by the hash. */
const UID_KEYS = ["uid", "kubernetes.io/config.hash"];

function readText(name: string): string {
  return gunzipSync(readFileSync(`${FOLDER}/${name}.jsonl.gz`)).toString().trim();
}

/** The exact text of a vector's pod: JSON.parse would round its greatest integers. */
function bodyOf(vector: Vector, line: string): BodyVerdict {
  if (vector.rawBase64 !== undefined) {
    return judgeBody(Buffer.from(vector.rawBase64, "base64"), OPTIONS);
  }
  if (vector.raw !== undefined) return judgeBody(new TextEncoder().encode(vector.raw), OPTIONS);
  const parsed = parseYaml(line, "-").documents[0]?.value;
  assert(parsed !== null && typeof parsed === "object" && "pod" in parsed);
  return judgeDocument(parsed.pod, OPTIONS);
}

/** The pod as declared; of a list, its first. */
function declaredPod(vector: Vector, line: string): JsonValue {
  const value = vector.raw === undefined
    ? parseYaml(line, "-").documents[0]?.value
    : parseYaml(vector.raw, "-", { duplicateKeys: "last" }).documents[0]?.value;
  if (!isJsonObject(value)) return null;
  const document = vector.raw === undefined ? value.pod : value;
  if (!isJsonObject(document) || document.kind !== "PodList") return document ?? null;
  return Array.isArray(document.items) ? document.items[0] ?? null : null;
}

function uidOf(pod: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(pod) || !isJsonObject(pod.metadata)) return undefined;
  return pod.metadata.uid;
}

/** `field|type`, each once; decoding and references have one field in the vectors. */
function signature(
  errors: readonly { readonly field: string; readonly type: string }[],
): Set<string> {
  if (errors.some((error) => error.type === "Decode")) return new Set(["|Decode"]);
  return new Set(errors.map((error) => `${error.field}|${WORDING[error.type] ?? error.type}`));
}

function fieldsOf(signature: Set<string>): Set<string> {
  return new Set([...signature].map((one) => one.slice(0, one.lastIndexOf("|"))));
}

function same(left: Set<string>, right: Set<string>): boolean {
  return left.size === right.size && left.isSubsetOf(right);
}

describe("judgeBody() against a kubelet of 1.36", {
  skip: existsSync(FOLDER) ? false : "no vectors here",
}, () => {
  it("agrees on verdict, fields and types at least as far as it did", () => {
    const agreed = { verdict: 0, fields: 0, types: 0 };
    let total = 0;
    const differences: string[] = [];
    for (const name of ["harvest", "raw", "mutated"]) {
      for (const line of readText(name).split("\n")) {
        const vector: Vector = JSON.parse(line);
        const verdict = bodyOf(vector, line);
        const wanted = signature(vector.errors);
        const got = signature(verdict.errors);
        total += 1;
        if (verdict.valid === vector.valid) agreed.verdict += 1;
        if (same(fieldsOf(wanted), fieldsOf(got))) agreed.fields += 1;
        if (same(wanted, got)) agreed.types += 1;
        if (verdict.valid !== vector.valid || !same(wanted, got)) {
          differences.push(
            `${vector.id}: kubelet ${[...wanted].join(" ") || "valid"}, podstead ${
              [...got].join(" ") || "valid"
            } ${verdict.errors[0]?.type === "Decode" ? verdict.errors[0].detail : ""}`,
          );
        }
      }
    }
    const percent = (count: number) => Number((100 * count / total).toFixed(2));
    const figures = {
      verdict: percent(agreed.verdict),
      fields: percent(agreed.fields),
      types: percent(agreed.types),
    };
    say(
      `vectors: ${total}, verdict ${figures.verdict} %, set of fields ${figures.fields} %, field and type ${figures.types} %`,
    );
    for (const difference of differences.slice(0, 40)) say(`  differs: ${difference}`);
    for (const name of ["verdict", "fields", "types"] as const) {
      assert(figures[name] >= RATCHET[name], `${name} fell to ${figures[name]} %`);
    }
  });

  it("holds the same pods after the defaults", () => {
    const differences: string[] = [];
    let total = 0;
    let predicted = 0;
    for (const name of ["harvest", "raw"]) {
      const wanted = new Map<string, readonly JsonValue[]>();
      for (const line of readText(`${name}.normalized`).split("\n")) {
        const value = parseYaml(line, "-").documents[0]?.value;
        assert(isNormalized(value));
        wanted.set(value.id, value.pods);
      }
      for (const line of readText(name).split("\n")) {
        const vector: Vector = JSON.parse(line);
        const pods = wanted.get(vector.id);
        if (pods === undefined) continue;
        total += 1;
        const got = bodyOf(vector, line).pods.map((pod) => plain(pod));
        const uid = predictUid(declaredPod(vector, line), URL_OF_VECTORS);
        if (uid !== undefined && pods.length === 1 && !UID_EXCEPTIONS.has(vector.id)) {
          predicted += 1;
          assert.equal(uid, uidOf(pods[0]), vector.id);
        }
        const decoded = pods.map((pod) => plain(readKind(Pod, pod, new DecodeReport(36))));
        if (JSON.stringify(got) === JSON.stringify(decoded)) continue;
        differences.push(`${vector.id}: ${firstDifference(decoded, got, "")}`);
      }
    }
    say(`normalised pods: ${total}, different: ${differences.length}, UIDs agreed: ${predicted}`);
    for (const difference of differences.slice(0, 40)) say(`  differs: ${difference}`);
    assert.equal(differences.length, 0);
    assert(predicted >= MIN_PREDICTED_UIDS, `only ${predicted} UIDs were predicted`);
  });
});

/** Vectors whose UID is made of something that is not in the values any more. */
const UID_EXCEPTIONS = new Set([
  // Go keeps the text of a quantity: this one is written 1e3, and served as 1000.
  "raw/quantity/cpu-raw/1e3",
]);

function isNormalized(
  value: JsonValue | undefined,
): value is { readonly id: string; readonly pods: readonly JsonValue[] } {
  return typeof value === "object" && value !== null && "id" in value && "pods" in value &&
    typeof value.id === "string" && Array.isArray(value.pods);
}

/** A decoded value without what JSON leaves out: zero values, and how a quantity was written. */
function plain(value: unknown, key = ""): unknown {
  if (value instanceof Quantity) {
    return `quantity ${value.unscaled.toString().replace(/0*$/, "")} ${value.sign()}`;
  }
  if (UID_KEYS.includes(key)) return undefined;
  if (typeof value === "bigint") return `${value}`;
  if (value === "" || value === 0 || value === false) return undefined;
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) {
    return value.length === 0 ? undefined : value.map((one) => plain(one) ?? null);
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([left], [right]) => left < right ? -1 : 1)
      .map(([name, one]) => [name, plain(one, name)] as const)
      .filter(([, one]) => one !== undefined);
    return Object.fromEntries(entries);
  }
  return value;
}

function firstDifference(wanted: unknown, got: unknown, path: string): string {
  if (typeof wanted === "object" && typeof got === "object" && wanted !== null && got !== null) {
    const left = new Map(Object.entries(wanted));
    const right = new Map(Object.entries(got));
    for (const name of new Set([...left.keys(), ...right.keys()])) {
      if (JSON.stringify(left.get(name)) !== JSON.stringify(right.get(name))) {
        return firstDifference(left.get(name), right.get(name), `${path}.${name}`);
      }
    }
  }
  return `${path}: kubelet ${JSON.stringify(wanted)}, podstead ${JSON.stringify(got)}`;
}
