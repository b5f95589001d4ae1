import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

/** How the first request of a connection is read. */
export interface FirstRequestOptions {
  /** More bytes than this before its body are no client's of ours. */
  readonly limitBytes: number;
  /** Called once with all that has come so far, when the head is whole. The socket is paused. */
  readonly onHead: (received: Buffer) => void;
  /** Called instead for one that is too large, or has another request behind it. */
  readonly onRefused: () => void;
}

const HEAD_END = "\r\n\r\n";

/**
 * Waits for the head of the first request before an HTTP parser sees the
 * connection: an idle or slow one costs a socket and nothing else, and of
 * requests that are sent at once none is parsed (Bun's parser takes all that
 * has come, though the connection is closed after the first).
 */
export function readFirstRequest(socket: Socket, options: FirstRequestOptions): void {
  const { limitBytes, onHead, onRefused } = options;
  let received: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const end = received.indexOf(HEAD_END);
    if (end < 0 && received.length <= limitBytes) return;
    socket.off("data", onData);
    const isBodiless = /^(?:GET|HEAD) /.test(received.toString("latin1", 0, 5));
    const hasMore = received.length > end + HEAD_END.length;
    if (end < 0 || end > limitBytes || (isBodiless && hasMore)) return onRefused();
    socket.pause();
    onHead(received);
  };
  socket.on("data", onData);
}
