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
import { parseYaml } from "../../mod/yaml/mod.ts";

const FOLDER = process.env.PODSTEAD_VECTORS ??
  new URL("../../../shared/vectors", import.meta.url).pathname;

/** What the rules have reached, in percent; a change may raise a figure, never lower it. */
const RATCHET = { verdict: 99.9, fields: 99.8, types: 99.8 };

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

function readLines(name: string): readonly unknown[] {
  const text = gunzipSync(readFileSync(`${FOLDER}/${name}.jsonl.gz`)).toString();
  return text.trim().split("\n").map((line) => JSON.parse(line));
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
      const text = gunzipSync(readFileSync(`${FOLDER}/${name}.jsonl.gz`)).toString();
      for (const line of text.trim().split("\n")) {
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
    console.log(
      `vectors: ${total}, verdict ${figures.verdict} %, set of fields ${figures.fields} %, field and type ${figures.types} %`,
    );
    for (const difference of differences.slice(0, 40)) console.log(`  differs: ${difference}`);
    for (const name of ["verdict", "fields", "types"] as const) {
      assert(figures[name] >= RATCHET[name], `${name} fell to ${figures[name]} %`);
    }
  });
});
