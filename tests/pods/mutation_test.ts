/** Valid pods with one thing changed at random, thousands of times. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import type { JsonObject, JsonValue } from "../../mod/core/mod.ts";
import { canonicalJson } from "../../mod/core/mod.ts";
import { judgeBody } from "../../mod/pods/body.ts";
import { judge, judgeFully } from "../../mod/pods/judge.ts";
import { DecodeReport, Pod, readKind } from "../../mod/pods/types/mod.ts";
import { realisticPod } from "../support/realistic_pod.ts";

const OPTIONS = { nodeName: "node-1" };
/** A verdict takes a millisecond; a rule that goes astray would take many seconds, on any machine. */
const MAX_MS = 1_000;

/** Values that are wrong almost anywhere. */
const ODD_VALUES: readonly JsonValue[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e21,
  2147483648,
  9223372036854775807n,
  -9223372036854775809n,
  "",
  " ",
  "a",
  "A b",
  "../x",
  "1e999999999",
  "💥",
  "\ud800",
  "x".repeat(300),
  [],
  [null],
  ["a"],
  {},
  { a: "b" },
  { __proto__: "x" },
  JSON.parse('{"__proto__": {"name": "x"}, "constructor": 1, "toString": null}'),
];

type Change = "replace" | "delete" | "rename" | "duplicate" | "wrap";

interface Mutation {
  readonly place: number;
  readonly change: Change;
  readonly value: JsonValue;
}

const mutations: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat(),
  change: fc.constantFrom<Change>("replace", "delete", "rename", "duplicate", "wrap"),
  value: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...ODD_VALUES) },
    { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue> },
  ),
});

/** The CPU time of one verdict; a slow one again, for the machine may have done something else. */
function timeOf(pod: JsonValue): number {
  let bestMs = Infinity;
  for (let run = 0; run < 3 && bestMs > MAX_MS / 2; run++) {
    const before = process.cpuUsage();
    judge(pod, OPTIONS);
    bestMs = Math.min(bestMs, process.cpuUsage(before).user / 1000);
  }
  return bestMs;
}

/** How many values a pod has, itself included. */
function countValues(value: JsonValue): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((total: number, child) => total + countValues(child), 1);
}

/** The pod with the value number `place`, counted from the outside, changed. */
function mutate(pod: JsonValue, { place, change, value }: Mutation): JsonValue {
  let remaining = place % (countValues(pod) - 1);
  const visit = (current: JsonValue): JsonValue => {
    if (typeof current !== "object" || current === null) return current;
    const entries: [string, JsonValue][] = [];
    for (const [key, child] of Object.entries(current)) {
      const isTarget = remaining === 0;
      remaining -= 1;
      if (!isTarget) entries.push([key, visit(child)]);
      else if (change === "replace") entries.push([key, value]);
      else if (change === "wrap") entries.push([key, [child]]);
      else if (change === "duplicate") entries.push([key, child], [`${key}x`, child]);
      else if (change === "rename") entries.push([key.toUpperCase(), child]);
    }
    if (Array.isArray(current)) return entries.map(([, child]) => child);
    return Object.fromEntries(entries);
  };
  return visit(pod);
}

describe("judge() on mutated pods", () => {
  const pods: readonly JsonObject[] = [0, 1, 2, 3].map((seed) => realisticPod(seed));

  it("starts from valid pods", () => {
    for (const pod of pods) assert.deepEqual(judge(pod, OPTIONS).errors, []);
  });

  it("never crashes, is never slow, and says something of every refusal", () => {
    let slowestMs = 0;
    const property = fc.property(fc.constantFrom(...pods), mutations, (pod, mutation) => {
      const mutated = mutate(pod, mutation);
      const { valid, errors } = judge(mutated, OPTIONS);
      slowestMs = Math.max(slowestMs, timeOf(mutated));
      assert.equal(valid, errors.length === 0);
      for (const error of errors) {
        assert.notEqual(error.type, "Internal error", `${error.detail}`);
      }
    });
    fc.assert(property, { numRuns: 5000 });
    assert(slowestMs < MAX_MS, `the slowest pod took ${slowestMs.toFixed(1)} ms`);
  });

  it("accepts only what decodes the same from the bytes that are served", () => {
    const property = fc.property(fc.constantFrom(...pods), mutations, (pod, mutation) => {
      const mutated = mutate(pod, mutation);
      const judged = judgeFully(mutated, OPTIONS);
      if (!judged.valid) return;
      const items = canonicalJson([mutated]);
      const body = `{"apiVersion":"v1","items":${items},"kind":"PodList"}`;
      const verdict = judgeBody(new TextEncoder().encode(body), OPTIONS);
      assert.equal(verdict.valid, true, verdict.errors[0]?.detail);
      assert.deepEqual(verdict.pods[0], judged.pod);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("gives a struct of every mutated pod, whatever is in it", () => {
    const wanted = Object.keys(Pod.fields);
    const property = fc.property(fc.constantFrom(...pods), mutations, (pod, mutation) => {
      const decoded = readKind(Pod, mutate(pod, mutation), new DecodeReport(36));
      assert.deepEqual(Object.keys(decoded), wanted);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
