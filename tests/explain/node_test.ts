import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { DEFAULT_LIMITS, joinStatus, silenceLimitMs } from "../../mod/status/mod.ts";
import { explain, nodeCauses } from "../../mod/explain/mod.ts";
import { desired, input, NOW } from "../status/samples.ts";

const NODE = {
  nowMs: NOW,
  fetches: input().fetches,
  limits: DEFAULT_LIMITS,
  url: "http://127.0.0.1:10261/manifests",
};

describe("silenceLimitMs()", () => {
  for (
    const [intervalMs, limitMs] of [
      [undefined, 60_000],
      [200, 10_000],
      [1_000, 10_000],
      [5_000, 25_000],
      [12_000, 60_000],
      [20_000, 60_000],
      [60_000, 180_000],
    ] as const
  ) {
    it(`is ${limitMs} ms for polls every ${intervalMs} ms`, () => {
      const fetches = { listeningSinceMs: 0, intervalMs };
      assert.equal(silenceLimitMs(fetches, DEFAULT_LIMITS), limitMs);
    });
  }
});

describe("nodeCauses()", () => {
  it("has nothing to say of a node that works", () => {
    assert.deepEqual(nodeCauses(NODE), []);
  });

  it("names a runtime that does not answer, and a kubelet that does not run", () => {
    const found = nodeCauses({
      ...NODE,
      runtimeFailure: { atMs: NOW, message: "connection refused" },
      kubeletAlive: false,
    });
    assert.deepEqual(found.map(({ code }) => code), ["runtime-down", "kubelet-down"]);
  });

  it("names a kubelet that lives and does not poll", () => {
    const lastGood = { atMs: NOW - 11_000, status: 200, userAgent: "" };
    const fetches = { ...NODE.fetches, lastGood };
    assert.deepEqual(
      nodeCauses({ ...NODE, fetches, kubeletAlive: true }).map(({ code }) => code),
      ["kubelet-not-polling"],
    );
  });
});

describe("explain()", () => {
  /** A pod that was fetched some time ago and that the kubelet does not list. */
  const untaken = (fetchedAgoMs: number, kubeletPodCount: number) => {
    const status = input({
      desired: [desired({ servedSinceMs: NOW - fetchedAgoMs - 1_000 })],
      kubelet: { value: [], atMs: NOW },
      runtime: { value: [], atMs: NOW },
    });
    const [row] = joinStatus(status);
    assert.ok(row !== undefined);
    return explain({ ...NODE, row, kubeletPodCount }).code;
  };

  it("gives a kubelet five seconds to list a pod that it has fetched", () => {
    assert.equal(untaken(4_000, 1), "on-its-way");
    assert.equal(untaken(6_000, 1), "kubelet-refuses-list");
    assert.equal(untaken(6_000, 0), "sources-not-ready");
  });
});
