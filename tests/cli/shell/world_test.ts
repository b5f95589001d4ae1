import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readUpTo } from "../../../mod/cli/shell/world.ts";

describe("readUpTo()", () => {
  it("reads a stream to its end", async () => {
    assert.deepEqual(
      await readUpTo(chunks([1, 2], [3]), 10),
      Buffer.from([1, 2, 3]),
    );
  });

  it("stops when it is larger than asked for, however much would come", async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      while (true) yield await Promise.resolve(new Uint8Array(1000));
    }
    assert.equal((await readUpTo(endless(), 4500)).length, 5000);
  });
});

async function* chunks(...parts: readonly number[][]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(Uint8Array.from(part));
}
