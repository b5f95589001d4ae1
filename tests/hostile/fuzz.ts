/**
 * Hostile inputs, made from good ones: cut, doubled, swapped, flipped and mixed with what
 * breaks readers. `PODSTEAD_FUZZ` says how many each target is given, `PODSTEAD_FUZZ_SEED`
 * which; the same seed gives the same inputs.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import process from "node:process";
import { type Random, randomOf } from "../support/random.ts";

/** How many inputs each target is given. */
export const INPUTS = Number(process.env.PODSTEAD_FUZZ ?? 2_000);
const SEED = Number(process.env.PODSTEAD_FUZZ_SEED ?? 1);

/** More processor time than this for one input is a hang. */
const LIMIT_MS = 1_000;
/** More than this on the heap after an input is a bomb. */
const HEAP_LIMIT_BYTES = 300 * 1024 * 1024;
/** No input is larger: what grows without end is the limits' matter, tested beside them. */
const MAX_BYTES = 64 * 1024;

/** What readers of text stumble over. */
const TOKENS = [
  "\0",
  "\r\n",
  "\uFEFF",
  "\x1b[31m",
  "%",
  "&a ",
  "*a",
  "!!binary ",
  "<<: ",
  "---\n",
  "...\n",
  "? ",
  "|",
  ">-\n",
  "{",
  "}",
  "[",
  "]",
  '"',
  "'",
  "\\",
  "\\u0000",
  "\ud800",
  "#",
  "\t",
  "null",
  "~",
  "true",
  "0x",
  "1e999",
  "-0",
  "9007199254740993",
  "__proto__",
  "constructor",
  "../",
  "/",
  "- ".repeat(200),
  "[".repeat(500),
  "{a: ".repeat(300),
  "a".repeat(5_000),
  " ".repeat(5_000),
]; // deno-fmt-ignore

/** One thing to be tried. */
export interface FuzzTarget {
  /** Good inputs, from which the hostile ones are made. */
  readonly corpus: readonly (string | Uint8Array)[];
  /** Takes an input; what it throws is a finding. */
  readonly take: (input: Uint8Array, random: Random) => unknown;
  /** How many inputs, as a part of `INPUTS`; default: 1. */
  readonly share?: number;
}

/** Gives a target its inputs. @throws {AssertionError} with the input that it did not survive */
export async function fuzz({ corpus, take, share = 1 }: FuzzTarget): Promise<void> {
  const random = randomOf(SEED);
  const seeds = corpus.map((one) => Buffer.from(one));
  assert.ok(seeds.length > 0, "there is a corpus");
  for (let index = 0; index < INPUTS * share; index += 1) {
    const input = mutate(pick(seeds, random), seeds, random);
    const before = process.cpuUsage();
    try {
      await take(input, random);
    } catch (error) {
      throw found(`threw ${error instanceof Error ? error.stack : String(error)}`, index, input);
    }
    const { user } = process.cpuUsage(before);
    if (user > LIMIT_MS * 1_000) throw found(`took ${user / 1_000} ms`, index, input);
    const { heapUsed } = process.memoryUsage();
    if (heapUsed > HEAP_LIMIT_BYTES) throw found(`left ${heapUsed} bytes`, index, input);
  }
}

function found(what: string, index: number, input: Uint8Array): Error {
  const text = Buffer.from(input).toString("base64");
  return new assert.AssertionError({
    message: `Input ${index} of seed ${SEED} ${what}\nThe input, in base64: ${
      text.slice(0, 8_000)
    }`,
  });
}

export function pick<T>(list: readonly T[], random: Random): T {
  const one = list[random(list.length)];
  if (one === undefined) throw new RangeError("Nothing to pick from");
  return one;
}

/** One to eight changes of an input. */
function mutate(input: Uint8Array, all: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes: Uint8Array = Buffer.from(input);
  for (let left = 1 + random(8); left > 0; left -= 1) {
    bytes = pick(CHANGES, random)(bytes, all, random);
  }
  return bytes.subarray(0, MAX_BYTES);
}

type Change = (bytes: Uint8Array, all: readonly Uint8Array[], random: Random) => Uint8Array;

/** Puts something in the place of `length` bytes. */
function splice(bytes: Uint8Array, at: number, length: number, text: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), text, bytes.subarray(at + length)]);
}

const CHANGES: readonly Change[] = [
  function flip(bytes, _all, random) {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random(copy.length)] = random(256);
    return copy;
  },
  function cut(bytes, _all, random) {
    return bytes.subarray(0, random(bytes.length + 1));
  },
  function take(bytes, _all, random) {
    const at = random(bytes.length + 1);
    return splice(bytes, at, random(64), Buffer.alloc(0));
  },
  function double(bytes, _all, random) {
    const at = random(bytes.length + 1);
    return splice(bytes, at, 0, bytes.subarray(at, at + random(200)));
  },
  function move(bytes, _all, random) {
    const from = random(bytes.length + 1);
    return splice(bytes, random(bytes.length + 1), 0, bytes.subarray(from, from + random(80)));
  },
  function cross(bytes, all, random) {
    const other = pick(all, random);
    const at = random(other.length + 1);
    return splice(
      bytes,
      random(bytes.length + 1),
      random(100),
      other.subarray(at, at + random(300)),
    );
  },
  function insert(bytes, _all, random) {
    return splice(bytes, random(bytes.length + 1), 0, Buffer.from(pick(TOKENS, random)));
  },
  function overwrite(bytes, _all, random) {
    const token = Buffer.from(pick(TOKENS, random));
    return splice(bytes, random(bytes.length + 1), token.length, token);
  },
];
