/** The helper's side: requests come in as lines, answers go out in pieces. */
import { MESSAGE } from "./helper_process.ts";
import { FileTimeout } from "./time_limit.ts";

/** Does what a request asks for; what it sends goes before its result. */
export type ServeRequest = (
  request: Readonly<Record<string, unknown>>,
  send: (piece: Uint8Array) => void,
) => Promise<Readonly<Record<string, unknown>>>;

/** Answers one request after the other, until the input ends. */
export async function serveRequests(
  serve: ServeRequest,
  { input, write }: {
    readonly input: AsyncIterable<Uint8Array>;
    /** Writes all of it before it returns. */
    readonly write: (bytes: Uint8Array) => void;
  },
): Promise<void> {
  const send = (piece: Uint8Array) => {
    const frame = new Uint8Array(4 + piece.length);
    new DataView(frame.buffer).setUint32(0, piece.length, true);
    frame.set(piece, 4);
    write(frame);
  };
  send(messagePiece({ ready: true }));
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of input) {
    text += decoder.decode(bytes, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      try {
        send(messagePiece({ done: await serve(JSON.parse(line), send) }));
      } catch (error) {
        if (error instanceof FileTimeout) {
          send(messagePiece({ late: true }));
          continue;
        }
        const { message, code, why, facts } = error as NodeJS.ErrnoException & {
          readonly why?: unknown;
          readonly facts?: unknown;
        }; // of node:fs, or a FileRefused
        send(messagePiece({ error: { message, code, why, facts } }));
      }
    }
  }
}

/** A message of the helper itself. */
export function messagePiece(content: Readonly<Record<string, unknown>>): Uint8Array {
  const body = new TextEncoder().encode(JSON.stringify(content));
  const piece = new Uint8Array(1 + body.length);
  piece[0] = MESSAGE;
  piece.set(body, 1);
  return piece;
}
