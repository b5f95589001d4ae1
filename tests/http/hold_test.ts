import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createManifestApp, type ManifestDeps, type ManifestFetch } from "../../mod/http/mod.ts";

const KUBELET = { "User-Agent": "Go-http-client/1.1", "Host": "127.0.0.1" };

function setUp(more: Partial<ManifestDeps> = {}) {
  const fetches: ManifestFetch[] = [];
  let manifest = { bytes: new TextEncoder().encode("old\n"), etag: '"old"' };
  const app = createManifestApp({
    path: "/manifests",
    hosts: () => new Set(["127.0.0.1"]),
    token: () => undefined,
    manifest: () => manifest,
    onFetch: (fetch) => fetches.push(fetch),
    notReady: () => undefined,
    metrics: () => Promise.resolve({ contentType: "text/plain", text: "" }),
    ...more,
  });
  const publish = (text: string) =>
    manifest = { bytes: new TextEncoder().encode(`${text}\n`), etag: `"${text}"` };
  const get = (path = "/manifests", method = "GET") =>
    app.request(`http://127.0.0.1${path}`, { method, headers: KUBELET });
  return { get, publish, fetches };
}

describe("createManifestApp(), hold", () => {
  it("answers with the list that is served when the hold ends", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const asked: string[] = [];
    const { get, publish, fetches } = setUp({
      hold: (userAgent) => {
        asked.push(userAgent);
        return promise;
      },
    });
    const answer = get();
    publish("new");
    assert.deepEqual(fetches, []);
    resolve();
    const response = await answer;
    assert.equal(await response.text(), "new\n");
    assert.equal(response.headers.get("ETag"), '"new"');
    assert.deepEqual(fetches.map(({ etag, status }) => [etag, status]), [['"new"', 200]]);
    assert.deepEqual(asked, ["Go-http-client/1.1"]);
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
