import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { dataFrame, errorFrame, noticeFrame, readFrames } from "../../mod/api/contract/frames.ts";

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe("readFrames()", () => {
  it("gives back what was framed, however the bytes are cut", async () => {
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ kind: "data" as const, bytes })),
      fc.string().map((text) => ({ kind: "notice" as const, text })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame), fc.integer({ min: 1, max: 20 }), async (frames, size) => {
        const whole = Buffer.concat(
          frames.map((one) => one.kind === "data" ? dataFrame(one.bytes) : noticeFrame(one.text)),
        );
        let data = "";
        let notices = "";
        for await (const one of readFrames(pieces(whole, size))) {
          if (one.kind === "data") data += Buffer.from(one.bytes).toString("hex");
          else notices += `${one.text}\0`;
        }
        assert.equal(
          data,
          frames.map((one) => one.kind === "data" ? Buffer.from(one.bytes).toString("hex") : "")
            .join(""),
        );
        // An empty notice is nothing to tell.
        assert.equal(
          notices,
          frames.map((one) => one.kind === "notice" && one.text !== "" ? `${one.text}\0` : "")
            .join(""),
        );
      }),
    );
  });

  it("throws what an error frame reports", async () => {
    const bytes = errorFrame({
      error: { code: "runtime-unavailable", message: "gone", hint: "h" },
    });
    await assert.rejects(
      async () => {
        for await (const _ of readFrames(pieces(bytes, 3)));
      },
      { code: "runtime-unavailable", message: "gone", hint: "h" },
    );
  });

  it("throws when the stream ends inside a frame", async () => {
    const bytes = dataFrame(new Uint8Array(10)).subarray(0, 9);
    await assert.rejects(
      async () => {
        for await (const _ of readFrames(pieces(bytes, 100)));
      },
      /broke off/,
    );
  });
});
