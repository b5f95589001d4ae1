/**
 * Verdicts of real kubelets to measure against: data beside the checkout, which a clone
 * elsewhere does not have.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { isJsonObject } from "../../../mod/core/mod.ts";
import type { JsonValue } from "../../../mod/core/mod.ts";
import { judgeBody, judgeDocument } from "../../../mod/pods/body.ts";
import type { BodyVerdict } from "../../../mod/pods/body.ts";
import type { JudgeOptions } from "../../../mod/pods/judge.ts";
import { parseYaml } from "../../../mod/yaml/mod.ts";

const FOLDER = process.env.PODSTEAD_VECTORS ??
  new URL("../../../../shared/vectors", import.meta.url).pathname;

/** The reason to skip the tests of the vectors, or false where they are. */
export const NO_VECTORS: string | false = existsSync(FOLDER) ? false : "no vectors here";

/** The files with the inputs that every minor was asked about. */
export const COMMON_INPUTS = ["harvest", "raw", "mutated"] as const;

/** What a kubelet said to an input. */
export interface KubeletVerdict {
  readonly valid: boolean;
  readonly stage: string;
  readonly errors: readonly { readonly field: string; readonly type: string }[];
}

/** An input, as the line of its file has it. */
export interface Vector extends KubeletVerdict {
  readonly id: string;
  readonly pod?: unknown;
  readonly raw?: string;
  readonly rawBase64?: string;
}

/** The lines of one file of vectors. */
export function readLines(name: string): readonly string[] {
  return gunzipSync(readFileSync(`${FOLDER}/${name}.jsonl.gz`)).toString().trim().split("\n");
}

/** podstead's verdict on the input of a line, of whose pod the exact text counts: JSON.parse would round its greatest integers. */
export function judgeLine(line: string, options: JudgeOptions): BodyVerdict {
  const vector: Vector = JSON.parse(line);
  if (vector.rawBase64 !== undefined) {
    return judgeBody(Buffer.from(vector.rawBase64, "base64"), options);
  }
  if (vector.raw !== undefined) return judgeBody(new TextEncoder().encode(vector.raw), options);
  const parsed = parseYaml(line, "-").documents[0]?.value;
  assert(isJsonObject(parsed) && parsed.pod !== undefined);
  return judgeDocument(parsed.pod, options);
}

/** The pod as declared; of a list, its first. */
export function declaredPod(line: string): JsonValue {
  const vector: Vector = JSON.parse(line);
  const value = vector.raw === undefined
    ? parseYaml(line, "-").documents[0]?.value
    : parseYaml(vector.raw, "-", { duplicateKeys: "last" }).documents[0]?.value;
  if (!isJsonObject(value)) return null;
  const document = vector.raw === undefined ? value.pod : value;
  if (!isJsonObject(document) || document.kind !== "PodList") return document ?? null;
  return Array.isArray(document.items) ? document.items[0] ?? null : null;
}

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

/** How far podstead's verdicts agree with a kubelet's. */
export class Agreement {
  readonly #differences: string[] = [];
  #total = 0;
  #verdict = 0;
  #fields = 0;
  #types = 0;

  /** Counts one input. */
  add(id: string, wanted: KubeletVerdict, got: BodyVerdict): void {
    const theirs = signature(wanted.errors);
    const ours = signature(got.errors);
    this.#total += 1;
    if (got.valid === wanted.valid) this.#verdict += 1;
    if (same(fieldsOf(theirs), fieldsOf(ours))) this.#fields += 1;
    if (same(theirs, ours)) this.#types += 1;
    if (got.valid !== wanted.valid || !same(theirs, ours)) {
      const detail = got.errors[0]?.type === "Decode" ? ` (${got.errors[0].detail})` : "";
      this.#differences.push(`${id}: kubelet ${text(theirs)}, podstead ${text(ours)}${detail}`);
    }
  }

  /** Prints the figures; fails unless every verdict, field and type agrees. */
  assertComplete(name: string): void {
    const percent = (count: number) => Number((100 * count / this.#total).toFixed(2));
    say(
      `${name}: ${this.#total} inputs, verdict ${percent(this.#verdict)} %, set of fields ${
        percent(this.#fields)
      } %, field and type ${percent(this.#types)} %`,
    );
    for (const difference of this.#differences.slice(0, 40)) say(`  differs: ${difference}`);
    assert(this.#total > 0, `${name} has no inputs`);
    assert.equal(this.#differences.length, 0, `${this.#differences.length} verdicts differ`);
  }
}

function text(signature: Set<string>): string {
  return [...signature].join(" ") || "valid";
}

/** Figures belong on the screen, whatever the runner does with a console. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
