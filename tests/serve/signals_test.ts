import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import process from "node:process";
import { onSignals } from "../../mod/serve/signals.ts";

describe("onSignals()", () => {
  it("makes one reload of all that come while one runs", async () => {
    let reloads = 0;
    const ends: (() => void)[] = [];
    const began = (count: number) =>
      new Promise<void>((resolve) => {
        const timer = setInterval(() => {
          if (reloads < count) return;
          clearInterval(timer);
          resolve();
        }, 5);
      });
    onSignals(() => {
      reloads += 1;
      return new Promise<void>((resolve) => ends.push(resolve));
    });
    const handlers = process.listeners("SIGHUP");
    const hangUp = handlers.at(-1) as () => void;
    try {
      hangUp();
      await began(1);
      for (let count = 0; count < 50; count++) hangUp();
      ends.shift()?.();
      await began(2);
      ends.shift()?.();
      await Promise.resolve();
      hangUp();
      await began(3);
      ends.shift()?.();
      assert.equal(reloads, 3);
    } finally {
      for (const name of ["SIGHUP", "SIGTERM", "SIGINT"] as const) process.removeAllListeners(name);
    }
  });
});
