/** Pages that stay true: a page asks for its content again, and is told where it differs. */
import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { Clock } from "../core/mod.ts";

/**
 * Answers with a page's content, or with 304 where the browser has it. A connection that stays
 * open would be one of the six that a browser has for a server: the seventh page would wait forever.
 */
export function liveContent(context: Context, html: string): Response {
  const etag = `"${createHash("sha256").update(html).digest("base64url")}"`;
  if (context.req.header("If-None-Match") === etag) return context.body(null, 304, { ETag: etag });
  return context.body(html, 200, { "Content-Type": "text/html; charset=utf-8", ETag: etag });
}

/** How long an answer is good for all pages that ask the same, in milliseconds. */
export const FRESH_MS = 900;

/** Asks once a second at most, however many pages want to know. */
export function freshly<T>(ask: () => Promise<T>, clock: Clock): () => Promise<T> {
  let last: { readonly atMs: number; readonly value: Promise<T> } | undefined;
  return () => {
    const nowMs = clock.monotonicMs();
    if (last === undefined || nowMs - last.atMs >= FRESH_MS) last = { atMs: nowMs, value: ask() };
    return last.value;
  };
}
