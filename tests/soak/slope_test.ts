import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { lowest, slopePerHour } from "./slope.ts";

/** An hour, a point a minute: garbage that is collected every seven minutes, over a floor. */
const hour = (floorMib: (minute: number) => number) =>
  Array.from(
    { length: 60 },
    (_, minute) => [minute / 60, floorMib(minute) + (minute % 7) * 10] as const,
  );

describe("slopePerHour()", () => {
  it("is nothing for memory that falls back to where it was, however high it goes", () => {
    const slope = slopePerHour(lowest(hour(() => 100), 1 / 6));
    assert.ok(Math.abs(slope) < 5, `${slope}`);
  });

  it("is what is lost in an hour, below garbage that comes and goes", () => {
    const slope = slopePerHour(lowest(hour((minute) => 100 + minute), 1 / 6));
    assert.ok(Math.abs(slope - 60) < 5, `${slope}`);
  });

  it("is nothing of one point", () => {
    assert.equal(slopePerHour([[0, 5]]), 0);
  });
});
