import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { systemClock } from "../../mod/core/mod.ts";
import type { ContainerEvent } from "../../mod/cri/mod.ts";
import {
  type NewPodEvent,
  NodeEvents,
  NodeWatch,
  watchConfig,
  watchConnection,
} from "../../mod/observe/mod.ts";
import { BoundedFiles } from "../../mod/os/mod.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const STARTED: ContainerEvent = { time: "2026-01-01T00:00:00Z", type: "started", id: "c1" };

/** A stream of events that a test feeds; it ends, or breaks, when it is told to. */
function feed() {
  const queue: (ContainerEvent | Error)[] = [];
  let wake: () => void = () => undefined;
  return {
    push(item: ContainerEvent | Error) {
      queue.push(item);
      wake();
    },
    async *events(signal: AbortSignal): AsyncGenerator<ContainerEvent> {
      signal.addEventListener("abort", () => wake(), { once: true });
      while (!signal.aborted) {
        const item = queue.shift();
        if (item instanceof Error) throw item;
        if (item !== undefined) yield item;
        else await new Promise<void>((resolve) => wake = resolve);
      }
    },
  };
}

function watching(calm: () => boolean) {
  const clock = new FakeClock();
  const source = feed();
  const looksMs: number[] = [];
  const heard: ContainerEvent[] = [];
  const stop = new AbortController();
  const startMs = clock.monotonicMs();
  const watch = new NodeWatch({
    clock,
    containerEvents: (signal) => source.events(signal),
    look() {
      looksMs.push(clock.monotonicMs() - startMs);
      return Promise.resolve(calm());
    },
    onEvent: (event) => heard.push(event),
  });
  const done = watch.run(stop.signal);
  const end = async () => {
    stop.abort();
    await clock.advance(60_000);
    await done;
  };
  return { clock, source, looksMs, heard, end, watch };
}

describe("NodeWatch", () => {
  it("looks seldom while nothing happens", async () => {
    const { clock, looksMs, end } = watching(() => true);
    await clock.advance(600_000);
    assert.ok(looksMs.length >= 20 && looksMs.length <= 22, `${looksMs.length} looks in 10 min`);
    await end();
  });

  it("tells an event at once, and looks within a second of it", async () => {
    const { clock, source, looksMs, heard, end } = watching(() => true);
    await clock.advance(40_000);
    const before = looksMs.length;
    source.push(STARTED);
    await clock.advance(1_000);
    assert.equal(heard.length, 1);
    assert.ok(looksMs.length > before, "it has looked");
    await end();
  });

  it("does not look more than once a second, however much happens", async () => {
    const { clock, source, looksMs, end } = watching(() => true);
    for (let time = 0; time < 100; time += 1) {
      source.push(STARTED);
      await clock.advance(100);
    }
    assert.ok(looksMs.length <= 13, `${looksMs.length} looks in 10 s`);
    await end();
  });

  it("keeps looking while something is wrong, and asks for events again when they break off", async () => {
    const { clock, source, looksMs, heard, end } = watching(() => false);
    await clock.advance(20_000);
    const before = looksMs.length;
    await clock.advance(20_000);
    assert.ok(looksMs.length - before >= 3);
    source.push(new Error("the runtime is away"));
    await clock.advance(2_000);
    source.push(STARTED);
    await clock.advance(2_000);
    assert.equal(heard.length, 1);
    await end();
  });
});

function nodeEvents(known: readonly NewPodEvent[] = []) {
  const clock = new FakeClock();
  const recorded: NewPodEvent[] = [];
  const at = new Date(clock.now()).toISOString();
  const events = new NodeEvents(clock, {
    record: (event) => recorded.push(event),
    list: () => known.map((event) => ({ at, ...event })),
  });
  return { clock, events, told: () => recorded.map(({ type, message }) => `${type}: ${message}`) };
}

describe("NodeEvents", () => {
  it("records that a service is gone and that it is back, once each", async () => {
    const { clock, events, told } = nodeEvents();
    events.service("kubelet", true);
    events.service("kubelet", false);
    events.service("kubelet", false);
    await clock.advance(3_000);
    events.service("kubelet", true);
    assert.deepEqual(told(), [
      "kubelet-down: The kubelet is gone",
      "kubelet-up: The kubelet is back after 3s",
    ]);
  });

  it("tells after a restart of podstead that what was gone is back", () => {
    const down = { namespace: "", name: "", type: "runtime-down" as const, message: "" };
    const { events, told } = nodeEvents([down]);
    events.service("runtime", true);
    assert.match(told().join(), /^runtime-up: The container runtime is back/);
  });

  it("records what became of the config, and images", async () => {
    const { events, told } = nodeEvents();
    events.reloaded("unchanged", 1, undefined);
    events.reloaded("rejected", 1, "c.yaml:3: bad");
    events.reloaded("unchanged", 1, undefined);
    await events.pulling("nginx:2", () => Promise.resolve());
    await assert.rejects(events.pulling("x", () => Promise.reject(new Error("no such host"))));
    assert.deepEqual(told().map((line) => line.replace(/in \S+$/, "in TIME")), [
      "config-refused: Reload rejected: c.yaml:3: bad",
      "config-applied: The config is in use, as revision 1",
      'image-pulled: Image "nginx:2" was pulled in TIME',
      'image-failed: Image "x" cannot be pulled: no such host',
    ]);
  });
});

describe("watchConnection()", () => {
  it("notices at once that a server dies, and that it is back; a connection that merely ends is nothing", async () => {
    const sockets = new Set<Socket>();
    const listen = async (port: number) => {
      const server = createServer((socket) => {
        sockets.add(socket);
        socket.on("error", () => undefined);
        socket.once("close", () => sockets.delete(socket));
      });
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
      return server;
    };
    const first = await listen(0);
    const address = first.address();
    assert.ok(address !== null && typeof address === "object");
    const { port } = address;
    const seen: boolean[] = [];
    const stop = new AbortController();
    const done = watchConnection({
      clock: systemClock,
      host: "127.0.0.1",
      port,
      signal: stop.signal,
      onChange: (up) => seen.push(up),
    });
    await eventually(() => assert.deepEqual(seen, [true]));
    await eventually(() => assert.equal(sockets.size, 1));
    for (const socket of sockets) socket.destroy();
    await eventually(() => assert.equal(sockets.size, 1));
    assert.deepEqual(seen, [true]);
    first.close();
    for (const socket of sockets) socket.destroy();
    await eventually(() => assert.deepEqual(seen, [true, false]));
    const second = await listen(port);
    await eventually(() => assert.deepEqual(seen, [true, false, true]));
    stop.abort();
    await done;
    for (const socket of sockets) socket.destroy();
    second.close();
  });
});

describe("watchConfig()", () => {
  it("tells of a file that was changed, added or removed, unless a reload has read it", async () => {
    const temporary = await makeTempDir("config-watch");
    const clock = new FakeClock();
    const file = join(temporary.path, "config.yaml");
    const drops = join(temporary.path, "pods.d");
    mkdirSync(drops);
    writeFileSync(file, "a");
    let lastReadMs = 0;
    const told: string[] = [];
    const stop = new AbortController();
    const done = watchConfig({
      clock,
      files: new BoundedFiles(),
      paths: () => ({ file, directories: [drops, join(temporary.path, "absent")] }),
      lastReadMs: () => lastReadMs,
      onChange: (path) => told.push(path),
    }, stop.signal);
    // It sleeps again only when it has looked at all files.
    const settled = () => eventually(() => assert.equal(clock.sleepers, 1));
    const next = async (expected: readonly string[]) => {
      await eventually(async () => {
        await clock.advance(2_000);
        await settled();
        assert.deepEqual(told.splice(0), expected);
      });
    };
    await settled();
    writeFileSync(file, "ab");
    await next([file]);
    writeFileSync(join(drops, "web.yaml"), "x");
    writeFileSync(join(drops, "web.yaml~"), "x");
    await next([join(drops, "web.yaml")]);
    lastReadMs = Date.now() + 60_000;
    writeFileSync(file, "abc");
    for (let look = 0; look < 5; look += 1) {
      // Whether or not the system has told by then, it has looked by itself.
      await clock.advance(31_000);
      await settled();
    }
    assert.deepEqual(told, []);
    lastReadMs = 0;
    rmSync(join(drops, "web.yaml"));
    await next([join(drops, "web.yaml")]);
    stop.abort();
    await done;
    await temporary.remove();
  });

  it("is told by the system, also of a file behind a link, and looks seldom otherwise", async () => {
    const temporary = await makeTempDir("config-watch");
    const clock = new FakeClock();
    const file = join(temporary.path, "config.yaml");
    const drops = join(temporary.path, "pods.d");
    const elsewhere = join(temporary.path, "elsewhere");
    for (const directory of [drops, elsewhere]) mkdirSync(directory);
    const target = join(elsewhere, "node.yaml");
    writeFileSync(target, "a");
    symlinkSync(target, file);
    const told: string[] = [];
    const stop = new AbortController();
    let looks = 0;
    const done = watchConfig({
      clock,
      files: new BoundedFiles(),
      paths: () => {
        looks += 1;
        return { file, directories: [drops] };
      },
      lastReadMs: () => NaN,
      onChange: (path) => told.push(path),
    }, stop.signal);
    await eventually(() => assert.equal(clock.sleepers, 1));
    await clock.advance(1_000);
    await eventually(() => assert.equal(clock.sleepers, 1));
    const before = looks;
    await clock.advance(5_000);
    assert.equal(looks, before, "nothing has happened, and nothing was looked at");
    for (const [path, name] of [[target, file], [join(drops, "web.yaml"), undefined]] as const) {
      writeFileSync(path, `${path} has changed`);
      // Far from the next look of its own: it was woken.
      let advancedMs = 0;
      await eventually(async () => {
        await clock.advance(5);
        advancedMs += 5;
        assert.deepEqual(told, [name ?? path]);
      });
      assert.ok(advancedMs < 20_000, `${advancedMs} ms`);
      told.length = 0;
    }
    stop.abort();
    await done;
    await temporary.remove();
  });
});
