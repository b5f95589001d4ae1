import { Buffer } from "node:buffer";

/** How many base64 digits are looked at: enough for the first line of an armored age file. */
const BEGINNING = 88;

/**
 * Whether a value of a Secret is sealed: an armored age file. A first line that was damaged counts
 * too, so that the text is never taken for the value itself.
 *
 * @param value in base64
 */
export function isSealed(value: string): boolean {
  const beginning = Buffer.from(value.slice(0, BEGINNING), "base64").toString("latin1");
  return beginning.includes("BEGIN AGE ENCRYPTED FILE");
}
