import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { FetchLog } from "../../mod/observe/mod.ts";

/** A log of fetches, each a time and the list's tag. */
function logOf(...fetches: readonly (readonly [number, string])[]): FetchLog {
  const log = new FetchLog();
  for (const [atMs, etag] of fetches) log.record({ atMs, etag, userAgent: "Go-http-client/1.1" });
  return log;
}

const every = (...times: readonly number[]) =>
  logOf(...times.map((atMs) => [atMs, '"a"'] as const)).intervalMs;

describe("FetchLog.intervalMs", () => {
  it("is unknown before the second fetch, then the time between the two", () => {
    assert.equal(every(), undefined);
    assert.equal(every(1_000), undefined);
    assert.equal(every(1_000, 21_000), 20_000);
  });

  it("stays as it is where one fetch is early, as after a restart of the kubelet, or late", () => {
    assert.equal(every(0, 20_000, 40_000, 43_000), 20_000);
    assert.equal(every(0, 3_000, 23_000), 20_000);
    assert.equal(every(0, 20_000, 3_620_000, 3_640_000), 20_000);
  });

  it("follows a kubelet that polls at another interval from now on", () => {
    assert.equal(every(0, 20_000, 40_000, 41_000, 42_000), 1_000);
  });
});

describe("FetchLog.firstSince()", () => {
  it("gives the first fetch of a list, not the last", () => {
    const log = logOf([1_000, '"a"'], [2_000, '"a"'], [9_000, '"b"'], [10_000, '"b"']);
    assert.equal(log.firstSince(0), 1_000);
    assert.equal(log.firstSince(2_500), 9_000);
  });

  it("knows of none where the list was not fetched since", () => {
    assert.equal(logOf().firstSince(0), undefined);
    assert.equal(logOf([1_000, '"a"']).firstSince(1_001), undefined);
  });

  it("forgets the oldest of many, so that a pod gets too much time rather than too little", () => {
    const log = logOf(...Array.from({ length: 200 }, (_, at) => [at, `"${at}"`] as const));
    assert.equal(log.firstSince(0), 100);
  });
});
