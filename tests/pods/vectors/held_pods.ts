/** Pods as a kubelet holds them after its defaults, made comparable. */
import assert from "node:assert/strict";
import { isJsonObject } from "../../../mod/core/mod.ts";
import type { JsonValue } from "../../../mod/core/mod.ts";
import type { BodyVerdict } from "../../../mod/pods/body.ts";
import { Quantity } from "../../../mod/pods/quantity.ts";
import { DecodeReport, Pod, readKind } from "../../../mod/pods/types/mod.ts";
import { parseYaml } from "../../../mod/yaml/mod.ts";
import { readLines } from "./vectors.ts";

/** The pods of each accepted input of a file, by the input's id. */
export function readHeldPods(name: string): ReadonlyMap<string, readonly JsonValue[]> {
  const held = new Map<string, readonly JsonValue[]>();
  for (const line of readLines(name)) {
    const value = parseYaml(line, "-").documents[0]?.value;
    assert(isJsonObject(value) && typeof value.id === "string" && Array.isArray(value.pods));
    held.set(value.id, value.pods);
  }
  return held;
}

/** Where podstead's pods differ from the kubelet's of this minor, or undefined. */
export function heldPodsDiffer(
  wanted: readonly JsonValue[],
  verdict: BodyVerdict,
  minor: number,
): string | undefined {
  const got = verdict.pods.map((pod) => plain(pod));
  const theirs = wanted.map((pod) => plain(readKind(Pod, pod, new DecodeReport(minor))));
  if (JSON.stringify(got) === JSON.stringify(theirs)) return undefined;
  return firstDifference(theirs, got, "");
}

/** The UID that the kubelet gave to a pod. */
export function uidOf(pod: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(pod) || !isJsonObject(pod.metadata)) return undefined;
  return pod.metadata.uid;
}

/** Compared on their own, by the hash. */
const UID_KEYS = ["uid", "kubernetes.io/config.hash"];

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
