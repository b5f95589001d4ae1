import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createManifestApp } from "../../mod/http/mod.ts";
import { storedSource } from "../../mod/serve/front/front.ts";

describe("storedSource()", () => {
  it("refuses no kubelet for a token that is still being read", async () => {
    const read = Promise.withResolvers<void>();
    let token = "not known yet";
    const app = createManifestApp({
      ...storedSource({
        manifest: { bytes: new TextEncoder().encode("{}"), etag: '"a"', pods: 0 },
        hosts: new Set(["127.0.0.1"]),
        token: () => token,
        tokenKnown: read.promise,
      }, () => undefined),
      path: "/manifests",
      trustedUids: new Set([0]),
      monotonicMs: () => 0,
    });
    const headers = {
      Host: "127.0.0.1",
      Authorization: "Bearer right",
      "User-Agent": "Go-http-client/1.1",
    };
    const answer = app.request("http://127.0.0.1/manifests", { headers });
    // The request is being answered by now.
    await new Promise((resolve) => setTimeout(resolve));
    token = "right";
    read.resolve();
    assert.equal((await answer).status, 200);
  });
});
