/** The documents of a fleet, as etcd holds them: JSON that other versions may have written. */
import * as v from "valibot";
import { canonicalJson, type JsonObject, parseJson, PodsteadError } from "../../core/mod.ts";
import type { KeyState } from "../../etcd/mod.ts";
import { formatBatches, parseBatches, type RolloutRules } from "../plan/mod.ts";

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const RolloutStateSchema = v.picklist(["running", "paused", "halted", "done", "aborted"]);
const NodeStateSchema = v.picklist([
  ...["pending", "updating", "ready", "unchanged", "reverted", "failed", "skipped"] as const,
]);

const CurrentSchema = v.object({
  id: v.string(),
  state: RolloutStateSchema,
  reason: v.exactOptional(v.string()),
  batch: Count,
  batches: Count,
});
const ProgressSchema = v.object({
  state: RolloutStateSchema,
  reason: v.exactOptional(v.string()),
  states: v.string(),
});
const SpecSchema = v.object({
  id: v.string(),
  sha256: v.string(),
  parts: Count,
  nodes: v.array(v.string()),
  batches: v.string(),
  maxFailures: Count,
  maxUnavailable: v.exactOptional(Count),
  settleMs: Count,
  timeoutMs: Count,
  createdAt: v.string(),
  by: v.string(),
  message: v.exactOptional(v.string()),
  afterRestore: v.exactOptional(v.string()),
});
const MemberSchema = v.object({
  labels: v.record(v.string(), v.string()),
  address: v.string(),
  version: v.string(),
});
const AliveSchema = v.object({ revision: Count, ready: Count, pods: Count });
const ReportSchema = v.object({
  id: v.string(),
  state: NodeStateSchema,
  since: v.string(),
  revision: v.exactOptional(Count),
  message: v.exactOptional(v.string()),
});

/** The roll-out that counts, and how it stands. */
export type Current = v.InferOutput<typeof CurrentSchema>;

/** How far a roll-out is; `states` has one letter for each node, in the order of the spec. */
export type Progress = v.InferOutput<typeof ProgressSchema>;

/** A roll-out as it was asked for; it never changes. */
export interface RolloutSpec {
  readonly id: string;
  /** Of the content, in hex. */
  readonly sha256: string;
  /** In how many parts it is stored. */
  readonly parts: number;
  readonly rules: RolloutRules;
  /** ISO 8601 */
  readonly createdAt: string;
  /** Who asked for it: user and host. */
  readonly by: string;
  readonly message?: string;
  /** The cluster ID, in hex, of an etcd that was restored, if this should count nevertheless. */
  readonly afterRestore?: string;
}

/** A node of the fleet. */
export type Member = v.InferOutput<typeof MemberSchema>;

/** A node that is there now: the revision it serves, and how many of its pods are ready. */
export type Alive = v.InferOutput<typeof AliveSchema>;

/** Where a node stands in a roll-out, in its own words. */
export type Report = v.InferOutput<typeof ReportSchema>;

/** @throws {PodsteadError} like every function here that reads: the key holds something else */
export const readCurrent = (key: KeyState): Current => read(CurrentSchema, key);
export const readProgress = (key: KeyState): Progress => read(ProgressSchema, key);
export const readMember = (key: KeyState): Member => read(MemberSchema, key);
export const readAlive = (key: KeyState): Alive => read(AliveSchema, key);
export const readReport = (key: KeyState): Report => read(ReportSchema, key);

/** @throws {PodsteadError} if the key holds no specification of a roll-out */
export function readSpec(key: KeyState): RolloutSpec {
  const { id, sha256, parts, createdAt, by, message, afterRestore, ...rules } = read(
    SpecSchema,
    key,
  );
  return {
    ...{ id, sha256, parts, createdAt, by },
    rules: { ...rules, batches: parseBatches(rules.batches) },
    ...(message === undefined ? {} : { message }),
    ...(afterRestore === undefined ? {} : { afterRestore }),
  };
}

/** Writes a document of one of the types here. */
export function write(document: Current | Progress | Member | Alive | Report): string {
  return canonicalJson(document as unknown as JsonObject); // plain data throughout
}

/** Writes the specification of a roll-out. */
export function writeSpec({ rules, ...rest }: RolloutSpec): string {
  const flat = { ...rest, ...rules, batches: formatBatches(rules.batches) };
  return canonicalJson(flat as unknown as JsonObject); // plain data throughout
}

function read<T extends v.GenericSchema>(schema: T, { key, value }: KeyState): v.InferOutput<T> {
  try {
    return v.parse(schema, parseJson(new TextDecoder("utf-8", { fatal: true }).decode(value)));
  } catch (cause) {
    throw new PodsteadError("failed", `etcd's key "${key}" does not hold what podstead wrote`, {
      cause,
      hint: "Was it written by a newer podstead, or by hand?",
    });
  }
}
