import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, it } from "@std/testing/bdd";
import { decodeManifest, mergePods } from "../support/kubelet/decode.ts";
import { fetchManifest, READ_LIMIT_BYTES } from "../support/kubelet/fetch_manifest.ts";
import { klog } from "../support/kubelet/klog.ts";
import { UrlSource } from "../support/kubelet/source.ts";

const URL_1 = "http://127.0.0.1:10261/manifests";

function decode(body: string | Uint8Array, url = URL_1) {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const context = { url, nodeName: "node-1", nowMs: 0 };
  return decodeManifest(bytes, context);
}

const podA = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "a" },
  spec: { containers: [{ name: "main", image: "busybox" }] },
};
const list = (...items: readonly unknown[]) =>
  JSON.stringify({ apiVersion: "v1", kind: "PodList", items });
const uidOf = (body: string, url?: string) => decode(body, url)[0]?.metadata.uid;

describe("decodeManifest()", () => {
  it("adds UID, suffix, namespace, node name and annotations", () => {
    const [pod] = decode(JSON.stringify(podA));
    assert.equal(pod?.metadata.name, "a-node-1");
    assert.equal(pod?.metadata.namespace, "default");
    assert.equal(pod?.spec.nodeName, "node-1");
    assert.match(pod?.metadata.uid ?? "", /^[0-9a-f]{32}$/);
    assert.deepEqual(pod?.metadata.annotations, {
      "kubernetes.io/config.hash": pod?.metadata.uid,
      "kubernetes.io/config.source": "http",
      "kubernetes.io/config.seen": "1970-01-01T00:00:00.000000000Z",
    });
  });

  it("gives another UID on another minor, and leaves one that is given", () => {
    const uids = [35, 36].map((minor) =>
      decodeManifest(new TextEncoder().encode(JSON.stringify(podA)), {
        url: URL_1,
        nodeName: "node-1",
        minor,
        nowMs: 0,
      })[0]?.metadata.uid
    );
    assert.equal(new Set(uids).size, 2);
    const given = { ...podA, metadata: { name: "a", uid: "given" } };
    assert.equal(uidOf(JSON.stringify(given)), "given");
  });

  it("gives a UID that depends on the pod and the URL, on nothing else", () => {
    const uid = uidOf(JSON.stringify(podA));
    const reordered = { spec: podA.spec, metadata: podA.metadata, kind: "Pod", apiVersion: "v1" };
    assert.equal(uidOf(list(reordered)), uid);
    assert.equal(uidOf(JSON.stringify(podA, null, 2)), uid);
    assert.equal(uidOf(JSON.stringify({ ...podA, unknown: 1 })), uid, "it is dropped");
    const spelled = { ...podA, spec: { ...podA.spec, restartPolicy: "Always" } };
    assert.equal(uidOf(JSON.stringify(spelled)), uid, "it is the default");
    assert.notEqual(uidOf(JSON.stringify(podA), "http://127.0.0.1:10262/manifests"), uid);
    const annotated = { ...podA, metadata: { name: "a", annotations: { x: "1" } } };
    assert.notEqual(uidOf(JSON.stringify(annotated)), uid);
    assert.equal(uidOf(list({ ...podA, metadata: { name: "a", uid: "own" } })), "own");
  });

  it("ignores the type of list items, finds the type of the document in any case", () => {
    const { kind: _, apiVersion: __, ...bare } = podA;
    assert.equal(decode(list(bare)).length, 1);
    assert.equal(decode(JSON.stringify({ Kind: "Pod", APIVERSION: "v1", ...bare })).length, 1);
  });

  it("reads YAML 1.1 and its first document only", () => {
    const yaml = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n" +
      "spec: {containers: [{name: m, image: b, env: [{name: X, value: 'yes'}]}]}\n---\n{broken";
    assert.equal(decode(yaml)[0]?.spec.containers[0]?.env?.[0]?.value, "yes");
    assert.equal(decode(`\uFEFF${yaml}`).length, 1);
  });

  it("takes an empty list", () => {
    assert.deepEqual(decode(list()), []);
  });

  const refused = {
    "no JSON": "{",
    "a kind of list that is none": JSON.stringify({ apiVersion: "v1", kind: "List", items: [] }),
    "another version": JSON.stringify({ ...podA, apiVersion: "v2" }),
    "a scalar": "hello",
    "one invalid pod among good ones": list(podA, { metadata: { name: "b" }, spec: {} }),
    "no name": list({ spec: podA.spec }),
    "a name that is too long with its suffix": list({
      ...podA,
      metadata: { name: "a".repeat(247) },
    }),
    "a secret volume": list({
      ...podA,
      spec: { ...podA.spec, volumes: [{ name: "s", secret: { secretName: "s", optional: true } }] },
    }),
    "a port that is text": list({
      ...podA,
      spec: {
        containers: [{
          name: "main",
          image: "busybox",
          readinessProbe: { httpGet: { port: "80" } },
        }],
      },
    }),
    "a quantity that is none": list({
      ...podA,
      spec: {
        containers: [{ name: "m", image: "b", resources: { limits: { memory: "1gb" } } }],
      },
    }),
    "a service account": list({ ...podA, spec: { ...podA.spec, serviceAccountName: "x" } }),
  };
  for (const [what, body] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => decode(body), Error);
    });
  }
});

describe("mergePods()", () => {
  it("drops the later of two pods of one name and keeps the last of one UID", () => {
    const named = (name: string, extra: object = {}) => ({ ...podA, metadata: { name, ...extra } });
    const dropped: string[] = [];
    const other = { ...named("a"), spec: { containers: [{ name: "other", image: "busybox" }] } };
    const pods = decode(
      list(named("a"), other, named("b", { uid: "1" }), named("c", { uid: "1" })),
    );
    const merged = mergePods(pods, (pod) => dropped.push(pod.spec.containers[0]?.name ?? ""));
    assert.deepEqual(dropped, ["other"]);
    assert.deepEqual([...merged.values()].map((pod) => pod.metadata.name), [
      "a-node-1",
      "c-node-1",
    ]);
  });
});

describe("UrlSource", () => {
  /** Polls once for each answer; returns the sets that came out, and the log. */
  async function play(answers: readonly (string | number | Error)[]) {
    const sets: (readonly string[])[] = [];
    const log: string[] = [];
    const queue = [...answers];
    const source = new UrlSource({
      url: URL_1,
      fetch: () => {
        const answer = queue.shift();
        if (answer instanceof Error) return Promise.reject(answer);
        return Promise.resolve(
          typeof answer === "number"
            ? { status: answer, statusText: "Oops", body: new TextEncoder().encode(list()) }
            : { status: 200, statusText: "OK", body: new TextEncoder().encode(answer) },
        );
      },
      decode,
      update: (pods) => sets.push(pods.map((pod) => pod.metadata.name)),
      log: klog((line) => log.push(line.replace(/^\S+ \S+ \S+ kubelet] /, ""))),
    });
    for (const _ of answers) await source.poll();
    return { sets, log };
  }

  const one = list(podA);

  it("updates once for the same bytes", async () => {
    assert.deepEqual(await play([one, one, one]), { sets: [["a-node-1"]], log: [] });
  });

  it("keeps the pods on an error status, a failed connection and a bad body", async () => {
    const { sets, log } = await play([one, 500, 404, new Error("refused")]);
    assert.deepEqual(sets, [["a-node-1"]]);
    assert.deepEqual(log, [
      `"Failed to read pods from URL" err="${URL_1}: 500 Oops"`,
      `"Failed to read pods from URL" err="${URL_1}: 404 Oops"`,
      `"Failed to read pods from URL" err="refused"`,
    ]);
  });

  it("reports a bad body once and takes it for read at the next poll", async () => {
    const { sets, log } = await play([one, "{", "{", one]);
    assert.deepEqual(sets, [["a-node-1"], ["a-node-1"]]);
    assert.equal(log.length, 2);
    assert.match(log[0] ?? "", /^"Failed to read pods from URL"/);
    assert.equal(log[1], '"Successfully read pods from URL"');
  });

  it("removes all on zero length, and the same bytes do not bring them back", async () => {
    const { sets } = await play([one, "", one, `${one} `]);
    assert.deepEqual(sets, [["a-node-1"], [], ["a-node-1"]]);
  });

  it("falls silent after three failures and the word about it, until a success", async () => {
    const { log } = await play([500, 500, 500, 500, 500, 500, one, 500]);
    const failed = '"Failed to read pods from URL"';
    const start = (line: string) => /^"[^"]*"/.exec(line)?.[0];
    assert.deepEqual(log.map(start), [
      failed,
      failed,
      failed,
      '"Failed to read pods from URL. Dropping verbosity of this message to V(4)"',
      '"Successfully read pods from URL"',
      failed,
    ]);
  });
});

describe("fetchManifest()", () => {
  async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void) {
    const server = createServer(handler);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/manifests`,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  it("asks as Go's client does, with the configured header", async () => {
    let seen: IncomingMessage["headers"] = {};
    await using server = await serve((request, response) => {
      seen = request.headers;
      response.end("{}");
    });
    await fetchManifest(server.url, { Authorization: ["Bearer x"] }, 5000);
    assert.equal(seen["user-agent"], "Go-http-client/1.1");
    assert.equal(seen["accept-encoding"], "gzip");
    assert.equal(seen.authorization, "Bearer x");
    assert.equal(seen["if-none-match"], undefined);
  });

  it("reads a gzip answer and follows a redirect", async () => {
    await using server = await serve((request, response) => {
      if (request.url === "/manifests") response.writeHead(302, { Location: "/other" }).end();
      else response.writeHead(200, { "Content-Encoding": "gzip" }).end(gzipSync("hello"));
    });
    const { status, body } = await fetchManifest(server.url, {}, 5000);
    assert.equal(status, 200);
    assert.equal(new TextDecoder().decode(body), "hello");
  });

  it("takes a body one byte below the limit and refuses one that fills it", async () => {
    let size = READ_LIMIT_BYTES - 1;
    await using server = await serve((_, response) => response.end(Buffer.alloc(size, 32)));
    assert.equal((await fetchManifest(server.url, {}, 5000)).body.byteLength, size);
    size += 1;
    await assert.rejects(fetchManifest(server.url, {}, 5000), /the read limit is reached/);
  });

  it("keeps its connection, and opens another when that has ended", async () => {
    const ports: (number | undefined)[] = [];
    let hangUp = false;
    await using server = await serve((request, response) => {
      ports.push(request.socket.remotePort);
      if (hangUp) request.socket.destroy();
      else response.end("{}");
      hangUp = false;
    });
    await fetchManifest(server.url, {}, 5000);
    await fetchManifest(server.url, {}, 5000);
    assert.equal(ports[1], ports[0]);
    hangUp = true;
    assert.equal((await fetchManifest(server.url, {}, 5000)).status, 200);
    assert.equal(ports[2], ports[0]);
    assert.notEqual(ports[3], ports[0]);
  });

  it("gives up after the time limit", async () => {
    await using server = await serve(() => undefined);
    await assert.rejects(fetchManifest(server.url, {}, 100), /context deadline exceeded/);
  });
});
