/** What a roll-out brings: one text, compressed, in parts that fit into a request of etcd. */
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzipSync } from "node:zlib";
import { errorText, PodsteadError } from "../../core/mod.ts";
import { absent, type Etcd, putKey } from "../../etcd/mod.ts";
import type { FleetKeys } from "./keys.ts";

/** etcd takes 1.5 MiB a request; a part leaves room for the rest. */
const PART_BYTES = 512 * 1024;

/** The largest text, in bytes: as much as podstead reads of one file. */
export const MAX_CONTENT_BYTES = 8 * 1024 * 1024;

/** A content's name, and in how many parts it is stored. */
export interface StoredContent {
  readonly sha256: string;
  readonly parts: number;
}

/**
 * Stores a text under its hash; what is there already stays.
 *
 * @throws {PodsteadError} if it is too large, or as etcd
 */
export async function storeContent(
  etcd: Pick<Etcd, "txn">,
  keys: FleetKeys,
  text: string,
): Promise<StoredContent> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MAX_CONTENT_BYTES) {
    throw new PodsteadError(
      "failed",
      `The config of the fleet has ${bytes.length} bytes, and ${MAX_CONTENT_BYTES} fit`,
      { hint: "Let pods read large files from an image or a host path" },
    );
  }
  const sha256 = hashOf(bytes);
  const packed = gzipSync(bytes);
  const parts = Math.max(1, Math.ceil(packed.length / PART_BYTES));
  for (let number = 0; number < parts; number++) {
    const key = keys.part(sha256, number);
    const part = packed.subarray(number * PART_BYTES, (number + 1) * PART_BYTES);
    await etcd.txn([absent(key)], [putKey(key, part)]);
  }
  return { sha256, parts };
}

/**
 * Reads a text, and checks that it is the one that was meant.
 *
 * @throws {PodsteadError} if it is not there, or is not what its name says
 */
export async function loadContent(
  etcd: Pick<Etcd, "read">,
  keys: FleetKeys,
  { sha256, parts }: StoredContent,
  signal?: AbortSignal,
): Promise<string> {
  const packed: Uint8Array[] = [];
  for (let number = 0; number < parts; number++) {
    const { keys: [found] } = await etcd.read({ key: keys.part(sha256, number) }, { signal });
    if (found === undefined) throw broken(sha256, `part ${number + 1} of ${parts} is missing`);
    packed.push(found.value);
  }
  let bytes: Uint8Array;
  try {
    // A few bytes must not become a machine's memory.
    bytes = await promisify(gunzip)(joined(packed), { maxOutputLength: MAX_CONTENT_BYTES });
  } catch (error) {
    throw broken(sha256, errorText(error));
  }
  if (hashOf(bytes) !== sha256) throw broken(sha256, "its hash is another one");
  return new TextDecoder().decode(bytes);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function broken(sha256: string, why: string): PodsteadError {
  return new PodsteadError(
    "failed",
    `The fleet's config ${sha256.slice(0, 12)} is damaged: ${why}`,
    {
      hint: "Nothing was changed. Start another roll-out with the same file",
    },
  );
}
