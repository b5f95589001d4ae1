import { parseJson, PodsteadError } from "../../core/mod.ts";
import type { WireStreamError } from "../contract/mod.ts";

/**
 * Reads NDJSON from the agent as it comes.
 *
 * @throws {PodsteadError} what the agent reports when the stream breaks in the middle
 */
export async function* readNdjson(source: AsyncIterable<Uint8Array>): AsyncGenerator<object> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of source) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield readLine(line);
  }
}

function readLine(text: string): object {
  const line = parseJson(text) as unknown as object | WireStreamError; // the agent is our own
  if (!("error" in line && "event" in line && line.event === "error")) return line;
  const { code, message, hint } = line.error;
  throw new PodsteadError(code, message, hint === undefined ? {} : { hint });
}
