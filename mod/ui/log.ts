/** A log as it comes, for a page that is open. */
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import { errorText } from "../core/mod.ts";
import type { SeenNode } from "./node.ts";
import { shown } from "./parts/format.ts";

/** Lines that are there when a page is opened. */
const TAIL_LINES = 500;
/** The longest text of one event, in characters: a page is no place for gigabytes. */
const MAX_LINE = 10_000;

/** One line, as the page's script takes it. */
interface PageLine {
  readonly time?: unknown;
  readonly stream?: unknown;
  readonly message?: unknown;
}

/** Sends the lines of a container as they come, and notices between them, until the page is closed. */
export function liveLog(
  context: Context,
  node: SeenNode,
  { id, container, closing }: {
    readonly id: string;
    readonly container: string | undefined;
    readonly closing: AbortSignal;
  },
): Response {
  return streamSSE(context, async (stream) => {
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    const signal = AbortSignal.any([gone.signal, closing]);
    const notice = (text: string) =>
      stream.writeSSE({ event: "notice", data: JSON.stringify(shown(text)) });
    try {
      const { agent } = await node.connection();
      const frames = await agent.logs({
        references: [id],
        ...(container === undefined ? {} : { container }),
        previous: false,
        follow: true,
        selection: { tail: TAIL_LINES },
        format: "json",
        color: false,
      }, { signal });
      const decoder = new TextDecoder();
      let rest = "";
      for await (const frame of frames) {
        if (frame.kind === "notice") {
          await notice(frame.text);
          continue;
        }
        const lines = (rest + decoder.decode(frame.bytes, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        const data = JSON.stringify(lines.flatMap(pageLine));
        await stream.writeSSE({ event: "lines", data });
      }
    } catch (error) {
      if (!signal.aborted) await notice(errorText(error));
    }
  });
}

function pageLine(text: string): readonly PageLine[] {
  if (text === "") return [];
  const { time, stream, message } = JSON.parse(text) as PageLine; // written by the agent's log reader
  return [{ time, stream, message: shown(String(message)).slice(0, MAX_LINE) }];
}
