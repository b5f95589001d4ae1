/** Pages that stay true: rendered again while they are open, and sent where they differ. */
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { Clock } from "../core/mod.ts";

/** Between two looks, in milliseconds. */
const LOOK_MS = 1_000;
/** A sign of life for proxies and sleeping tabs, in milliseconds. */
const PING_MS = 15_000;

/** Sends what `render` gives, each time that it gives something else, until the page is closed. */
export function livePage(
  context: Context,
  render: () => Promise<string>,
  { clock, closing }: { readonly clock: Clock; readonly closing: AbortSignal },
): Response {
  return streamSSE(context, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    const signal = AbortSignal.any([gone.signal, closing]);
    let last = "";
    let spokenMs = clock.monotonicMs();
    while (!signal.aborted) {
      const html = await render();
      const nowMs = clock.monotonicMs();
      if (html !== last) await stream.writeSSE({ event: "main", data: html });
      else if (nowMs - spokenMs > PING_MS) await stream.writeSSE({ event: "ping", data: "" });
      if (html !== last || nowMs - spokenMs > PING_MS) spokenMs = nowMs;
      last = html;
      await clock.sleep(LOOK_MS, signal).catch(() => undefined); // the loop sees it
    }
  });
}
