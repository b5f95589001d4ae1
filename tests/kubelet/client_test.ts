import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "@std/testing/bdd";
import {
  kubeletClient,
  KubeletFailure,
  type KubeletOptions,
  type KubeletProblem,
} from "../../mod/kubelet/mod.ts";
import { type ApiOptions, type Endpoint, listen, type Route } from "../support/kubelet/api.ts";
import { createCertificate } from "../support/kubelet/mod.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

const authority = createCertificate({ commonName: "test-ca", isAuthority: true });
const otherAuthority = createCertificate({ commonName: "other-ca", isAuthority: true });
const forAddress = createCertificate({
  commonName: "kubelet",
  issuer: authority,
  subjectAltNames: ["127.0.0.1"],
});
const forNode = createCertificate({
  commonName: "kubelet",
  issuer: authority,
  subjectAltNames: ["node-1"],
});
const selfSigned = createCertificate({ commonName: "node-1@171", subjectAltNames: ["node-1"] });
const expired = createCertificate({
  commonName: "kubelet",
  issuer: authority,
  subjectAltNames: ["127.0.0.1"],
  notBefore: Date.now() - 7_200_000,
  notAfter: Date.now() - 3_600_000,
});
const client = createCertificate({
  commonName: "podstead",
  organization: "system:masters",
  issuer: authority,
});
const ended = createCertificate({
  commonName: "podstead",
  issuer: authority,
  notBefore: Date.UTC(2020, 0, 1),
  notAfter: Date.UTC(2021, 0, 1),
});
const stranger = createCertificate({ commonName: "stranger", issuer: otherAuthority });

const emptyList = { kind: "PodList", apiVersion: "v1", metadata: {}, items: null };
const routes: Route = (path) => {
  switch (path) {
    case "/healthz":
      return { body: "ok" };
    case "/pods":
    case "/runningpods/":
      return { body: emptyList };
    case "/configz":
      return { body: { kubeletconfig: { staticPodURL: "http://127.0.0.1:10261/manifests" } } };
    default:
      return undefined;
  }
};

async function problemOf(question: Promise<unknown>): Promise<KubeletFailure> {
  try {
    await question;
  } catch (thrown) {
    assert.ok(thrown instanceof KubeletFailure, String(thrown));
    assert.equal(thrown.code, "kubelet-unavailable");
    assert.ok(thrown.hint, `no hint: ${thrown.message}`);
    return thrown;
  }
  throw new assert.AssertionError({ message: "The question was answered" });
}

describe("kubeletClient()", () => {
  let temp: TempDir;
  const files: Record<string, string> = {};

  before(async () => {
    temp = await makeTempDir("kubelet");
    const texts = {
      ca: authority.certificate,
      otherCa: otherAuthority.certificate,
      selfSigned: selfSigned.certificate,
      cert: client.certificate,
      key: client.key,
      endedCert: ended.certificate,
      endedKey: ended.key,
      strangerCert: stranger.certificate,
      strangerKey: stranger.key,
      token: "secret\n",
      empty: "",
    };
    for (const [name, text] of Object.entries(texts)) {
      files[name] = join(temp.path, name);
      await writeFile(files[name], text);
    }
  });
  after(() => temp.remove());

  /** Runs `look` against an endpoint of the stand-in. */
  async function against<T>(
    api: ApiOptions,
    options: Partial<KubeletOptions>,
    look: (client: ReturnType<typeof kubeletClient>) => Promise<T>,
    route: Route = routes,
  ): Promise<T> {
    const endpoint: Endpoint = await listen(api, route);
    try {
      const scheme = api.tls === undefined ? "http" : "https";
      const url = `${scheme}://127.0.0.1:${endpoint.port}`;
      return await look(kubeletClient({
        endpoint: url,
        healthzEndpoint: url,
        timeoutMs: 60_000,
        ...options,
      }));
    } finally {
      await endpoint.close();
    }
  }
  const tls = (
    { certificate, key }: { readonly certificate: string; readonly key: string },
    clientAuthority?: string,
  ) => ({
    tls: { certificate, key, ...(clientAuthority === undefined ? {} : { clientAuthority }) },
  });

  it("reads the read-only port", async () => {
    await against({}, {}, async (kubelet) => {
      assert.equal(kubelet.verification, "no certificate: plain HTTP");
      assert.deepEqual(await kubelet.pods(), []);
      assert.deepEqual(await kubelet.runningPods(), []);
      assert.equal((await kubelet.configz())["staticPodURL"], "http://127.0.0.1:10261/manifests");
      await kubelet.healthz();
    });
  });

  const accepted: readonly (readonly [string, ApiOptions, () => Partial<KubeletOptions>])[] = [
    ["a certificate for its address", { ...tls(forAddress), anonymous: true }, () => ({
      certificateAuthority: files["ca"] ?? "",
    })],
    ["a certificate for the node's name", { ...tls(forNode), anonymous: true }, () => ({
      certificateAuthority: files["ca"] ?? "",
      nodeName: "node-1",
    })],
    ["a pinned self-signed certificate", { ...tls(selfSigned), anonymous: true }, () => ({
      certificateAuthority: files["selfSigned"] ?? "",
    })],
    ["a client certificate", tls(forAddress, authority.certificate), () => ({
      certificateAuthority: files["ca"] ?? "",
      clientCertificate: files["cert"] ?? "",
      clientKey: files["key"] ?? "",
    })],
    ["a bearer token", { ...tls(forAddress), tokens: ["secret"] }, () => ({
      certificateAuthority: files["ca"] ?? "",
      tokenFile: files["token"] ?? "",
    })],
  ];
  for (const [what, api, options] of accepted) {
    it(`takes ${what}`, async () => {
      await against(api, options(), async (kubelet) => {
        assert.match(kubelet.verification, /checked against "/);
        assert.deepEqual(await kubelet.pods(), []);
      });
    });
  }

  const refused: readonly (readonly [
    string,
    KubeletProblem,
    RegExp,
    ApiOptions,
    () => Partial<KubeletOptions>,
  ])[] = [
    [
      "a self-signed certificate when nothing is configured",
      "untrusted",
      /no authority that this node trusts \(CN=node-1@171, self-signed, valid to .*SHA-256 (..:){31}/,
      { ...tls(selfSigned), anonymous: true },
      () => ({}),
    ],
    [
      "a certificate of another authority",
      "untrusted",
      /not come from the configured authority/,
      { ...tls(forAddress), anonymous: true },
      () => ({ certificateAuthority: files["otherCa"] ?? "" }),
    ],
    [
      "a certificate for another name",
      "untrusted",
      /is for another name/,
      { ...tls(forNode), anonymous: true },
      () => ({ certificateAuthority: files["ca"] ?? "", nodeName: "node-2" }),
    ],
    [
      "an expired certificate",
      "untrusted",
      /has expired/,
      { ...tls(expired), anonymous: true },
      () => ({
        certificateAuthority: files["ca"] ?? "",
      }),
    ],
    [
      "no credentials where they are needed",
      "unauthorized",
      /wants to know who asks.*401/,
      tls(forAddress, authority.certificate),
      () => ({ certificateAuthority: files["ca"] ?? "" }),
    ],
    [
      "a client certificate of another authority",
      "unauthorized",
      /does not know who podstead is.*401/,
      tls(forAddress, authority.certificate),
      () => ({
        certificateAuthority: files["ca"] ?? "",
        clientCertificate: files["strangerCert"] ?? "",
        clientKey: files["strangerKey"] ?? "",
      }),
    ],
    [
      "a client certificate that has ended",
      "unauthorized",
      /client certificate .* ended on 2021-01-01T00:00:00\.000Z: .* answered 401/,
      tls(forAddress, authority.certificate),
      () => ({
        certificateAuthority: files["ca"] ?? "",
        clientCertificate: files["endedCert"] ?? "",
        clientKey: files["endedKey"] ?? "",
      }),
    ],
    [
      "an authorizer that says no",
      "forbidden",
      /answered 403: Forbidden \(user=token/,
      { ...tls(forAddress), tokens: ["secret"], authorization: "Forbidden" },
      () => ({ certificateAuthority: files["ca"] ?? "", tokenFile: files["token"] ?? "" }),
    ],
    [
      "an authorizer that cannot be asked",
      "authorizer-down",
      /cannot ask the API server/,
      { ...tls(forAddress), tokens: ["secret"], authorization: "Unavailable" },
      () => ({ certificateAuthority: files["ca"] ?? "", tokenFile: files["token"] ?? "" }),
    ],
    ["a file that is missing", "credentials", /agent\.kubelet\.tokenFile/, {}, () => ({
      tokenFile: "/no/such/token",
    })],
    ["a file that is empty", "credentials", /is empty/, {}, () => ({
      tokenFile: files["empty"] ?? "",
    })],
  ];
  for (const [what, problem, message, api, options] of refused) {
    it(`names ${what}`, async () => {
      const failure = await against(api, options(), (kubelet) => problemOf(kubelet.pods()));
      assert.equal(failure.problem, problem, failure.message);
      assert.match(failure.message, message);
    });
  }

  it("never sends a token over plain HTTP beyond the node", async () => {
    const kubelet = kubeletClient({
      endpoint: "http://192.0.2.1:10255",
      tokenFile: files["token"] ?? "",
    });
    assert.equal((await problemOf(kubelet.pods())).problem, "credentials");
  });

  it("reads rotated files at the next question", async () => {
    const token = join(temp.path, "rotated");
    await writeFile(token, "old");
    const api = { ...tls(forAddress), tokens: ["secret"] };
    await against(
      api,
      { certificateAuthority: files["ca"] ?? "", tokenFile: token },
      async (kubelet) => {
        assert.equal((await problemOf(kubelet.pods())).problem, "unauthorized");
        await writeFile(token, "secret");
        assert.deepEqual(await kubelet.pods(), []);
      },
    );
    await rm(token);
  });

  it("names a port where nobody listens", async () => {
    const endpoint = await listen({}, routes);
    await endpoint.close();
    const kubelet = kubeletClient({ endpoint: `https://127.0.0.1:${endpoint.port}` });
    assert.equal((await problemOf(kubelet.pods())).problem, "refused");
  });

  it("gives up after its deadline, and at once when told to", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const kubelet = kubeletClient({ endpoint: `http://127.0.0.1:${port}`, timeoutMs: 100 });
    const failure = await problemOf(kubelet.pods());
    assert.equal(failure.problem, "timeout");
    assert.match(failure.message, /within 100ms/);
    const reason = new Error("enough");
    await assert.rejects(kubelet.pods({ signal: AbortSignal.abort(reason) }), reason);
    silent.close();
  });

  it("says when HTTP and HTTPS are confused", async () => {
    const plain = await listen({}, routes);
    const secure = await listen({ ...tls(forAddress) }, routes);
    const port = (endpoint: Endpoint) => `127.0.0.1:${endpoint.port}`;
    const overTls = await problemOf(kubeletClient({ endpoint: `https://${port(plain)}` }).pods());
    assert.equal(overTls.problem, "tls", overTls.message);
    const inClear = await problemOf(kubeletClient({ endpoint: `http://${port(secure)}` }).pods());
    assert.equal(inClear.problem, "answer", inClear.message);
    assert.match(inClear.hint ?? "", /https:\/\//);
    await Promise.all([plain.close(), secure.close()]);
  });

  it("says what to write where a port for TLS answers in clear, as Go's server does", async () => {
    // Source: Go, net/http/server.go, `func (c *conn) serve`.
    const go = createServer((socket) => {
      socket.once("data", () =>
        socket.end(
          "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
        ));
    });
    await new Promise<void>((resolve) => go.listen(0, "127.0.0.1", resolve));
    const { port } = go.address() as AddressInfo;
    const failure = await problemOf(
      kubeletClient({ endpoint: `http://127.0.0.1:${port}` }).pods(),
    );
    go.close();
    assert.match(failure.message, /speaks HTTPS, and was asked over plain HTTP/);
    assert.equal(failure.hint, "Write `https://` in `agent.kubelet.endpoint`");
  });

  for (
    const [what, body] of [
      ["no JSON", "<html>"],
      ["another shape", { items: [{ metadata: {} }] }],
    ] as const
  ) {
    it(`refuses an answer that is ${what}`, async () => {
      const failure = await against(
        {},
        {},
        (kubelet) => problemOf(kubelet.pods()),
        () => ({ body }),
      );
      assert.equal(failure.problem, "answer");
      assert.match(failure.message, /cannot be read/);
    });
  }

  it("names a kubelet that is not well", async () => {
    const failure = await against(
      {},
      {},
      (kubelet) => problemOf(kubelet.healthz()),
      () => ({ status: 500, body: "[-]syncloop failed: PLEG is not healthy" }),
    );
    assert.match(failure.message, /PLEG is not healthy/);
  });

  it("gives a typed view of the pods", async () => {
    const at = "2026-01-01T00:00:00Z";
    const terminated = { exitCode: 137, reason: "OOMKilled", startedAt: at, finishedAt: at };
    const item = {
      metadata: {
        name: "a-node-1",
        namespace: "default",
        uid: "u1",
        annotations: { "kubernetes.io/config.source": "http" },
      },
      spec: { containers: [] },
      status: {
        phase: "Running",
        startTime: at,
        conditions: [{
          type: "Ready",
          status: "False",
          lastProbeTime: null,
          lastTransitionTime: at,
        }],
        containerStatuses: [{
          name: "main",
          state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } },
          lastState: { terminated },
          ready: false,
          restartCount: 3,
          image: "busybox",
          imageID: "sha256:1",
          containerID: "containerd://abc",
        }, { name: "side", state: { running: { startedAt: at } }, ready: true, restartCount: 0 }],
      },
    };
    const early = { metadata: { name: "b", uid: "u2" }, status: {} };
    const pods = await against(
      {},
      {},
      (kubelet) => kubelet.pods(),
      () => ({ body: { items: [item, early] } }),
    );
    assert.deepEqual(pods[0], {
      namespace: "default",
      name: "a-node-1",
      uid: "u1",
      source: "http",
      annotations: { "kubernetes.io/config.source": "http" },
      phase: "Running",
      reason: "",
      message: "",
      startTime: at,
      conditions: [{ type: "Ready", status: "False", reason: "", message: "", since: at }],
      initContainers: [],
      containers: [{
        name: "main",
        ready: false,
        restartCount: 3,
        image: "busybox",
        containerId: "abc",
        state: { kind: "waiting", reason: "CrashLoopBackOff", message: "back-off 10s" },
        lastTermination: { kind: "terminated", signal: 0, message: "", ...terminated },
      }, {
        name: "side",
        ready: true,
        restartCount: 0,
        image: "",
        containerId: "",
        state: { kind: "running", startedAt: at },
        lastTermination: undefined,
      }],
    });
    assert.equal(pods[1]?.namespace, "default");
    assert.equal(pods[1]?.phase, "");
    assert.deepEqual(pods[1]?.containers, []);
  });
});
