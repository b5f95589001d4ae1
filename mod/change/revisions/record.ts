/** One revision: what a node declared at one moment, who brought it, and what came of it. */
import { createHash } from "node:crypto";
import * as v from "valibot";
import { canonicalJson, type JsonObject, parseJson, PodsteadError } from "../../core/mod.ts";

/** A source file as a revision keeps it; its content is kept by its SHA-256. */
export interface RevisionFile {
  /** Absolute. */
  readonly path: string;
  /** Hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Permission bits, such as 0o640. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What a revision changed of one pod. */
export interface RevisionPod {
  /** `namespace/name` */
  readonly key: string;
  /** The hash of the pod as declared, of the version that this revision serves. */
  readonly hash: string;
  readonly change: "added" | "changed" | "removed" | "unchanged";
}

/** What a revision changed of one ConfigMap or Secret. */
export interface RevisionObject {
  /** `ConfigMap namespace/name` */
  readonly key: string;
  readonly change: "added" | "changed" | "removed";
}

/** A revision as it is kept on disk. */
export interface Revision {
  /** The agent's revision number. */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** What brought it: `start`, `signal`, `request`, `apply`, `rollback`, … */
  readonly trigger: string;
  /** The user who asked for it; absent if that is not known (a signal, a start). */
  readonly callerUid?: number;
  /** Why, in the words of who made it. */
  readonly message?: string;
  /** Result of its reload. */
  readonly result: string;
  /** Every file that was read, the main config first. */
  readonly files: readonly RevisionFile[];
  /** Every pod that is served from it, and those that it removed. */
  readonly pods: readonly RevisionPod[];
  /** The ConfigMaps and Secrets that it changed; absent if there are none. */
  readonly objects?: readonly RevisionObject[];
}

const FORMAT = 1;
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const RevisionSchema = v.object({
  number: count,
  at: v.string(),
  trigger: v.string(),
  callerUid: v.optional(count),
  message: v.optional(v.string()),
  result: v.string(),
  files: v.array(v.object({
    path: v.string(),
    sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    sizeBytes: count,
    mode: count,
    uid: count,
    gid: count,
  })),
  pods: v.array(v.object({
    key: v.string(),
    hash: v.string(),
    change: v.picklist(["added", "changed", "removed", "unchanged"]),
  })),
  objects: v.optional(v.array(v.object({
    key: v.string(),
    change: v.picklist(["added", "changed", "removed"]),
  }))),
});
const FrameSchema = v.object({
  format: v.number(),
  sha256: v.string(),
  revision: v.unknown(),
});

/** The text of a revision's file, with a checksum over what it says. */
export function encodeRevision(revision: Revision): string {
  const plain = revision as unknown as JsonObject; // plain data throughout
  return `${canonicalJson({ format: FORMAT, sha256: checksum(plain), revision: plain })}\n`;
}

/**
 * Reads the text of a revision's file.
 *
 * @throws {PodsteadError} if it is damaged, or of a newer podstead
 */
export function decodeRevision(text: string, path: string): Revision {
  const damaged = (why: string, cause?: unknown) =>
    new PodsteadError("failed", `The revision "${path}" is damaged: ${why}`, {
      cause,
      hint: 'Go back to another one, see "podstead history", or bring the file back from a backup',
    });
  let frame: v.InferOutput<typeof FrameSchema>;
  try {
    frame = v.parse(FrameSchema, parseJson(text));
  } catch (error) {
    throw damaged("it cannot be read", error);
  }
  if (frame.format !== FORMAT) {
    throw new PodsteadError(
      "failed",
      `The revision "${path}" has format ${frame.format}; this podstead knows ${FORMAT}`,
      { hint: "A newer podstead wrote it: use that one" },
    );
  }
  const parsed = v.safeParse(RevisionSchema, frame.revision);
  if (!parsed.success) throw damaged(parsed.issues[0].message);
  if (checksum(frame.revision as JsonObject) !== frame.sha256) {
    throw damaged("its checksum differs");
  }
  const { callerUid, message, objects, ...rest } = parsed.output;
  return {
    ...rest,
    ...(objects === undefined ? {} : { objects }),
    ...(callerUid === undefined ? {} : { callerUid }),
    ...(message === undefined ? {} : { message }),
  };
}

/** SHA-256 in hex. */
export function sha256Of(data: Uint8Array | string): string {
  return createHash("sha256").update(data).digest("hex");
}

function checksum(revision: JsonObject): string {
  return sha256Of(canonicalJson(revision));
}
