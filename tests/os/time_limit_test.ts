import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { FileHelpers } from "../../mod/os/file_helper.ts";
import { HelperProcess } from "../../mod/os/helper_process.ts";
import { FileTimeout, inTime, messagePiece, serveRequests } from "../../mod/os/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";

const NEVER = new Promise<never>(() => {});

describe("inTime()", () => {
  it("gives up on a file system that does not answer", async () => {
    const clock = new FakeClock();
    const asked = assert.rejects(inTime(NEVER, 2_000, clock), FileTimeout);
    await clock.advance(1_999);
    assert.equal(clock.sleepers, 1);
    await clock.advance(1);
    await asked;
    assert.equal(clock.sleepers, 0);
  });
  it("leaves nothing behind when it answers, or fails", async () => {
    const clock = new FakeClock();
    assert.equal(await inTime(Promise.resolve("text"), 2_000, clock), "text");
    const failure = new Error("it is gone");
    await assert.rejects(inTime(Promise.reject(failure), 2_000, clock), failure);
    assert.equal(clock.sleepers, 0);
  });
  it("counts no time in which this process had no turn", async () => {
    const clock = new FakeClock();
    // The processor is busy with others for five seconds: what is due comes that late.
    const busyUntilMs = clock.monotonicMs() + 5_000;
    const starved = {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      sleep: (delayMs: number, signal?: AbortSignal) =>
        clock.sleep(Math.max(delayMs, busyUntilMs - clock.monotonicMs()), signal),
    };
    const answer = Promise.withResolvers<string>();
    const asked = inTime(answer.promise, 2_000, starved);
    const hanging = assert.rejects(inTime(NEVER, 2_000, starved), FileTimeout);
    await clock.advance(6_800);
    assert.equal(clock.sleepers, 2);
    answer.resolve("text");
    assert.equal(await asked, "text");
    await clock.advance(200);
    await hanging;
  });
});

describe("serveRequests()", () => {
  it("tells that the file system hangs, and serves on", async () => {
    const told: unknown[] = [];
    await serveRequests(
      (request) =>
        request.op === "hang" ? Promise.reject(new FileTimeout(2_000)) : Promise.resolve(request),
      {
        input: (async function* () {
          yield await Promise.resolve(Buffer.from('{"op":"hang"}\n{"op":"stat"}\n'));
        })(),
        write: (bytes) => told.push(JSON.parse(Buffer.from(bytes.subarray(5)).toString())),
      },
    );
    assert.deepEqual(told, [{ ready: true }, { late: true }, { done: { op: "stat" } }]);
  });
});

describe("FileHelpers", () => {
  /** Answers what is asked with these pieces, as a process of its own. */
  const helpers = (...pieces: readonly Uint8Array[]) =>
    new FileHelpers(() => {
      const frames = [messagePiece({ ready: true }), ...pieces].map((piece) => {
        const frame = Buffer.alloc(4 + piece.length);
        frame.writeUInt32LE(piece.length);
        frame.set(piece, 4);
        return [...frame].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
      });
      return new HelperProcess(["sh", "-c", `read line; printf '${frames.join("")}'; exec cat`]);
    });
  const request = { op: "stat", path: "/mnt/dead/file" } as const;

  it("takes the word of a helper that the file system hangs, and ends it", async () => {
    const asked = helpers(messagePiece({ late: true }));
    let gone: Promise<void> | undefined;
    await assert.rejects(
      asked.ask(request, undefined, (promise) => gone = promise),
      { name: "FileTimeout", message: "the file system did not answer within 2 s" },
    );
    const staying = setInterval(() => {}, 1_000); // a helper keeps no process
    await gone;
    clearInterval(staying);
  });
  it("gives what a helper answers", async () => {
    const asked = helpers(messagePiece({ done: { facts: 1 } }));
    assert.deepEqual(await asked.ask(request), { facts: 1 });
    asked.close();
  });
});
