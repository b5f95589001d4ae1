import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { AgentClient } from "../../mod/api/client/mod.ts";
import { AgentUnreachable, PodsteadError } from "../../mod/core/mod.ts";
import { SeenNode } from "../../mod/ui/node.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** An agent is only handed on here. */
const AGENT = {} as AgentClient;

function scene(connect: () => Promise<void> = () => Promise.resolve()) {
  const counts = { connected: 0, closed: 0 };
  const node = new SeenNode({
    name: "n",
    async connect() {
      counts.connected += 1;
      await connect();
      return { agent: AGENT, mayAct: true, close: () => counts.closed += 1 };
    },
  }, new FakeClock());
  return { node, counts };
}

describe("SeenNode", () => {
  it("asks once for all who ask the same at the same time", async () => {
    const { node, counts } = scene();
    let asked = 0;
    const ask = () => node.ask("x", () => Promise.resolve(asked += 1));
    assert.deepEqual(await Promise.all([ask(), ask(), ask()]), [1, 1, 1]);
    assert.deepEqual(counts, { connected: 1, closed: 0 });
  });

  it("makes another connection after one that broke, once, and closes the old one", async () => {
    const { node, counts } = scene();
    const breaks = () => Promise.reject(new AgentUnreachable("The connection to the node ended"));
    const failures = await Promise.all([node.tryAsk("a", breaks), node.tryAsk("b", breaks)]);
    assert.deepEqual(failures.map((one) => "failure" in one), [true, true]);
    assert.deepEqual(counts, { connected: 1, closed: 1 });
    assert.equal(await node.ask("c", () => Promise.resolve("there")), "there");
    assert.equal(counts.connected, 2);
  });

  it("keeps a connection over which the agent has only refused something", async () => {
    const { node, counts } = scene();
    await node.tryAsk("a", () => Promise.reject(new PodsteadError("not-found", "no such pod")));
    await node.ask("b", () => Promise.resolve(1));
    assert.deepEqual(counts, { connected: 1, closed: 0 });
  });

  it("leaves a node alone for a while that could not be reached", async () => {
    const { node, counts } = scene(() => Promise.reject(new AgentUnreachable("away")));
    await node.tryAsk("a", () => Promise.resolve(1));
    assert.deepEqual(await node.tryAsk("b", () => Promise.resolve(1)), { failure: "away" });
    assert.equal(counts.connected, 1);
  });
});
