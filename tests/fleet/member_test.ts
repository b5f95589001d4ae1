/** The table of failures: what becomes of a roll-out when a part of it fails. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { EtcdUnavailable } from "../../mod/core/mod.ts";
import { SimulatedFleet } from "./simulated_fleet.ts";

/** Runs a test on a fleet that is stopped after it. */
async function withFleet(
  size: number,
  body: (fleet: SimulatedFleet) => Promise<void>,
): Promise<void> {
  const fleet = new SimulatedFleet(size);
  try {
    await body(fleet);
  } finally {
    await fleet.stop();
  }
}

const MINUTE_MS = 60_000;

describe("A roll-out over a fleet", () => {
  it("reaches every node, batch by batch", () =>
    withFleet(5, async (fleet) => {
      await fleet.start();
      await fleet.apply("good", { batches: "1,2,100%" });
      await fleet.clock.advance(5000);
      assert.equal(await fleet.states(), "running updating pending pending pending pending");
      await fleet.clock.advance(10_000);
      assert.equal(await fleet.states(), "running ready updating updating pending pending");
      assert.equal(fleet.texts(), "good good good before before");
      await fleet.clock.advance(30_000);
      assert.equal(await fleet.states(), "done ready ready ready ready ready");
      assert.equal(fleet.texts(), "good good good good good");
    }));

  it("has no more nodes changing at a time than it may", () =>
    withFleet(6, async (fleet) => {
      await fleet.start();
      await fleet.apply("good", { batches: "100%", maxUnavailable: 2 });
      for (let step = 0; step < 60; step++) {
        await fleet.clock.advance(1000);
        const updating = (await fleet.states()).match(/updating/g)?.length ?? 0;
        assert.ok(updating <= 2, `${updating} at a time`);
      }
      assert.equal(await fleet.states(), "done ready ready ready ready ready ready");
    }));

  it("touches one node only if the change is bad, and tells why", () =>
    withFleet(4, async (fleet) => {
      await fleet.start();
      await fleet.apply("bad");
      await fleet.clock.advance(5 * MINUTE_MS);
      assert.equal(await fleet.states(), "halted reverted pending pending pending");
      assert.equal(fleet.texts(), "before before before before");
      assert.deepEqual(fleet.nodes.map(({ tried }) => tried.length), [1, 0, 0, 0]);
      const { rollout, nodes } = await fleet.look();
      assert.match(rollout?.reason ?? "", /failed on 1 node, and 0 may fail/);
      assert.equal(nodes[0]?.report?.message, "image cannot be pulled");
    }));

  it("halts on a change that is refused, or that cannot be written", () =>
    withFleet(2, async (fleet) => {
      await fleet.start();
      for (const text of ["refused", "unwritable"]) {
        await fleet.apply(text);
        await fleet.clock.advance(MINUTE_MS);
        assert.equal(await fleet.states(), "halted failed pending");
      }
    }));

  it("skips a node that is not there, and gives it its turn when it comes back", () =>
    withFleet(3, async (fleet) => {
      await fleet.start("n1");
      const { skipped } = await fleet.apply("good");
      assert.deepEqual(skipped, ["n1"]);
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(await fleet.states(), "done ready skipped ready");
      await fleet.clock.advance(12 * 60 * MINUTE_MS);
      fleet.node(1).start();
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(await fleet.states(), "done ready ready ready");
      assert.equal(fleet.node(1).text, "good");
    }));

  it("catches a node that was away up to the current roll-out only", () =>
    withFleet(2, async (fleet) => {
      await fleet.start("n1");
      for (const text of ["one", "two", "three"]) {
        await fleet.apply(text);
        await fleet.clock.advance(MINUTE_MS);
      }
      fleet.node(1).start();
      await fleet.clock.advance(MINUTE_MS);
      assert.deepEqual(fleet.node(1).tried, ["three"]);
      assert.equal(await fleet.states(), "done ready ready");
    }));

  it("skips a node that goes away before its turn", () =>
    withFleet(3, async (fleet) => {
      await fleet.start();
      await fleet.apply("good", { batches: "1" });
      await fleet.clock.advance(1000);
      await fleet.node(1).stop();
      await fleet.clock.advance(5 * MINUTE_MS);
      assert.equal(await fleet.states(), "done ready skipped ready");
      assert.equal(fleet.node(1).text, "before");
    }));

  it("keeps the slot of a node that dies in its turn, and halts after the deadline", () =>
    withFleet(3, async (fleet) => {
      await fleet.start();
      await fleet.apply("good");
      await fleet.clock.advance(3000);
      await fleet.node(0).stop();
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(await fleet.states(), "running updating pending pending");
      await fleet.clock.advance(3 * MINUTE_MS);
      assert.equal(await fleet.states(), "halted failed pending pending");
      assert.equal(fleet.texts(), "good before before");
      // It comes back, its trial has ended well, and it tells so; a person decides what is next.
      fleet.node(0).start();
      await fleet.clock.advance(5000);
      assert.equal(await fleet.states(), "halted ready pending pending");
      await fleet.command("resume");
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(await fleet.states(), "done ready ready ready");
    }));

  it("goes on with its turn after a restart of the agent in the middle", () =>
    withFleet(2, async (fleet) => {
      await fleet.start();
      await fleet.apply("good");
      await fleet.clock.advance(3000);
      await fleet.node(0).stop();
      fleet.node(0).start();
      await fleet.clock.advance(MINUTE_MS);
      assert.deepEqual(fleet.node(0).tried, ["good"]);
      assert.equal(await fleet.states(), "done ready ready");
    }));

  it("finishes what it has begun while etcd is away, and tells of it later", () =>
    withFleet(2, async (fleet) => {
      await fleet.start();
      await fleet.apply("bad");
      await fleet.clock.advance(3000);
      fleet.etcd.isAway = true;
      fleet.etcd.stir();
      await fleet.clock.advance(60 * MINUTE_MS);
      assert.equal(fleet.texts(), "before before");
      assert.equal(fleet.node(0).member.status.connection, "lost");
      assert.equal(fleet.node(0).member.status.turn?.end, "reverted");
      assert.equal(fleet.node(0).member.status.turn?.told, false);
      fleet.etcd.isAway = false;
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(await fleet.states(), "halted reverted pending");
      assert.equal(fleet.node(0).member.status.connection, "connected");
    }));

  it("changes nothing while etcd is away at rest", () =>
    withFleet(3, async (fleet) => {
      await fleet.start();
      await fleet.apply("good");
      await fleet.clock.advance(MINUTE_MS);
      fleet.etcd.isAway = true;
      fleet.etcd.stir();
      await fleet.clock.advance(60 * MINUTE_MS);
      assert.deepEqual(fleet.nodes.map(({ tried }) => tried.length), [1, 1, 1]);
      fleet.etcd.isAway = false;
      await fleet.clock.advance(2 * MINUTE_MS);
      assert.equal(await fleet.states(), "done ready ready ready");
      assert.ok((await fleet.look()).nodes.every(({ alive }) => alive !== undefined));
    }));

  it("takes part again after a sign of presence alone was lost", () =>
    withFleet(1, async (fleet) => {
      await fleet.start();
      await fleet.apply("good");
      await fleet.clock.advance(MINUTE_MS);
      const { client, member } = fleet.node(0);
      const keepAlive = client.keepAlive.bind(client);
      let isSlow = true;
      const flaky: typeof client.keepAlive = (...args) =>
        isSlow ? Promise.reject(new EtcdUnavailable("too slow")) : keepAlive(...args);
      Object.assign(client, { keepAlive: flaky });
      await fleet.clock.advance(MINUTE_MS / 2);
      assert.equal(member.status.connection, "lost");
      isSlow = false;
      await fleet.clock.advance(MINUTE_MS / 2);
      assert.equal(
        member.status.connection,
        "connected",
        "not only at the next look, minutes later",
      );
    }));

  it("refuses a second one while one runs, and takes it after an abort", () =>
    withFleet(3, async (fleet) => {
      await fleet.start();
      await fleet.apply("good", { batches: "1" });
      await fleet.clock.advance(1000);
      await assert.rejects(fleet.apply("other"), { message: /is running/, hint: /abort/ });
      await fleet.command("abort");
      await fleet.clock.advance(MINUTE_MS);
      // The node in the middle has finished; nobody else has begun.
      assert.equal(await fleet.states(), "aborted ready pending pending");
      await fleet.apply("other");
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(fleet.texts(), "other other other");
    }));

  it("takes one that was named in the same second as the one before, or by a clock that is behind", () =>
    withFleet(3, async (fleet) => {
      await fleet.start();
      for (
        const [text, id] of Object.entries({ a: "120000-ffff", b: "120000-0000", c: "090000-1" })
      ) {
        await fleet.apply(text, { batches: "100%" }, { id: `20260101-${id}` });
        await fleet.clock.advance(MINUTE_MS);
        assert.equal(await fleet.states(), "done ready ready ready", id);
      }
      assert.equal(fleet.texts(), "c c c");
    }));

  it("lets one of two that begin in the same moment win", () =>
    withFleet(2, async (fleet) => {
      await fleet.start();
      const both = await Promise.allSettled([fleet.apply("one"), fleet.apply("two")]);
      assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    }));

  it("pauses between nodes and goes on", () =>
    withFleet(3, async (fleet) => {
      await fleet.start();
      await fleet.apply("good", { batches: "1" });
      await fleet.clock.advance(2000);
      await fleet.command("pause");
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(await fleet.states(), "paused ready pending pending");
      await fleet.command("resume");
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(await fleet.states(), "done ready ready ready");
    }));

  it("tries a halted change again when it is resumed", () =>
    withFleet(2, async (fleet) => {
      await fleet.start();
      await fleet.apply("bad");
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(await fleet.states(), "halted reverted pending");
      await fleet.command("resume");
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(await fleet.states(), "halted reverted pending");
      assert.deepEqual(fleet.nodes.map(({ tried }) => tried.length), [2, 0]);
    }));

  it("stops on an etcd that went back in time, and rolls nothing back", () =>
    withFleet(2, async (fleet) => {
      await fleet.start();
      await fleet.apply("one");
      await fleet.clock.advance(MINUTE_MS);
      const restore = fleet.etcd.backup();
      await fleet.apply("two");
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(fleet.texts(), "two two");
      restore();
      fleet.etcd.isAway = true; // as a restore does, it ends every watch
      fleet.etcd.stir();
      await fleet.clock.advance(1000);
      fleet.etcd.isAway = false;
      await fleet.clock.advance(20 * MINUTE_MS);
      assert.equal(fleet.texts(), "two two");
      const { connection, message } = fleet.node(0).member.status;
      assert.equal(connection, "stopped");
      assert.match(message ?? "", /^etcd was restored or replaced: its revision is/);
      // A roll-out of a person who does not know is not taken either, one of one who does is.
      await fleet.apply("three");
      await fleet.clock.advance(20 * MINUTE_MS);
      assert.equal(fleet.texts(), "two two");
      await fleet.command("abort");
      await fleet.apply("four", {}, { afterRestore: true });
      await fleet.clock.advance(20 * MINUTE_MS);
      assert.equal(fleet.texts(), "four four");
      assert.equal(fleet.node(0).member.status.connection, "connected");
    }));

  it("stops on another cluster under the same address", () =>
    withFleet(1, async (fleet) => {
      await fleet.start();
      await fleet.apply("one");
      await fleet.clock.advance(MINUTE_MS);
      fleet.etcd.clusterId = 8n;
      await fleet.apply("two");
      await fleet.clock.advance(20 * MINUTE_MS);
      assert.equal(fleet.texts(), "one");
      assert.match(fleet.node(0).member.status.message ?? "", /its cluster ID is 8, and was 7/);
    }));

  it("waits for a node that a person is trying something on", () =>
    withFleet(2, async (fleet) => {
      await fleet.start();
      fleet.node(0).busyWith = "revision 12 is on trial";
      await fleet.apply("good");
      await fleet.clock.advance(10 * MINUTE_MS);
      assert.equal(await fleet.states(), "running pending pending");
      const { nodes } = await fleet.look();
      assert.equal(nodes[0]?.report?.message, "waits: revision 12 is on trial");
      fleet.node(0).busyWith = undefined;
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(await fleet.states(), "done ready ready");
    }));

  it("lets a node leave with its pods, also without etcd, and join again", () =>
    withFleet(2, async (fleet) => {
      await fleet.start();
      await fleet.apply("one");
      await fleet.clock.advance(MINUTE_MS);
      const node = fleet.node(1);
      assert.equal(await node.member.leave(), true);
      const names = async () =>
        (await fleet.look()).nodes.map(({ name, member }) => member && name);
      assert.deepEqual(await names(), ["n0", undefined]);
      await fleet.apply("two", { nodes: ["n0", "n1"] });
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(fleet.texts(), "two one");
      assert.equal(node.member.status.connection, "detached");
      // A restart does not bring it back; a person does.
      await node.stop();
      node.start();
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(fleet.texts(), "two one");
      await node.member.join();
      await fleet.clock.advance(MINUTE_MS);
      assert.equal(fleet.texts(), "two two");
      node.client.isCut = true;
      assert.equal(await node.member.leave(), false);
    }));
});
