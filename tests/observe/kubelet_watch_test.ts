import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { PodsApiNews } from "../../mod/kubelet/mod.ts";
import { KubeletPresence, watchKubelet } from "../../mod/observe/mod.ts";
import { FakeClock } from "../support/fake_clock.ts";

describe("KubeletPresence", () => {
  it("takes a kubelet for gone when no sight has it any more", () => {
    const told: boolean[] = [];
    const presence = new KubeletPresence((up) => told.push(up));
    presence.told("port", false);
    presence.told("pods-api", true);
    presence.told("port", true);
    presence.told("pods-api", false);
    presence.told("port", false);
    assert.deepEqual(told, [false, true, false]);
  });
});

/** A pods API whose streams a test steers. */
function scene() {
  const clock = new FakeClock();
  const stop = new AbortController();
  const told: string[] = [];
  const streams: { push(news: PodsApiNews): void; end(): void }[] = [];
  const world = { exists: true, refuses: false, opened: 0 };
  const api = {
    exists: () => world.exists,
    async *watch(): AsyncIterable<PodsApiNews> {
      world.opened += 1;
      if (world.refuses) throw new Error("refused");
      const queue: (PodsApiNews | undefined)[] = [];
      let wake: () => void = () => undefined;
      const put = (news: PodsApiNews | undefined) => {
        queue.push(news);
        wake();
      };
      streams.push({ push: put, end: () => put(undefined) });
      while (true) {
        while (queue.length === 0) await new Promise<void>((resolve) => wake = resolve);
        const news = queue.shift();
        if (news === undefined) return;
        yield news;
      }
    },
  };
  const running = watchKubelet({
    clock,
    api,
    signal: stop.signal,
    onPresence: (up) => told.push(up ? "up" : "down"),
    onChange: () => told.push("change"),
  });
  const end = async () => {
    stop.abort();
    streams.at(-1)?.end();
    await clock.advance(0);
    await running;
  };
  return { clock, world, told, streams, end };
}

describe("watchKubelet()", () => {
  it("tells changes, and takes a kubelet that does not come back for gone", async () => {
    const { clock, world, told, streams, end } = scene();
    await clock.advance(0);
    streams[0]?.push("synced");
    streams[0]?.push("changed");
    await clock.advance(5_000);
    world.refuses = true;
    streams[0]?.end();
    await clock.advance(0);
    assert.deepEqual(told, ["up", "change", "change", "down"]);
    world.refuses = false;
    await clock.advance(1_000);
    streams[1]?.push("synced");
    await clock.advance(0);
    assert.deepEqual(told.slice(4), ["up", "change"]);
    await end();
  });

  it("does not take a kubelet for gone that ends a stream and begins another", async () => {
    const { clock, told, streams, end } = scene();
    await clock.advance(0);
    streams[0]?.push("synced");
    await clock.advance(5_000);
    streams[0]?.end();
    await clock.advance(0);
    streams[1]?.push("synced");
    await clock.advance(0);
    assert.deepEqual(told, ["up", "change", "up", "change"]);
    await end();
  });

  it("says nothing of a kubelet that has no such API, and asks it seldom", async () => {
    const { clock, world, told, end } = scene();
    world.refuses = true;
    await clock.advance(0);
    world.exists = false;
    for (let second = 0; second < 60; second += 1) await clock.advance(1_000);
    assert.deepEqual(told, []);
    assert.ok(world.opened <= 1, `${world.opened}`);
    await end();
  });
});
