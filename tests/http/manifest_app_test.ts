import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createServer } from "node:net";
import {
  type Caller,
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

interface Asked extends RequestInit {
  readonly host?: string;
  readonly caller?: Caller;
}

/** Someone with this user; `trusted` counts how often the app let the connection stay. */
function callerOf(uid: number | undefined) {
  let trusted = 0;
  return {
    uid: () => Promise.resolve(uid),
    trust: () => void trusted++,
    get trusted() {
      return trusted;
    },
  };
}

function appWith(overrides: Partial<ManifestDeps> = {}) {
  const fetches: ManifestFetch[] = [];
  const app = createManifestApp({
    path: "/manifests",
    hosts: () => new Set(["127.0.0.1", "localhost"]),
    token: () => undefined,
    trustedUids: new Set([0]),
    manifest: () => MANIFEST,
    onFetch: (fetch) => void fetches.push(fetch),
    notReady: () => undefined,
    metrics: () => Promise.resolve({ contentType: "text/plain", text: "x 1\n" }),
    monotonicMs: () => 0,
    ...overrides,
  });
  const ask = (path: string, init: Asked = {}) =>
    app.request(`http://ignored${path}`, {
      ...init,
      headers: { Host: init.host ?? "127.0.0.1:10261", ...init.headers },
    }, init.caller === undefined ? {} : { caller: init.caller });
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

describe("createManifestApp() takes a poll for the kubelet's", () => {
  const headers = { "User-Agent": "Go-http-client/1.1" };
  const byKubelet = async (overrides: Partial<ManifestDeps>, asked: Asked) => {
    const { ask, fetches } = appWith(overrides);
    await ask("/manifests", asked);
    return fetches[0]?.byKubelet;
  };

  for (const [uid, expected] of [[0, true], [1000, false], [undefined, false]] as const) {
    it(`${expected ? "" : "not "}from uid ${uid} where no token is wanted`, async () => {
      assert.equal(await byKubelet({}, { headers, caller: callerOf(uid) }), expected);
    });
  }

  it("with the token, whatever the uid", async () => {
    const Authorization = "Bearer secret";
    const token = { token: () => "secret" };
    const caller = callerOf(1000);
    assert.equal(
      await byKubelet(token, { headers: { ...headers, Authorization }, caller }),
      true,
    );
    assert.equal(await byKubelet(token, { headers, caller }), false);
  });

  it("not from another program of root's", async () => {
    assert.equal(
      await byKubelet({}, { headers: { "User-Agent": "curl/8" }, caller: callerOf(0) }),
      false,
    );
  });

  it("and lets only those stay connected who show a right", async () => {
    const [root, stranger, refused] = [callerOf(0), callerOf(1000), callerOf(0)];
    await appWith().ask("/manifests", { headers, caller: root });
    await appWith().ask("/manifests", { headers, caller: stranger });
    await appWith({ token: () => "secret" }).ask("/manifests", { headers, caller: refused });
    assert.deepEqual([root, stranger, refused].map(({ trusted }) => trusted), [1, 0, 0]);
  });
});

describe("createManifestApp(), /metrics", () => {
  it("renders once a second at most", async () => {
    let [rendered, nowMs] = [0, 0];
    const { ask } = appWith({
      metrics: () => Promise.resolve({ contentType: "text/plain", text: `x ${++rendered}\n` }),
      monotonicMs: () => nowMs,
    });
    const texts: string[] = [];
    for (nowMs of [0, 999, 1_000]) texts.push(await (await ask("/metrics")).text());
    assert.deepEqual(texts, ["x 1\n", "x 1\n", "x 2\n"]);
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

describe("listenTcp()", () => {
  it("names the setting and a next step where the port is taken", async () => {
    const first = createServer();
    const port = await freePort();
    await listenTcp(first, "127.0.0.1", port);
    await assert.rejects(
      listenTcp(createServer(), "127.0.0.1", port),
      (error: Error & { hint?: string }) =>
        /the port is taken/.test(error.message) && /ss -ltnp/.test(error.hint ?? ""),
    );
    first.close();
  });
});
