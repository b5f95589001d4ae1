/** How answers and errors are written. */
import { canonicalJson, errorText, type JsonValue, PodsteadError } from "../../core/mod.ts";
import { dataFrame, errorFrame, type Frame, noticeFrame, type WireError } from "../contract/mod.ts";
import { pullStream } from "./stream.ts";

/** An answer as it is sent: it can be sent to many without being written again. */
export type JsonBytes = Uint8Array<ArrayBuffer>;

/** JSON with its int64 values exact, which `Response.json` cannot write. */
export function jsonBytes(value: unknown): JsonBytes {
  return new TextEncoder().encode(canonicalJson(value as JsonValue)); // plain data, by the contract
}

/** Answers with JSON. */
export function jsonAnswer(bytes: JsonBytes): Response {
  return new Response(bytes, {
    headers: { "Content-Type": "application/json", "Content-Length": String(bytes.byteLength) },
  });
}

/** Values as NDJSON; an error in the middle becomes the last line. */
export function linesAnswer(source: AsyncIterable<unknown>): Response {
  return stream(jsonLines(source), "application/x-ndjson");
}

/** Frames; an error in the middle becomes the last one. */
export function framesAnswer(source: AsyncIterable<Frame>): Response {
  return stream(frameBytes(source), "application/octet-stream");
}

/** An error as it crosses the socket. */
export function wireError(thrown: unknown): WireError {
  if (!(thrown instanceof PodsteadError)) {
    return { error: { code: "failed", message: errorText(thrown) } };
  }
  const { code, message, hint } = thrown;
  return { error: { code, message, ...(hint === undefined ? {} : { hint }) } };
}

/** A stream that asks for more only when its reader does. */
function stream(source: AsyncIterable<Uint8Array>, contentType: string): Response {
  return new Response(pullStream(source), { headers: { "Content-Type": contentType } });
}

async function* jsonLines(source: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  try {
    for await (const value of source) {
      yield encoder.encode(`${canonicalJson(value as JsonValue)}\n`); // plain data
    }
  } catch (error) {
    yield encoder.encode(`${JSON.stringify({ event: "error", ...wireError(error) })}\n`);
  }
}

async function* frameBytes(source: AsyncIterable<Frame>): AsyncGenerator<Uint8Array> {
  try {
    for await (const frame of source) {
      yield frame.kind === "data" ? dataFrame(frame.bytes) : noticeFrame(frame.text);
    }
  } catch (error) {
    yield errorFrame(wireError(error));
  }
}
