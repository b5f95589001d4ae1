/** Whatever fails in whatever order: a good change ends everywhere, a bad one on one node alone. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { SimulatedFleet } from "./simulated_fleet.ts";

const NODES = 6;
const MAX_UNAVAILABLE = 2;
const MINUTE_MS = 60_000;

/** One thing that happens, and how long nothing else does. */
interface Step {
  readonly what: "stop" | "start" | "away" | "back" | "pause" | "resume" | "wait";
  readonly node: number;
  readonly waitMs: number;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    what: fc.constantFrom<Step["what"]>(
      ...["stop", "stop", "start", "start", "away", "back", "pause", "resume", "wait"] as const,
    ),
    node: fc.integer({ min: 0, max: NODES - 1 }),
    waitMs: fc.constantFrom(0, 300, 1_000, 5_000, 12_000, 90_000, 300_000),
  }),
  { minLength: 1, maxLength: 12 },
);

/** A fleet on which things happen. */
class History {
  readonly fleet = new SimulatedFleet(NODES);
  readonly #stopped = new Set<number>();

  async run(text: string, list: readonly Step[], check: () => Promise<void>): Promise<void> {
    const { fleet } = this;
    await fleet.start();
    await fleet.apply(text, { batches: "1,50%,100%", maxUnavailable: MAX_UNAVAILABLE });
    for (const { what, node, waitMs } of list) {
      await this.#take(what, node);
      for (let passed = 0; passed < waitMs; passed += 10_000) {
        await fleet.clock.advance(Math.min(10_000, waitMs - passed));
        await check();
      }
    }
    // At the end everything is there again.
    fleet.etcd.isAway = false;
    for (const node of [...this.#stopped]) await this.#take("start", node);
    await fleet.clock.advance(10 * MINUTE_MS);
    await check();
  }

  async #take(what: Step["what"], at: number): Promise<void> {
    const { fleet } = this;
    const node = fleet.node(at);
    if (what === "stop" && !this.#stopped.has(at)) {
      this.#stopped.add(at);
      await node.stop();
    } else if (what === "start" && this.#stopped.delete(at)) node.start();
    else if (what === "away" || what === "back") {
      fleet.etcd.isAway = what === "away";
      fleet.etcd.stir();
    } else if (what === "pause" || what === "resume") {
      await fleet.command(what).catch(() => undefined); // its state does not allow it
    }
  }
}

async function checkSlots(fleet: SimulatedFleet): Promise<void> {
  if (fleet.etcd.isAway) return;
  const updating = (await fleet.states()).match(/updating/g)?.length ?? 0;
  assert.ok(updating <= MAX_UNAVAILABLE, `${updating} at a time`);
}

describe("A roll-out, whatever happens", () => {
  it("ends everywhere if the change is good, and a person resumes what halted", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const history = new History();
        const { fleet } = history;
        try {
          await history.run("good", list, () => checkSlots(fleet));
          for (let round = 0; round < NODES; round++) {
            if ((await fleet.states()).startsWith("done")) break;
            await fleet.command("resume").catch(() => undefined); // it runs
            await fleet.clock.advance(10 * MINUTE_MS);
          }
          assert.match(await fleet.states(), /^done( (ready|unchanged)){6}$/);
          assert.equal(fleet.texts(), Array(NODES).fill("good").join(" "));
        } finally {
          await fleet.stop();
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is tried by one node at a time if the change is bad, and leaves each as it was", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const history = new History();
        const { fleet } = history;
        const resumed = list.filter(({ what }) => what === "resume").length;
        try {
          await history.run("bad", list, () => checkSlots(fleet));
          assert.equal(fleet.texts(), Array(NODES).fill("before").join(" "));
          const touched = fleet.nodes.filter(({ tried }) => tried.length > 0).length;
          // Only a person lets another node try it, or the one that tried it before is gone.
          assert.ok(touched <= 1 + resumed, `${touched} nodes, resumed ${resumed} times`);
        } finally {
          await fleet.stop();
        }
      }),
      { numRuns: 60 },
    );
  });
});
