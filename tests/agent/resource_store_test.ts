import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { ResourceStore } from "../../mod/agent/resources/resource_store.ts";
import type { ResourceContent, ResourceEvent } from "../../mod/agent/resources/resource.ts";
import { systemClock } from "../../mod/core/mod.ts";

function fill(store: ResourceStore, contents: readonly ResourceContent[]): void {
  store.replace("StaticPod", store.upcoming("StaticPod", contents));
}

const versions = (store: ResourceStore) =>
  store.list("StaticPod").map(({ id, version }) => [id, version]);

describe("ResourceStore", () => {
  it("starts at version 1 and counts up with each changed spec, not with a changed status", () => {
    const store = new ResourceStore(systemClock);
    fill(store, [{ id: "a", spec: { x: 1 } }]);
    fill(store, [{ id: "a", spec: { x: 1 }, status: { seen: 1 } }]);
    assert.deepEqual(versions(store), [["a", 1]]);
    fill(store, [{ id: "a", spec: { x: 2 } }]);
    assert.deepEqual(versions(store), [["a", 2]]);
  });

  it("does not count what was never put to use, over a restart too", () => {
    const store = new ResourceStore(systemClock);
    fill(store, [{ id: "a", spec: { x: 1 }, draft: true }]);
    const restarted = new ResourceStore(systemClock, store.save());
    fill(restarted, [{ id: "a", spec: { x: 2 }, draft: true }]);
    fill(restarted, [{ id: "a", spec: { x: 3 } }]);
    assert.deepEqual(versions(restarted), [["a", 1]]);
    fill(restarted, [{ id: "a", spec: { x: 4 } }]);
    assert.deepEqual(versions(restarted), [["a", 2]]);
  });

  it("lists by ID, whatever the order they came in", () => {
    const store = new ResourceStore(systemClock);
    fill(store, [{ id: "b", spec: {} }, { id: "a", spec: {} }]);
    assert.deepEqual(versions(store), [["a", 1], ["b", 1]]);
  });

  it("goes on counting after a restart, and begins anew after a removal", () => {
    const store = new ResourceStore(systemClock);
    fill(store, [{ id: "a", spec: { x: 1 } }]);
    fill(store, [{ id: "a", spec: { x: 2 } }]);
    const restarted = new ResourceStore(systemClock, store.save());
    fill(restarted, [{ id: "a", spec: { x: 2 } }]);
    assert.deepEqual(versions(restarted), [["a", 2]]);
    fill(restarted, []);
    fill(restarted, [{ id: "a", spec: { x: 2 } }]);
    assert.deepEqual(versions(restarted), [["a", 1]]);
  });

  it("saves what is upcoming without showing it", () => {
    const store = new ResourceStore(systemClock);
    fill(store, [{ id: "a", spec: { x: 1 } }]);
    const upcoming = store.upcoming("StaticPod", [{ id: "a", spec: { x: 2 } }]);
    assert.equal(store.save(new Map([["StaticPod", upcoming]]))[0]?.version, 2);
    assert.deepEqual(versions(store), [["a", 1]]);
  });

  it("tells a watcher what is there, then each change, until it stops", async () => {
    const store = new ResourceStore(systemClock);
    fill(store, [{ id: "a", spec: { x: 1 } }]);
    const stop = new AbortController();
    const events: string[] = [];
    const watching = (async () => {
      for await (const { event, resource } of store.watch("StaticPod", stop.signal)) {
        events.push(`${event} ${resource.id} ${resource.version}`);
        if (events.length === 4) stop.abort();
      }
    })();
    fill(store, [{ id: "a", spec: { x: 2 } }, { id: "b", spec: {} }]);
    fill(store, [{ id: "b", spec: {} }]);
    await watching;
    assert.deepEqual(events, ["created a 1", "updated a 2", "created b 1", "destroyed a 2"]);
  });

  it("cuts off nobody for a large node, of which every pod changes at once", async () => {
    const store = new ResourceStore(systemClock);
    const pods = (x: number) =>
      Array.from({ length: 3_000 }, (_, at) => ({ id: `${at}`, spec: { x } }));
    fill(store, pods(1));
    const stop = new AbortController();
    const watcher = store.watch("StaticPod", stop.signal);
    await watcher.next();
    fill(store, pods(2));
    for (let count = 1; count < 6_000; count += 1) await watcher.next();
    stop.abort();
    assert.equal((await watcher.next()).done, true);
  });

  it("cuts off a watcher that has stopped reading, instead of growing", async () => {
    const store = new ResourceStore(systemClock);
    const watcher = store.watch("StaticPod", new AbortController().signal);
    const first: Promise<IteratorResult<ResourceEvent>> = watcher.next();
    fill(store, [{ id: "a", spec: { x: 0 } }]);
    await first;
    for (let x = 1; x < 6_000; x += 1) fill(store, [{ id: "a", spec: { x } }]);
    await assert.rejects(watcher.next(), /too far behind/);
  });
});
