import type { WireStreamError } from "./contract.ts";
import { parseJson, PodsteadError } from "../core/mod.ts";

/**
 * Reads NDJSON from the agent as it comes.
 *
 * @throws {PodsteadError} what the agent reports when the stream breaks in the middle
 */
export async function* readNdjson<Line extends object>(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of source) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield readLine<Line>(line);
  }
}

function readLine<Line extends object>(text: string): Line {
  const line = parseJson(text) as unknown as Line | WireStreamError; // the agent is our own
  if (!("error" in line && "event" in line && line.event === "error")) return line as Line;
  const { code, message, hint } = line.error;
  throw new PodsteadError(code, message, hint === undefined ? {} : { hint });
}
