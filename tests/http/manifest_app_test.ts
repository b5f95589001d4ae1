import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { connect } from "node:net";
import {
  closeServer,
  createHttpServer,
  createManifestApp,
  hostName,
  listenTcp,
  type ManifestDeps,
  type ManifestFetch,
  type ServedManifest,
} from "../../mod/http/mod.ts";
import { freePort } from "../support/node.ts";

const MANIFEST: ServedManifest = {
  bytes: new TextEncoder().encode('{"items":[]}'),
  etag: '"abc"',
};

function appWith(overrides: Partial<ManifestDeps> = {}) {
  const fetches: ManifestFetch[] = [];
  const app = createManifestApp({
    path: "/manifests",
    hosts: () => new Set(["127.0.0.1", "localhost"]),
    token: () => undefined,
    manifest: () => MANIFEST,
    onFetch: (fetch) => void fetches.push(fetch),
    notReady: () => undefined,
    metrics: () => Promise.resolve({ contentType: "text/plain", text: "x 1\n" }),
    ...overrides,
  });
  const ask = (path: string, init: RequestInit & { readonly host?: string } = {}) =>
    app.request(`http://ignored${path}`, {
      ...init,
      headers: { Host: init.host ?? "127.0.0.1:10261", ...init.headers },
    });
  return { ask, fetches };
}

describe("createManifestApp()", () => {
  it("gives the list with its type, length and entity tag", async () => {
    const { ask, fetches } = appWith();
    const response = await ask("/manifests", { headers: { "User-Agent": "Go-http-client/1.1" } });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("Content-Type"), "application/json");
    assert.equal(response.headers.get("Content-Length"), "12");
    assert.equal(response.headers.get("ETag"), '"abc"');
    assert.equal(await response.text(), '{"items":[]}');
    assert.equal(fetches.length, 1);
    assert.equal(fetches[0]?.status, 200);
    assert.equal(fetches[0]?.etag, '"abc"');
    assert.equal(fetches[0]?.userAgent, "Go-http-client/1.1");
  });

  it("answers HEAD without a body", async () => {
    const response = await appWith().ask("/manifests", { method: "HEAD" });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), "");
  });

  for (const tag of ['"abc"', 'W/"abc"', '"x", "abc"', "*"]) {
    it(`answers 304 to If-None-Match: ${tag}`, async () => {
      const { ask } = appWith();
      const response = await ask("/manifests", { headers: { "If-None-Match": tag } });
      assert.equal(response.status, 304);
      assert.equal(await response.text(), "");
    });
  }

  it("gives the list when another one is known", async () => {
    const response = await appWith().ask("/manifests", { headers: { "If-None-Match": '"old"' } });
    assert.equal(response.status, 200);
  });

  it("answers 503, never an empty 200, while nothing is loaded", async () => {
    const { ask } = appWith({ manifest: () => undefined });
    assert.equal((await ask("/manifests")).status, 503);
  });

  it("wants the bearer token where there is one", async () => {
    const { ask } = appWith({ token: () => "secret" });
    const status = async (authorization?: string) =>
      (await ask("/manifests", {
        ...(authorization === undefined ? {} : { headers: { Authorization: authorization } }),
      })).status;
    assert.equal(await status(), 401);
    assert.equal(await status("Bearer wrong"), 401);
    assert.equal(await status("Basic secret"), 401);
    assert.equal(await status("Bearer secretlonger"), 401);
    assert.equal(await status("Bearer secret"), 200);
    assert.equal(await status("bearer secret"), 200);
  });

  it("answers no token question for health and metrics", async () => {
    const { ask } = appWith({ token: () => "secret" });
    for (const path of ["/healthz", "/readyz", "/metrics"]) {
      assert.equal((await ask(path)).status, 200, path);
    }
  });

  for (const host of ["127.0.0.1:10261", "127.0.0.1", "localhost:10261", "LOCALHOST"]) {
    it(`serves Host ${host}`, async () => {
      assert.equal((await appWith().ask("/manifests", { host })).status, 200);
    });
  }

  for (const host of ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:10261", ""]) {
    it(`refuses Host "${host}"`, async () => {
      assert.equal((await appWith().ask("/manifests", { host })).status, 421);
    });
  }

  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    it(`refuses ${method}`, async () => {
      const response = await appWith().ask("/manifests", { method });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get("Allow"), "GET, HEAD");
    });
  }

  it("says where the pods are on any other path", async () => {
    const response = await appWith().ask("/pods");
    assert.equal(response.status, 404);
    assert.match(await response.text(), /\/manifests/);
  });

  it("is not ready while the agent is not, and alive all the same", async () => {
    const { ask } = appWith({ notReady: () => "No pods are loaded yet" });
    const ready = await ask("/readyz");
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /No pods are loaded yet/);
    assert.equal((await ask("/healthz")).status, 200);
  });
});

describe("hostName()", () => {
  for (
    const [header, name] of [
      ["127.0.0.1:10261", "127.0.0.1"],
      ["Localhost", "localhost"],
      ["[::1]:10261", "::1"],
      ["[::1]", "::1"],
      ["", ""],
    ]
  ) {
    it(`finds "${name}" in "${header}"`, () => assert.equal(hostName(header ?? ""), name));
  }
});

describe("createHttpServer()", () => {
  it("cuts off a client that does not finish its request", async () => {
    const { app } = await listening();
    const socket = connect(app.port, "127.0.0.1");
    socket.write("GET /manifests HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    socket.resume();
    const closedAfterMs = await new Promise<number>((resolve) => {
      const start = performance.now();
      socket.once("close", () => resolve(performance.now() - start));
    });
    assert.ok(closedAfterMs < 9_000, `closed after ${closedAfterMs} ms`);
    await app.close();
  });

  it("names the setting and a next step where the port is taken", async () => {
    const { app } = await listening();
    const second = createHttpServer(createManifestApp(noDeps()));
    await assert.rejects(
      listenTcp(second, "127.0.0.1", app.port),
      (error: Error & { hint?: string }) =>
        /the port is taken/.test(error.message) && /ss -ltnp/.test(error.hint ?? ""),
    );
    await app.close();
  });
});

function noDeps(): ManifestDeps {
  return {
    path: "/manifests",
    hosts: () => new Set(["127.0.0.1"]),
    token: () => undefined,
    manifest: () => MANIFEST,
    onFetch: () => undefined,
    notReady: () => undefined,
    metrics: () => Promise.resolve({ contentType: "text/plain", text: "" }),
  };
}

async function listening() {
  const server = createHttpServer(createManifestApp(noDeps()));
  const port = await freePort();
  await listenTcp(server, "127.0.0.1", port);
  return { app: { port, close: () => closeServer(server, 0) } };
}
