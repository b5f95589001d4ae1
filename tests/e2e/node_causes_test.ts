/** Causes above the pods, each told by a node that has it: the kubelet's service, the config, the disk. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { type FakeSystemd, fakeSystemd } from "../support/fake_systemd.ts";
import { eventually, freePort, TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { podYaml } from "./pod_yaml.ts";
import { untilVerdict } from "./until_verdict.ts";

/** How long a step may take before something is wrong, on the slowest of machines. */
const LIMIT_MS = 120_000;

const RUNS = { ActiveState: "active", SubState: "running", NRestarts: "0", Result: "success" };
const CRASHES = {
  ActiveState: "activating",
  SubState: "auto-restart",
  NRestarts: "7",
  Result: "exit-code",
};
const BAD_SETTING =
  'E1130 14:00:00.000000     812 run.go:74] "command failed" err="failed to load kubelet config file, path: /var/lib/kubelet/config.yaml, error: strict decoding error: unknown field \\"staticPodUrl\\""';

describeWithContainerd("podstead on a node that is broken above its pods", (containerd) => {
  let node: TestNode;
  let systemd: FakeSystemd;
  let apiPort: number;

  const startKubelet = (...flags: readonly string[]) =>
    node.startKubelet(["--api-port", String(apiPort), "--time-factor", "0.3", ...flags]);
  const sleeper = podYaml("web", { image: "busybox:test", script: "sleep 100000" });

  const says = (pattern: RegExp, code = 1) =>
    untilVerdict(node, { pattern, code, limitMs: LIMIT_MS });
  const isWell = () => says(/^The pod is well/, 0);

  /** The events of a type so far, in the order in which they happened. */
  async function events(type: string): Promise<readonly string[]> {
    const { stdout } = await node.podstead("events", "-o", "json");
    return stdout.trim().split("\n").map((line) => JSON.parse(line))
      .filter((event) => event.type === type).map(({ message }) => message);
  }
  /** The first event of a type that comes after `count` of them and fits. */
  const told = (type: string, count: number, pattern: RegExp) =>
    eventually(`${type} ${pattern}`, async () => {
      const found = (await events(type)).slice(count);
      return found.find((message) => pattern.test(message));
    }, LIMIT_MS);

  function writeConfig(pods: string, settings: string): void {
    writeFileSync(
      node.configPath,
      `machine:\n  pods:\n${pods.replaceAll(/^(?=.)/gm, "    ")}\nagent:\n` +
        `  node: {name: ${node.name}, address: 172.20.0.3}\n  manifest: {port: ${node.port}}\n` +
        `  runtime: {endpoint: "${containerd().endpoint}"}\n${settings}` +
        `  admin: {socket: "${node.socket}"}\n  stateDir: "${node.stateDir}"\n`,
    );
  }

  /** With a kubelet that cannot be asked: what a control plane pod's probe says is known all the same. */
  async function asksProbesItself(settings: string): Promise<void> {
    let status = 500;
    const server = createServer((_, response) => {
      response.writeHead(status).end("[+]ping ok\n[-]etcd failed: reason withheld\n");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // it listens on TCP
    const probe = `{httpGet: {host: 127.0.0.1, port: ${port}, path: /readyz}, periodSeconds: 1}`;
    const component = [
      "- apiVersion: v1",
      "  kind: Pod",
      "  metadata: {name: kube-apiserver, namespace: kube-system, labels: {tier: control-plane}}",
      "  spec:",
      "    hostNetwork: true",
      "    terminationGracePeriodSeconds: 1",
      "    containers:",
      "    - name: kube-apiserver",
      "      image: busybox:test",
      "      imagePullPolicy: IfNotPresent",
      '      command: ["/bin/sh", "-c", "sleep 100000"]',
      `      readinessProbe: ${probe}`,
      "",
    ].join("\n");
    writeConfig(sleeper + component, settings);
    await node.podstead("reload");
    const page = await says(/kube-apiserver runs, but its readiness probe \(http-get http:/);
    assert.match(page, /HTTP status 500, \[-\]etcd failed: reason withheld/);
    status = 200;
    await says(/^All 2 pods are well/, 0);
    server.closeAllConnections();
    server.close();
    writeConfig(sleeper, settings);
    await node.podstead("reload");
    await isWell();
  }

  before(async () => {
    node = await TestNode.create(containerd());
    systemd = fakeSystemd(join(node.directory, "bin"));
    systemd.setUnit("kubelet", RUNS);
    node.agentEnv = { PATH: `${systemd.path}:${process.env.PATH}` };
    apiPort = await freePort();
    node.writePods(sleeper);
    await startKubelet();
    // The settings of the kubelet's port are known only now.
    node.writePods(sleeper);
    await node.startAgent();
    await isWell();
  });
  after(async () => {
    await node.close();
  });

  it("tells a crash loop of the kubelet with the setting that its journal names", async () => {
    const before = (await events("kubelet-down")).length;
    systemd.setUnit("kubelet", CRASHES);
    systemd.setJournal("kubelet", ["I1130 starting", BAD_SETTING]);
    await node.stopKubelet();
    const message = await told("kubelet-down", before, /is gone/);
    assert.match(message, /failed to load kubelet config file.*unknown field "staticPodUrl"/);
    const page = await says(/The kubelet ends again and again, 7 restarts so far: failed to load/);
    assert.match(page, /unknown field "staticPodUrl"/);
    assert.doesNotMatch(page, /systemctl start kubelet/);
    const ready = await fetch(new URL("/readyz?full", node.manifestUrl));
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /^unwell\n[\s\S]*kubelet: broken/);
    // Another mistake in its place is told too, though the kubelet was down all the time.
    systemd.setJournal("kubelet", [
      BAD_SETTING,
      BAD_SETTING.replace("staticPodUrl", "httpCheckFreqency"),
    ]);
    await told("kubelet-down", before, /does not come back: .*httpCheckFreqency/);
    systemd.setUnit("kubelet", RUNS);
    await startKubelet();
    await told("kubelet-up", 0, /is back/);
    await isWell();
  });

  it("tells a kubelet that was stopped from one that crashes", async () => {
    const before = (await events("kubelet-down")).length;
    systemd.setUnit("kubelet", { ActiveState: "inactive", SubState: "dead", NRestarts: "0" });
    await node.stopKubelet();
    await told("kubelet-down", before, /its service is stopped/);
    assert.match(await says(/The kubelet does not run/), /systemctl start kubelet/);
    systemd.setUnit("kubelet", RUNS);
    await startKubelet();
    await isWell();
  });

  it("tells that the runtime's service was stopped", async () => {
    systemd.setUnit("containerd", { ActiveState: "inactive", SubState: "dead", NRestarts: "0" });
    const before = (await events("runtime-down")).length;
    await containerd().stop();
    try {
      await told("runtime-down", before, /is gone/);
      const page = await says(/cannot be asked: .*; its service containerd is stopped/);
      assert.match(page, /systemctl start containerd/);
    } finally {
      systemd.setUnit("containerd", RUNS);
      await containerd().start();
    }
    await told("runtime-up", 0, /is back/);
    await isWell();
  });

  it("never says that a kubelet on other ports does not run", async () => {
    const before = (await events("kubelet-down")).length;
    await node.signalAgent("SIGTERM", true);
    await node.stopKubelet();
    const settings = `  kubelet: {endpoint: "http://127.0.0.1:${await freePort()}"}\n`;
    writeConfig(sleeper, settings);
    await node.startAgent();
    // It runs, by its service, but does not poll: nobody can say that all is well.
    const page = await says(/neither polls nor answers where podstead asks|not confirmed/);
    assert.doesNotMatch(page, /does not run/);
    await startKubelet();
    // It polls, and this pod has no probes: all is known that matters.
    await isWell();
    assert.equal((await events("kubelet-down")).length, before);
    await asksProbesItself(settings);
    await node.signalAgent("SIGTERM", true);
    node.writePods(sleeper);
    await node.startAgent();
    await isWell();
  });

  it("says that an agent hangs, and what the runtime knows without it", async () => {
    await node.signalAgent("SIGSTOP");
    try {
      const { stdout, stderr, code } = await node.podstead();
      assert.equal(code, 1);
      assert.match(
        stderr,
        /The agent on .* (hangs|did not answer).*; asking the container runtime/,
      );
      assert.match(stdout, /The agent hangs: .*\n +Next: `sudo systemctl restart podstead`/);
      assert.doesNotMatch(stdout + stderr, /systemctl start/);
      assert.match(stdout, /broken: agent/);
      const events = await node.podstead("events");
      assert.equal(events.code, 69, events.stderr);
      assert.match(events.stderr, /hangs/);
    } finally {
      await node.signalAgent("SIGCONT");
    }
    await isWell();
  });

  it("names the probe that keeps a pod from being ready, and how often it failed", async () => {
    const closed = await freePort();
    const probed = [
      "- apiVersion: v1",
      "  kind: Pod",
      "  metadata: {name: probed}",
      "  spec:",
      "    hostNetwork: true",
      "    terminationGracePeriodSeconds: 1",
      "    containers:",
      "    - name: main",
      "      image: busybox:test",
      "      imagePullPolicy: IfNotPresent",
      '      command: ["/bin/sh", "-c", "sleep 100000"]',
      "      startupProbe: {exec: {command: [/bin/true]}, periodSeconds: 1}",
      `      readinessProbe: {tcpSocket: {host: 127.0.0.1, port: ${closed}}, periodSeconds: 1}`,
      "",
    ].join("\n");
    node.writePods(sleeper + probed);
    await node.podstead("reload");
    await says(
      new RegExp(
        `main of default/probed runs, but its readiness probe \\(tcp-socket 127.0.0.1:${closed}\\) does not pass, \\d+ of \\d+ tries failed`,
      ),
    );
    node.writePods(sleeper);
    await node.podstead("reload");
    await isWell();
  });

  it("knows at any verbosity why a kubelet ends no older version, before it is late", async () => {
    await node.stopKubelet();
    await startKubelet("--sources-not-ready");
    systemd.setJournal("kubelet", [
      'I "Waiting for node sync before watching apiserver pods"',
      'E "Unable to register node with API server" err="Post \\"https://10.0.0.1:6443/api/v1/nodes\\": dial tcp 10.0.0.1:6443: connect: connection refused" node="node-1"',
    ]);
    await isWell();
    node.writePods(podYaml("web", { image: "busybox:test", script: "sleep 100001" }));
    await node.podstead("reload");
    const page = await says(/no change to default\/web until its other sources are ready/);
    assert.match(page, /cannot register with its API server: Post "https:.*connection refused/);
    assert.match(page, /systemctl restart kubelet/);
    systemd.setJournal("kubelet", []);
    await node.stopKubelet();
    await startKubelet();
    node.writePods(sleeper);
    await node.podstead("reload");
    await isWell();
  });

  it("does not blame a mirror pod while the API server is away", async () => {
    const crash = podYaml("kube-apiserver", {
      image: "busybox:test",
      script: "echo 'cannot open etcd-ca.crt'; exit 3",
    });
    systemd.setJournal("kubelet", [
      'E1130 14:00:00.000000     812 kubelet.go:1] "Failed creating a mirror pod" err="Post \\"https://10.0.0.1:6443/api/v1/namespaces/default/pods\\": dial tcp 10.0.0.1:6443: connect: connection refused" pod="default/kube-apiserver-node-1"',
      'E1001 14:00:00.000000     812 kubelet.go:1] "Failed creating a mirror pod" err="pods \\"kube-apiserver-node-1\\" is forbidden: no such service account" pod="default/kube-apiserver-node-1"',
    ]);
    node.writePods(sleeper + crash);
    await node.podstead("reload");
    const page = await says(/kube-apiserver .*ends again and again/);
    assert.doesNotMatch(page, /mirror pod/);
    assert.match(page, /cannot open etcd-ca\.crt/);
    node.writePods(sleeper);
    await node.podstead("reload");
    systemd.setJournal("kubelet", []);
    await isWell();
  });

  it("is not well with a drop-in that is no pod", async () => {
    const dropIns = join(node.directory, "pods.d");
    mkdirSync(dropIns, { recursive: true });
    writeFileSync(
      join(dropIns, "web.yaml"),
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {}\n",
    );
    await node.podstead("reload");
    const page = await says(/pods\.d\/web\.yaml.*Deployment/);
    assert.match(page, /broken: config\n$/);
    rmSync(join(dropIns, "web.yaml"));
    await node.podstead("reload", "--allow-removals");
    await isWell();
  });

  it("is not well where a change cannot be stored because the disk is full", async () => {
    await node.signalAgent("SIGTERM", true);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", node.stateDir]);
    try {
      await node.startAgent();
      await isWell();
      // As full as it gets: a file of zeros until the disk says no.
      execFileSync("sh", ["-c", `cat /dev/zero > "${join(node.stateDir, "fill")}" 2>&1 || true`]);
      node.writePods(sleeper + podYaml("more", { image: "busybox:test", script: "sleep 1000" }));
      const reload = await node.podstead("reload");
      assert.equal(reload.code, 1, reload.stdout);
      const page = await says(/The last reload failed, and what was served before still is/);
      assert.match(page, /no space left|ENOSPC/i);
      rmSync(join(node.stateDir, "fill"));
      node.writePods(sleeper);
      await node.podstead("reload");
      await isWell();
    } finally {
      await node.signalAgent("SIGTERM", true);
      execFileSync("umount", [node.stateDir]);
    }
  });
});
