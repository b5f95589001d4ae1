import assert from "node:assert/strict";
import { after, before, describe, it } from "@std/testing/bdd";
import type { JsonObject } from "../../mod/core/mod.ts";
import { systemClock } from "../../mod/core/mod.ts";
import { askOwnProbes } from "../../mod/kubelet/mod.ts";
import { askOwnProbesOf } from "../../mod/observe/mod.ts";
import { joinStatus } from "../../mod/status/mod.ts";
import { desired, input, NOW, sandbox } from "../status/samples.ts";
import { type Endpoint, listen } from "../support/kubelet/api.ts";
import { createCertificate } from "../support/kubelet/mod.ts";
import { freePort } from "../support/node.ts";

const options = { clock: systemClock, nodeName: "Node-1", address: "127.0.0.9" };

describe("askOwnProbesOf()", () => {
  let server: Endpoint;
  let answer = { status: 200, body: "ok" };
  const paths: string[] = [];

  before(async () => {
    const { certificate, key } = createCertificate({ commonName: "kube-apiserver" });
    server = await listen({ tls: { certificate, key }, anonymous: true }, (path) => {
      paths.push(path);
      return answer;
    });
  });
  after(() => server.close());

  /** A control plane pod whose one probe asks this. */
  function pod(httpGet: JsonObject, change: JsonObject = {}, kind = "readinessProbe") {
    return desired({
      namespace: "kube-system",
      name: "kube-apiserver",
      pod: {
        metadata: { namespace: "kube-system", labels: { tier: "control-plane" } },
        spec: {
          hostNetwork: true,
          containers: [{ name: "kube-apiserver", [kind]: { httpGet } }],
          ...change,
        },
      },
    });
  }
  const local = () => ({ host: "127.0.0.1", port: server.port, path: "/readyz", scheme: "HTTPS" });
  const ask = async (one: ReturnType<typeof pod>) =>
    (await askOwnProbesOf([one], options)).get("kube-system/kube-apiserver-node-1");

  it("takes any answer up to 399 for a pass, by a certificate that nobody vouches for", async () => {
    for (const status of [200, 302]) {
      answer = { status, body: "ok" };
      const got = await ask(pod(local()));
      assert.ok(got);
      assert.equal(got.failure, undefined);
    }
    assert.equal(paths.at(-1), "/readyz");
  });

  it("asks the probe for what is wanted: that it is ready, or that it lives", async () => {
    answer = { status: 200, body: "ok" };
    const one = pod(local());
    const [container] = (one.pod["spec"] as { containers: JsonObject[] }).containers;
    Object.assign(container!, { livenessProbe: { httpGet: { ...local(), path: "/livez" } } });
    assert.deepEqual(await askOwnProbes(one.pod, "127.0.0.9", "liveness"), { failure: undefined });
    assert.equal(paths.at(-1), "/livez");
    assert.deepEqual(await askOwnProbes(one.pod, "127.0.0.9"), { failure: undefined });
    assert.equal(paths.at(-1), "/readyz");
  });

  it("says which probe does not pass, and which of its checks", async () => {
    answer = { status: 500, body: "[+]ping ok\n[-]etcd failed: reason withheld\n" };
    assert.equal(
      (await ask(pod(local())))?.failure,
      `readiness probe (http-get https://127.0.0.1:${server.port}/readyz) does not pass: ` +
        "HTTP status 500, [-]etcd failed: reason withheld",
    );
    const closed = await freePort();
    assert.match(
      (await ask(pod({ ...local(), port: closed }, {}, "startupProbe")))?.failure ?? "",
      /^startup probe \(.*\) does not pass: .*ECONNREFUSED/,
    );
  });

  const strangers: readonly [string, JsonObject, JsonObject?][] = [
    ["another host", { host: "10.0.0.1" }],
    ["a host that is no text", { host: 7 }],
    ["a port by a name that no port has", { port: "https" }],
    ["a port that is none", { port: 70_000 }],
    ["another scheme", { scheme: "FILE" }],
    ["the pod's own network", {}, { hostNetwork: false }],
    ["a gate beside it", {}, { readinessGates: [{ conditionType: "example.com/ready" }] }],
  ];
  for (const [what, change, spec = {}] of strangers) {
    it(`asks nothing of a probe with ${what}`, async () => {
      const before = paths.length;
      assert.equal(await ask(pod({ ...local(), ...change }, spec)), undefined);
      assert.equal(paths.length, before);
    });
  }

  it("asks as the pod of kubeadm declares it: a port by name", async () => {
    answer = { status: 200, body: "ok" };
    const etcd = (ports: JsonObject[]) => ({
      containers: [{
        name: "etcd",
        ports,
        readinessProbe: { httpGet: { ...local(), port: "probe-port" } },
      }],
    });
    const ports = [
      { name: "client", containerPort: 2379 },
      { name: "probe-port", containerPort: server.port, protocol: "TCP" },
    ];
    const got = await ask(pod({}, etcd(ports)));
    assert.ok(got);
    assert.equal(got.failure, undefined);
    assert.equal(await ask(pod({}, etcd(ports.slice(0, 1)))), undefined);
  });

  it("takes the node's address for a probe without a host", async () => {
    const { host: _, ...rest } = local();
    const got = (await askOwnProbesOf([pod(rest)], { ...options, address: "127.0.0.1" })).get(
      "kube-system/kube-apiserver-node-1",
    );
    assert.ok(got);
    assert.equal(got.failure, undefined);
  });

  it("opens a connection where the probe wants no more", async () => {
    const tcp = (port: number) => ({
      containers: [{
        name: "etcd",
        readinessProbe: { tcpSocket: { host: "127.0.0.1", port } },
      }],
    });
    const got = await ask(pod({}, tcp(server.port)));
    assert.ok(got);
    assert.equal(got.failure, undefined);
    const closed = await freePort();
    assert.match(
      (await ask(pod({}, tcp(closed))))?.failure ?? "",
      new RegExp(
        `^readiness probe \\(tcp-socket 127.0.0.1:${closed}\\) does not pass: .*ECONNREFUSED`,
      ),
    );
  });

  it("knows a component by its name, where it has no label", async () => {
    const one = pod(local());
    const bare = (name: string) => ({
      ...one,
      pod: { ...one.pod, metadata: { namespace: "kube-system", name } },
    });
    assert.ok(await ask(bare("etcd")));
    assert.equal(await ask(bare("web")), undefined);
  });

  it("asks no pod that is none of a control plane", async () => {
    const other = pod(local());
    const pods = [{ ...other, pod: { ...other.pod, metadata: { namespace: "default" } } }];
    assert.equal((await askOwnProbesOf(pods, options)).size, 0);
  });
});

describe("joinStatus() with probes of podstead's own", () => {
  const withProbe = desired({
    pod: { spec: { containers: [{ name: "main", image: "busybox", readinessProbe: {} }] } },
  });
  const status = (failure: string | undefined, atMs = NOW - 100) =>
    joinStatus(input({
      desired: [withProbe],
      kubelet: {
        value: undefined,
        atMs: undefined,
        failure: { atMs: NOW, message: "unauthorized" },
      },
      runtime: { value: [sandbox()], atMs: NOW - 500 },
      probes: new Map([["default/web-node-1", { atMs, failure }]]),
    }))[0];

  it("takes their word while nothing else tells", () => {
    assert.deepEqual(
      [status(undefined)?.ready, status(undefined)?.confirmedBy],
      ["True", "probe"],
    );
    assert.deepEqual([status("it fails")?.ready, status("it fails")?.reason], [
      "False",
      "ProbeFailed",
    ]);
  });

  it("does not believe an old answer", () => {
    assert.equal(status(undefined, NOW - 60_000)?.ready, "Unknown");
  });
});
