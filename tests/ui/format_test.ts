import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { bytesText, costText, cpuText, shown } from "../../mod/ui/parts/format.ts";

describe("values on the pages", () => {
  const change = {
    namespace: "default",
    name: "web",
    hash: "h",
    applied: "2026-11-30T12:00:00.000Z",
  };

  it("says what a change cost and how long it took, as far as it came", () => {
    assert.equal(costText(change), "on its way");
    const fetched = { ...change, fetched: "2026-11-30T12:00:00.400Z" };
    assert.equal(costText(fetched), "fetched after 400ms");
    const ready = { ...fetched, ready: "2026-11-30T12:00:02.000Z" };
    assert.equal(costText(ready), "ready after 2s");
    assert.equal(
      costText({ ...ready, method: "in-place", downMs: 96 }),
      "96ms down, in place; ready after 2s",
    );
    assert.equal(
      costText({ ...fetched, method: "quick" }),
      "as another pod; fetched after 400ms",
    );
  });

  it("keeps as many digits as say something", () => {
    assert.deepEqual([0, 1023, 1024, 13_000_000].map(bytesText), [
      "0 B",
      "1023 B",
      "1.0 KiB",
      "12 MiB",
    ]);
    assert.deepEqual([0.0123, 1.5].map(cpuText), ["0.012", "1.50"]);
  });

  it("shows control characters instead of sending them", () => {
    assert.equal(shown("\x1b[31mred\x1b[0m \x07\x7f\x9b"), "red \u2407\u2421\ufffd");
  });
});
