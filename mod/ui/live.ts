/** Pages that stay true: a page asks for its content again, and is told where it differs. */
import { createHash } from "node:crypto";
import type { Context } from "hono";

/**
 * Answers with a page's content, or with 304 where the browser has it. A connection that stays
 * open would be one of the six that a browser has for a server: the seventh page would wait for ever.
 */
export function liveContent(context: Context, html: string): Response {
  const etag = `"${createHash("sha256").update(html).digest("base64url")}"`;
  if (context.req.header("If-None-Match") === etag) return context.body(null, 304, { ETag: etag });
  return context.body(html, 200, { "Content-Type": "text/html; charset=utf-8", ETag: etag });
}
