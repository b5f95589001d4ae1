import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { encodeFrame, FrameReader } from "../../mod/grpc/mod.ts";

describe("FrameReader", () => {
  it("gives the messages back however their frames are cut", () => {
    fc.assert(fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }),
      (messages, cuts) => {
        const wire = Buffer.concat(messages.map(encodeFrame));
        const reader = new FrameReader();
        const read: Uint8Array[] = [];
        for (let offset = 0, step = 0; offset < wire.length; step++) {
          const length = cuts[step % cuts.length] ?? 1;
          reader.push(wire.subarray(offset, offset + length));
          offset += length;
          for (let message = reader.next(); message !== undefined; message = reader.next()) {
            read.push(new Uint8Array(message));
          }
        }
        assert.deepEqual(read, messages.map((message) => new Uint8Array(message)));
        assert.equal(reader.isPartial, false);
      },
    ));
  });

  it("knows that a message has not ended", () => {
    const reader = new FrameReader();
    reader.push(encodeFrame(new Uint8Array(10)).subarray(0, 14));
    assert.equal(reader.next(), undefined);
    assert.equal(reader.isPartial, true);
  });

  it("refuses a compressed message", () => {
    const reader = new FrameReader();
    reader.push(Uint8Array.of(1, 0, 0, 0, 0));
    assert.throws(() => reader.next(), /compressed/);
  });

  it("says when more has arrived than a message may have", () => {
    const reader = new FrameReader();
    const piece = new Uint8Array(32 * 1024 * 1024);
    for (let at = 0; at < 3; at++) reader.push(piece);
    assert.equal(reader.isTooLarge, false);
    reader.push(piece);
    assert.equal(reader.isTooLarge, true);
  });
});
