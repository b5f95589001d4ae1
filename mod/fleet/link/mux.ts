import { Buffer } from "node:buffer";
import type { Duplex, Writable } from "node:stream";
import { encodeFrame, FrameReader, type LinkFrame, MAX_PAYLOAD_BYTES } from "./frame.ts";

/** What one side may send on a channel before the other has written it out, in bytes. */
const WINDOW_BYTES = 256 * 1024;

interface Channel {
  readonly socket: Duplex;
  /** Bytes that may be sent now. */
  credit: number;
  ended: boolean;
}

/** What a side of a link does with what the other side asks for. */
export interface MuxOptions {
  /** Where frames go. */
  readonly output: Writable;
  /** Connects a channel that the other side opens; undefined if this side connects nothing. */
  readonly dial?: (target: string) => Duplex | string;
  /** Called when the other side could not connect a channel, or lost its connection. */
  readonly onReset?: (why: string) => void;
}

/**
 * Many connections over one pair of streams. A connection whose reader is slow holds up only
 * itself: each side sends at most a window that the other has not written out.
 */
export class Mux {
  readonly #options: MuxOptions;
  readonly #reader = new FrameReader();
  readonly #channels = new Map<number, Channel>();
  #last = 0;
  #closed = false;

  constructor(options: MuxOptions) {
    this.#options = options;
  }

  /** Opens a channel to a target of the other side, for a connection of this one. */
  open(target: string, socket: Duplex): void {
    const channel = this.#last += 1;
    this.#send("open", channel, Buffer.from(target));
    this.#attach(channel, socket);
  }

  /**
   * Takes bytes from the other side.
   *
   * @throws {PodsteadError} for foreign data
   */
  receive(chunk: Uint8Array): void {
    for (const frame of this.#reader.push(chunk)) this.#take(frame);
  }

  /** Ends every connection: the link is gone. */
  close(): void {
    this.#closed = true;
    for (const { socket } of this.#channels.values()) socket.destroy();
    this.#channels.clear();
  }

  #take({ kind, channel, payload }: LinkFrame): void {
    if (kind === "open") return this.#connect(channel, payload.toString("utf8"));
    const open = this.#channels.get(channel);
    if (kind === "reset") {
      this.#channels.delete(channel);
      const why = payload.toString("utf8");
      this.#options.onReset?.(why);
      open?.socket.destroy(why === "" ? undefined : new Error(why));
      return;
    }
    if (open === undefined) return; // closed here, which the other side does not know yet
    if (kind === "credit") {
      open.credit += payload.readUInt32BE(0);
      if (open.credit > 0) open.socket.resume();
    } else if (kind === "end") {
      open.socket.end();
      this.#endedOnce(channel, open);
    } else {
      const { length } = payload;
      open.socket.write(payload, (error) => {
        if (error === null || error === undefined) this.#grant(channel, length);
      });
    }
  }

  #connect(channel: number, target: string): void {
    const dialled = this.#options.dial?.(target) ?? `Cannot connect "${target}" here`;
    if (typeof dialled === "string") this.#send("reset", channel, Buffer.from(dialled));
    else this.#attach(channel, dialled);
  }

  #attach(channel: number, socket: Duplex): void {
    const open: Channel = { socket, credit: WINDOW_BYTES, ended: false };
    this.#channels.set(channel, open);
    let failure = "";
    socket.on("data", (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += MAX_PAYLOAD_BYTES) {
        this.#send("data", channel, bytes.subarray(at, at + MAX_PAYLOAD_BYTES));
      }
      open.credit -= bytes.length;
      if (open.credit <= 0) socket.pause();
    });
    socket.once("end", () => {
      if (this.#channels.get(channel) !== open) return;
      this.#send("end", channel);
      this.#endedOnce(channel, open);
    });
    socket.on("error", (error: Error) => failure = error.message);
    socket.once("close", () => {
      // Without an end on both sides it broke off: the other side must know.
      if (this.#channels.get(channel) !== open) return;
      this.#channels.delete(channel);
      this.#send("reset", channel, Buffer.from(failure));
    });
  }

  /** Forgets a channel when both sides have ended. */
  #endedOnce(channel: number, open: Channel): void {
    if (open.ended) this.#channels.delete(channel);
    open.ended = true;
  }

  #grant(channel: number, sizeBytes: number): void {
    if (!this.#channels.has(channel)) return;
    const payload = Buffer.allocUnsafe(4);
    payload.writeUInt32BE(sizeBytes);
    this.#send("credit", channel, payload);
  }

  #send(kind: LinkFrame["kind"], channel: number, payload?: Uint8Array): void {
    if (!this.#closed) this.#options.output.write(encodeFrame(kind, channel, payload));
  }
}
