import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { AgentClient } from "../../mod/api/client/mod.ts";
import { AgentUnreachable, PodsteadError } from "../../mod/core/mod.ts";
import { SeenNode } from "../../mod/ui/node.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Tells what a test lets it tell, until it is left. */
function tellingAgent() {
  let tell: () => void = () => undefined;
  const follows: AbortSignal[] = [];
  // Nothing else is asked of it.
  const agent = {
    async *events(_: object, { signal }: { readonly signal: AbortSignal }) {
      follows.push(signal);
      const gone = new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => resolve())
      );
      for (;;) {
        const told = new Promise<void>((resolve) => tell = resolve);
        yield {};
        await Promise.race([told, gone]);
        if (signal.aborted) return;
      }
    },
  } as unknown as AgentClient;
  return { agent, follows, tell: () => tell() };
}

function scene(connect: () => Promise<void> = () => Promise.resolve()) {
  const counts = { connected: 0, closed: 0 };
  const clock = new FakeClock();
  const { agent, follows, tell } = tellingAgent();
  const node = new SeenNode(
    {
      name: "n",
      async connect() {
        counts.connected += 1;
        await connect();
        return { agent, mayAct: true, close: () => counts.closed += 1 };
      },
    },
    clock,
    new AbortController().signal,
  );
  return { node, counts, clock, follows, tell };
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

  it("asks again only for what may have changed, while the node tells what happens", async () => {
    const { node, clock, tell } = scene();
    let asked = 0;
    const ask = () => node.ask("x", () => Promise.resolve(asked += 1));
    await ask();
    await clock.advance(1_000);
    assert.equal(await ask(), 2, "it was asked before the node was followed");
    await clock.advance(2_000);
    assert.equal(await ask(), 2, "nothing happened");
    tell();
    await clock.advance(1_000);
    assert.equal(await ask(), 3, "something happened");
    await clock.advance(4_000);
    assert.equal(await ask(), 4, "not everything is told");
  });

  it("follows a node as long as somebody looks", async () => {
    const { node, clock, follows } = scene();
    const ask = () => node.ask("x", () => Promise.resolve(1));
    await ask();
    await clock.advance(8_000);
    await ask();
    await clock.advance(8_000);
    assert.deepEqual(follows.map(({ aborted }) => aborted), [false]);
    await clock.advance(4_000);
    assert.deepEqual(follows.map(({ aborted }) => aborted), [true]);
    await ask();
    await clock.advance(1);
    assert.deepEqual(follows.map(({ aborted }) => aborted), [true, false]);
  });

  it("leaves a node alone for a while that could not be reached", async () => {
    const { node, counts } = scene(() => Promise.reject(new AgentUnreachable("away")));
    await node.tryAsk("a", () => Promise.resolve(1));
    assert.deepEqual(await node.tryAsk("b", () => Promise.resolve(1)), { failure: "away" });
    assert.equal(counts.connected, 1);
  });
});
