import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  type Caller,
  createManifestApp,
  type ManifestDeps,
  type ManifestFetch,
} from "../../mod/http/mod.ts";

const KUBELET = { "User-Agent": "Go-http-client/1.1", "Host": "127.0.0.1" };

const callerOf = (uid: number): Caller => ({
  uid: () => Promise.resolve(uid),
  trust: () => undefined,
});

function setUp(more: Partial<ManifestDeps> = {}) {
  const fetches: ManifestFetch[] = [];
  let manifest = { bytes: new TextEncoder().encode("old\n"), etag: '"old"' };
  const app = createManifestApp({
    path: "/manifests",
    hosts: () => new Set(["127.0.0.1"]),
    token: () => undefined,
    trustedUids: new Set([0]),
    manifest: () => manifest,
    onFetch: (fetch) => fetches.push(fetch),
    notReady: () => undefined,
    metrics: () => Promise.resolve({ contentType: "text/plain", text: "" }),
    monotonicMs: () => 0,
    ...more,
  });
  const publish = (text: string) =>
    manifest = { bytes: new TextEncoder().encode(`${text}\n`), etag: `"${text}"` };
  const get = (path = "/manifests", method = "GET", uid = 0) =>
    app.request(`http://127.0.0.1${path}`, { method, headers: KUBELET }, { caller: callerOf(uid) });
  return { get, publish, fetches };
}

describe("createManifestApp(), hold", () => {
  it("answers with the list that is served when the hold ends", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { get, publish, fetches } = setUp({
      hold: () => promise,
    });
    const answer = get();
    publish("new");
    assert.deepEqual(fetches, []);
    resolve();
    const response = await answer;
    assert.equal(await response.text(), "new\n");
    assert.equal(response.headers.get("ETag"), '"new"');
    assert.deepEqual(fetches.map(({ etag, status }) => [etag, status]), [['"new"', 200]]);
  });

  it("holds no answer to a stranger who calls itself a kubelet", async () => {
    const never = new Promise<void>(() => undefined);
    const { get, fetches } = setUp({ hold: () => never });
    assert.equal((await get("/manifests", "GET", 1000)).status, 200);
    assert.deepEqual(fetches.map(({ byKubelet }) => byKubelet), [false]);
  });

  it("holds nothing but the list itself", async () => {
    const never = new Promise<void>(() => undefined);
    const { get } = setUp({ hold: () => never });
    for (const path of ["/healthz", "/readyz", "/metrics"]) {
      assert.equal((await get(path)).status, 200, path);
    }
    assert.equal((await get("/manifests", "HEAD")).status, 200);
  });
});

describe("createManifestApp(), /readyz", () => {
  it("names pods that are on their way, and is ready all the same", async () => {
    const { get } = setUp({ underWay: () => "replacing default/web: its old version is ending" });
    const response = await get("/readyz");
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "ok\nreplacing default/web: its old version is ending\n");
  });

  it("says why it is not ready before it names any", async () => {
    const { get } = setUp({ notReady: () => "No pods", underWay: () => "replacing" });
    const response = await get("/readyz");
    assert.equal(response.status, 503);
    assert.equal(await response.text(), "No pods\n");
  });
});
