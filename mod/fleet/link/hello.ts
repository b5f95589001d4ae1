/** The first line of a link: who is at the other end, and what it may do. */
import { type ErrorCode, isJsonObject, parseJson } from "../../core/mod.ts";

/** What the node's end says first. */
export interface Hello {
  /** Version of podstead on the node. */
  readonly version: string;
  /** `read` if only what is not secret may be seen; undefined if no agent can be reached. */
  readonly access?: "admin" | "read" | undefined;
  /** Why no agent can be reached. */
  readonly error?: { readonly code: ErrorCode; readonly message: string } | undefined;
}

/** Tells our line from what shell start-up files print before it. */
const MARK = "podstead-link ";

/** What may be printed before our line; beyond it, it does not come. */
export const MAX_NOISE_BYTES = 64 * 1024;

/** Writes the line. */
export function formatHello(hello: Hello): string {
  return `${MARK}${JSON.stringify(hello)}\n`;
}

/**
 * Finds the line in what has come so far.
 *
 * @returns the hello and the index of the first byte after it; undefined if it is not there yet
 */
export function findHello(
  text: string,
): { readonly hello: Hello; readonly end: number } | undefined {
  const at = text.search(new RegExp(`(?:^|\\n)${MARK}`));
  if (at < 0) return undefined;
  const start = text.indexOf(MARK, at);
  const end = text.indexOf("\n", start);
  if (end < 0) return undefined;
  const value = parseJson(text.slice(start + MARK.length, end));
  if (!isJsonObject(value) || typeof value.version !== "string") return undefined;
  return { hello: value as unknown as Hello, end: end + 1 }; // podstead at the other end wrote it
}
