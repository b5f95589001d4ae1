import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type BatchSize,
  commandedState,
  formatBatches,
  judgeRollout,
  type NodeState,
  type NodeStates,
  parseBatches,
  rolloutName,
  rolloutNameAfter,
  rolloutOf,
  type RolloutRules,
  rolloutTrigger,
  silenceLimitMs,
  splitIntoBatches,
  statesToResume,
} from "../../../mod/fleet/plan/mod.ts";

const names = (count: number) => Array.from({ length: count }, (_, at) => `n${at + 1}`);

const rules = (more: Partial<RolloutRules> = {}): RolloutRules => ({
  nodes: names(20),
  batches: parseBatches("1,10%,100%"),
  maxFailures: 0,
  settleMs: 30_000,
  timeoutMs: 300_000,
  ...more,
});

const all = (nodes: readonly string[], state: NodeState): NodeStates =>
  Object.fromEntries(nodes.map((node) => [node, state]));

describe("parseBatches()", () => {
  it("reads counts and shares, and formatBatches() writes them back", () => {
    const sizes = parseBatches("1, 10%,100%");
    assert.deepEqual(sizes, [
      { kind: "nodes", count: 1 },
      { kind: "percent", percent: 10 },
      { kind: "percent", percent: 100 },
    ]);
    assert.equal(formatBatches(sizes), "1,10%,100%");
  });
  for (
    const text of ["", "0", "0%", "101%", "-1", "1,,2", "ten", "1.5", "10 %", "1;2", "9999999"]
  ) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseBatches(text), /Batches must be counts and shares/);
    });
  }
});

describe("splitIntoBatches()", () => {
  const cases: readonly (readonly [nodes: number, batches: string, sizes: readonly number[]])[] = [
    [20, "1,10%,100%", [1, 2, 17]],
    [3, "1,10%,100%", [1, 1, 1]],
    [5, "2", [2, 2, 1]],
    [10, "30%", [3, 3, 3, 1]],
    [1000, "1,10%,100%", [1, 100, 899]],
    [4, "100%", [4]],
    [2, "50", [2]],
    [0, "1", []],
  ];
  for (const [nodes, batches, sizes] of cases) {
    it(`puts ${nodes} nodes by ${batches} into ${sizes.join(", ") || "none"}`, () => {
      const split = splitIntoBatches(names(nodes), parseBatches(batches), nodes);
      assert.deepEqual(split.map(({ length }) => length), sizes);
      assert.deepEqual(split.flat(), names(nodes));
    });
  }
});

describe("judgeRollout()", () => {
  it("lets the first batch begin, and no other", () => {
    const { next, state, batch, batches } = judgeRollout(rules(), {}, "running");
    assert.deepEqual({ next, state, batch, batches }, {
      next: ["n1"],
      state: "running",
      batch: 1,
      batches: 3,
    });
  });
  it("opens a batch when every node of those before has ended", () => {
    assert.deepEqual(judgeRollout(rules(), { n1: "updating" }, "running").next, []);
    assert.deepEqual(judgeRollout(rules(), { n1: "ready" }, "running").next, ["n2", "n3"]);
    const half: NodeStates = { n1: "ready", n2: "ready", n3: "updating" };
    assert.deepEqual(judgeRollout(rules(), half, "running").next, []);
    const third = judgeRollout(rules(), { ...half, n3: "ready" }, "running");
    assert.equal(third.next.length, 17);
    assert.equal(third.batch, 3);
  });
  for (const bad of ["failed", "reverted"] as const) {
    it(`halts on one node that is ${bad}, and says why`, () => {
      const { state, next, reason } = judgeRollout(rules(), { n1: bad }, "running");
      assert.equal(state, "halted");
      assert.deepEqual(next, []);
      assert.equal(reason, "the change failed on 1 node, and 0 may fail");
    });
  }
  it("continues while no more nodes failed than may", () => {
    const lenient = rules({ maxFailures: 1 });
    assert.deepEqual(judgeRollout(lenient, { n1: "reverted" }, "running").next, ["n2", "n3"]);
    const two: NodeStates = { n1: "reverted", n2: "failed", n3: "ready" };
    assert.equal(judgeRollout(lenient, two, "running").state, "halted");
  });
  it("lets another node be the test where the first is skipped or had everything", () => {
    const states: NodeStates = { n1: "skipped", n2: "unchanged" };
    assert.deepEqual(judgeRollout(rules(), states, "running").next, ["n3"]);
  });
  it("lets no more nodes change at once than may be unavailable", () => {
    const few = rules({ batches: parseBatches("100%"), maxUnavailable: 3 });
    assert.deepEqual(judgeRollout(few, {}, "running").next, ["n1", "n2", "n3"]);
    const states: NodeStates = { n1: "updating", n2: "ready", n3: "updating" };
    assert.deepEqual(judgeRollout(few, states, "running").next, ["n4"]);
  });
  it("is done when every node has ended, whatever the skipped ones are", () => {
    const states = { ...all(names(20), "ready"), n7: "skipped", n20: "unchanged" } as const;
    const { state, counts } = judgeRollout(rules(), states, "running");
    assert.equal(state, "done");
    assert.equal(counts.ready, 18);
    assert.equal(judgeRollout(rules(), all(names(20), "skipped"), "running").state, "done");
  });
  for (const state of ["paused", "halted", "aborted", "done"] as const) {
    it(`lets no node begin while it is ${state}`, () => {
      const judged = judgeRollout(rules(), {}, state);
      assert.equal(judged.state, state);
      assert.deepEqual(judged.next, []);
    });
  }
});

/** Plays a roll-out to its end; each node ends as `fate` says, in an order that `pick` chooses. */
function play(
  given: RolloutRules,
  fate: (node: string) => NodeState,
  pick: (count: number) => number,
  look: (states: NodeStates, started: readonly string[]) => void,
) {
  let states: Record<string, NodeState> = {};
  for (let step = 0; step < 10_000; step += 1) {
    const { state, next } = judgeRollout(given, states, "running");
    look(states, next);
    for (const node of next) states = { ...states, [node]: "updating" };
    const updating = given.nodes.filter((node) => states[node] === "updating");
    if (updating.length === 0) return { state, states };
    const node = updating[pick(updating.length)] ?? "";
    states = { ...states, [node]: fate(node) };
  }
  throw new Error("The roll-out does not end");
}

const batchSize: fc.Arbitrary<BatchSize> = fc.oneof(
  fc.record({ kind: fc.constant("nodes" as const), count: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant("percent" as const), percent: fc.integer({ min: 1, max: 100 }) }),
);

describe("a roll-out, whatever becomes of its nodes,", () => {
  const ends = ["ready", "unchanged", "reverted", "failed", "skipped"] as const;
  const history = fc.record({
    count: fc.integer({ min: 0, max: 40 }),
    batches: fc.array(batchSize, { minLength: 1, maxLength: 4 }),
    maxFailures: fc.integer({ min: 0, max: 3 }),
    maxUnavailable: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
    fates: fc.array(fc.constantFrom(...ends), { minLength: 41, maxLength: 41 }),
    order: fc.array(fc.nat(), { minLength: 41, maxLength: 41 }),
  });
  it("ends, lets no node begin after it halted, and keeps its limits", () => {
    fc.assert(fc.property(history, ({ count, maxUnavailable, fates, order, ...given }) => {
      const frozen = rules({
        ...given,
        nodes: names(count),
        ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
      });
      const bad = (states: NodeStates) =>
        Object.values(states).filter((state) => state === "failed" || state === "reverted").length;
      let turn = 0;
      const { state, states } = play(
        frozen,
        (node) => fates[Number(node.slice(1))] ?? "ready",
        (length) => (order[turn += 1] ?? 0) % length,
        (seen, next) => {
          const updating = Object.values(seen).filter((one) => one === "updating").length;
          if (next.length > 0) {
            assert.ok(bad(seen) <= frozen.maxFailures, "began after too many failed");
          }
          if (maxUnavailable !== undefined) assert.ok(updating + next.length <= maxUnavailable);
          assert.ok(next.every((node) => seen[node] === undefined), "began twice");
        },
      );
      assert.equal(state === "halted", bad(states) > frozen.maxFailures);
      if (state === "done") assert.equal(Object.keys(states).length, count);
    }));
  });
  it("tries a change first on as many nodes as its first batch has", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.nat()), (size, at) => {
        const frozen = rules({ batches: [{ kind: "nodes", count: size }] });
        const { states } = play(
          frozen,
          () => "reverted",
          (length) => at.next().value! % length,
          () => {},
        );
        assert.ok(Object.keys(states).length <= size);
      }),
    );
  });
});

describe("commandedState()", () => {
  it("pauses, resumes and aborts", () => {
    assert.equal(commandedState("pause", "running"), "paused");
    assert.equal(commandedState("resume", "halted"), "running");
    assert.equal(commandedState("abort", "paused"), "aborted");
  });
  it("refuses what makes no sense, with the next step", () => {
    assert.throws(() => commandedState("pause", "done"), /Cannot pause a roll-out that is done/);
    assert.throws(() => commandedState("resume", "aborted"), /Cannot resume/);
    assert.throws(() => commandedState("abort", "done"), /Cannot abort/);
  });
});

describe("statesToResume()", () => {
  it("gives those that failed or were skipped their turn again, in their places", () => {
    const states: NodeStates = { n1: "ready", n2: "reverted", n3: "skipped", n4: "updating" };
    const resumed: NodeStates = { ...statesToResume(states), n4: "ready" };
    assert.deepEqual(resumed, { n1: "ready", n2: "pending", n3: "pending", n4: "ready" });
    assert.deepEqual(judgeRollout(rules(), resumed, "running").next, ["n2", "n3"]);
  });
});

describe("names of roll-outs", () => {
  it("sort by time, and are found in a node's history", () => {
    const id = rolloutName(Date.parse("2026-11-30T14:30:07.250Z"), "5f3a");
    assert.equal(id, "20261130-143007-5f3a");
    assert.equal(rolloutOf(rolloutTrigger(id)), id);
    assert.equal(rolloutOf("rollout"), undefined);
    assert.equal(rolloutOf("apply"), undefined);
  });
});

describe("rolloutNameAfter()", () => {
  const name = "20261130-143007-5f3a";
  it("takes the name that sorts after the roll-out before", () => {
    assert.equal(rolloutNameAfter(name, undefined), name);
    assert.equal(rolloutNameAfter(name, "20261130-143006-ffff"), name);
    assert.equal(rolloutNameAfter(name, "20261130-143007-1111"), name);
  });

  it("takes a later one for the same second, and for a clock that was ahead", () => {
    assert.equal(rolloutNameAfter(name, "20261130-143007-ead4"), "20261130-143008-5f3a");
    assert.equal(rolloutNameAfter(name, name), "20261130-143008-5f3a");
    assert.equal(rolloutNameAfter(name, "20261231-235959-0000"), "20270101-000000-5f3a");
  });
});

describe("silenceLimitMs()", () => {
  it("is longer than the trial itself", () => {
    assert.ok(silenceLimitMs({ timeoutMs: 300_000 }) > 300_000);
  });
});
