import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createManifestApp, type ManifestFetch } from "../../mod/http/mod.ts";

const LIST = { bytes: new TextEncoder().encode('{"items":[]}'), etag: '"e1"' };
const KUBELET = { "Host": "127.0.0.1:10261", "User-Agent": "Go-http-client/1.1" };

/** What the endpoint reports of one request: method, path and status. */
async function reported(
  path: string,
  headers: Readonly<Record<string, string>> = {},
  options: { readonly method?: string; readonly token?: string } = {},
): Promise<readonly (readonly [string, string, number])[]> {
  const fetches: ManifestFetch[] = [];
  const app = createManifestApp({
    path: "/manifests",
    hosts: () => new Set(["127.0.0.1"]),
    token: () => options.token,
    trustedUids: new Set([0]),
    manifest: () => LIST,
    onFetch: (fetch) => fetches.push(fetch),
    notReady: () => undefined,
    metrics: () => Promise.resolve({ contentType: "text/plain", text: "" }),
    monotonicMs: () => 0,
  });
  await app.request(path, { method: options.method ?? "GET", headers: { ...KUBELET, ...headers } });
  return fetches.map(({ method, path, status }) => [method, path, status] as const);
}

describe("createManifestApp() reports to the agent", () => {
  it("a fetch of the list", async () => {
    assert.deepEqual(await reported("/manifests"), [["GET", "/manifests", 200]]);
  });

  it("requests that are refused for path, host, method or token", async () => {
    assert.deepEqual(await reported("/manifest"), [["GET", "/manifest", 404]]);
    assert.deepEqual(await reported("/manifests", { Host: "evil" }), [["GET", "/manifests", 421]]);
    assert.deepEqual(await reported("/manifests", {}, { method: "POST" }), [
      ["POST", "/manifests", 405],
    ]);
    assert.deepEqual(await reported("/manifests", {}, { token: "secret" }), [
      ["GET", "/manifests", 401],
    ]);
  });

  it("nothing of probes and scrapes", async () => {
    for (const path of ["/healthz", "/readyz", "/metrics"]) {
      assert.deepEqual(await reported(path), []);
    }
  });
});
