import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { chooseMethod, type MethodFacts, pollLimitMs } from "../../mod/rollout/method.ts";
import { PollRate } from "../../mod/rollout/polls/poll_rate.ts";

const good: MethodFacts = {
  wish: "quick",
  notInPlace: "spec.containers[0].env: late",
  alive: true,
  polls: { intervalMs: 1_000, silentMs: 400 },
};

describe("chooseMethod()", () => {
  const cases: readonly (readonly [string, Partial<MethodFacts>, string, RegExp | undefined])[] = [
    ["two steps where all is well", {}, "quick", undefined],
    [
      "in place where that is possible",
      { wish: "in-place", notInPlace: undefined },
      "in-place",
      undefined,
    ],
    [
      "in place, however seldom the kubelet polls",
      { wish: "in-place", notInPlace: undefined, polls: { intervalMs: 20_000, silentMs: 1 } },
      "in-place",
      undefined,
    ],
    ["two steps where it is not", { wish: "in-place" }, "quick", /containers\[0\]\.env: late/],
    ["one step for neither", { wish: "in-place", alive: false }, "kubelet", /does not run/],
    ["two steps where they are wished", { notInPlace: undefined }, "quick", undefined],
    ["the kubelet's way where it is wished", { wish: "kubelet" }, "kubelet", undefined],
    ["one step for a pod that does not run", { alive: false }, "kubelet", /does not run/],
    ["one step without the runtime", { alive: undefined }, "kubelet", /runtime does not answer/],
    [
      "one step where nobody polls",
      { polls: { intervalMs: undefined, silentMs: undefined } },
      "kubelet",
      /no kubelet polls/,
    ],
    [
      "one step after a single poll",
      { polls: { intervalMs: undefined, silentMs: 10 } },
      "kubelet",
      /no kubelet polls/,
    ],
    [
      "one step when the kubelet has fallen silent",
      { polls: { intervalMs: 1_000, silentMs: 4_100 } },
      "kubelet",
      /has not polled the list for 4\.1s/,
    ],
    [
      "two steps when a poll or two were missed",
      { polls: { intervalMs: 1_000, silentMs: 3_900 } },
      "quick",
      undefined,
    ],
    [
      "one step at the kubelet's default interval, which would be slower",
      { polls: { intervalMs: 20_000, silentMs: 5_000 } },
      "kubelet",
      /only every 20s; set its httpCheckFrequency to 1s/,
    ],
    [
      "two steps at the longest interval",
      { polls: { intervalMs: 10_000, silentMs: 0 } },
      "quick",
      undefined,
    ],
  ];
  for (const [name, facts, method, why] of cases) {
    it(`chooses ${name}`, () => {
      const choice = chooseMethod({ ...good, ...facts });
      assert.equal(choice.method, method);
      if (why === undefined) assert.equal(choice.why, undefined);
      else assert.match(choice.why ?? "", why);
    });
  }
});

describe("pollLimitMs()", () => {
  it("takes the kubelet's default where the interval is not known", () => {
    assert.equal(pollLimitMs({ intervalMs: undefined }), 61_000);
    assert.equal(pollLimitMs({ intervalMs: 200 }), 1_600);
  });
});

describe("PollRate", () => {
  it("knows nothing before the first poll, and no interval before the second", () => {
    const rate = new PollRate();
    assert.deepEqual(rate.at(5), { intervalMs: undefined, silentMs: undefined });
    rate.record(100);
    assert.deepEqual(rate.at(150), { intervalMs: undefined, silentMs: 50 });
    rate.record(1_100);
    assert.deepEqual(rate.at(1_100), { intervalMs: 1_000, silentMs: 0 });
  });

  it("is not misled by an answer that was held, nor by a kubelet that was away", () => {
    const rate = new PollRate();
    for (const atMs of [0, 1_000, 3_400, 90_000]) rate.record(atMs);
    assert.equal(rate.at(90_000).intervalMs, 1_000);
  });

  it("forgets a rate that does not hold any more", () => {
    const rate = new PollRate();
    for (const atMs of [0, 1_000, 21_000, 41_000, 61_000, 81_000]) rate.record(atMs);
    assert.equal(rate.at(81_000).intervalMs, 20_000);
  });
});
