/** That root is enough to know what probes say, where the kubelet serves its local pods API. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { eventually, freePort, TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { untilVerdict } from "./until_verdict.ts";

/** How long a step may take before something is wrong, on the slowest of machines. */
const LIMIT_MS = 120_000;

describeWithContainerd("podstead with a kubelet that has the pods API", (containerd) => {
  let node: TestNode;
  let port: number;
  let door: Server | undefined;

  const startKubelet = (...flags: readonly string[]) =>
    node.startKubelet(["--time-factor", "0.3", "--minor", "37", ...flags]);
  const pods = (version: string) =>
    [
      "- apiVersion: v1",
      "  kind: Pod",
      "  metadata: {name: web}",
      "  spec:",
      "    hostNetwork: true",
      "    terminationGracePeriodSeconds: 1",
      "    containers:",
      "    - name: web",
      "      image: busybox:test",
      "      imagePullPolicy: IfNotPresent",
      '      command: ["/bin/sh", "-c", "sleep 100000"]',
      `      env: [{name: VERSION, value: "${version}"}]`,
      "      readinessProbe:",
      `        tcpSocket: {host: 127.0.0.1, port: ${port}}`,
      "        periodSeconds: 1",
      "        failureThreshold: 1",
      "",
    ].join("\n");
  /** What the pod's probe knocks at. */
  async function openDoor(): Promise<void> {
    door = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
    await once(door, "listening");
  }
  async function closeDoor(): Promise<void> {
    const server = door;
    door = undefined;
    await new Promise<void>((resolve) =>
      server === undefined ? resolve() : server.close(() => resolve())
    );
  }
  const says = (pattern: RegExp, code: number) =>
    untilVerdict(node, { pattern, code, limitMs: LIMIT_MS });

  before(async () => {
    node = await TestNode.create(containerd());
    // No certificate, no open port: as on a kubelet that was set up with nothing in mind.
    node.kubeletByNetwork = false;
    // From 1.37 on podstead would replace pods with every change: what is tried here is the sight.
    node.kubeletVersion = "1.36";
    port = await freePort();
    await openDoor();
    node.writePods(pods("1"));
    await node.startAgent();
    await startKubelet();
    // The directory of the kubelet is known only now.
    node.writePods(pods("1"));
    await node.podstead("reload");
  });
  after(async () => {
    await closeDoor();
    await node.close();
  });

  it("says that a pod with a probe is ready", async () => {
    await says(/^The pod is well/, 0);
    const { stdout } = await node.podstead("get", "staticpodstatus");
    assert.match(stdout, /web-node-1 .*True/);
    const doctor = await node.podstead("doctor");
    assert.match(
      doctor.stdout,
      /kubelet-api +".*pods-api\.sock" answers: 1 pod; .* no certificate/,
    );
  });

  it("records at once what a probe says, while nobody looks", async () => {
    const events = node.startPodstead("events", "-f", "-o", "json");
    let end: number | NodeJS.Signals | undefined;
    void events.ended.then((code) => end = code);
    /** Waits for an event; a follower that has ended would be waited for in vain. */
    const next = async (type: string, from: number) => {
      const found = await eventually(type, () => {
        const at = events.lines.findIndex((line, index) =>
          index >= from && JSON.parse(line).type === type
        );
        return Promise.resolve(at >= 0 ? at + 1 : end === undefined ? undefined : "ended");
      }, LIMIT_MS).catch((error) => {
        throw new Error(`${error.message}: ${events.stdout}\n${node.lastWords(15)}`);
      });
      assert.ok(typeof found === "number", `events has ended with ${end}: ${events.stderr}`);
      return found;
    };
    try {
      const from = await next("ready", 0);
      await closeDoor();
      const after = await next("not-ready", from);
      await openDoor();
      await next("ready", after);
    } finally {
      events.stop();
    }
    await says(/^The pod is well/, 0);
  });

  it("names a probe that does not pass, and how it was answered", async () => {
    await closeDoor();
    await says(
      new RegExp(
        `Container web of default/web runs, but its readiness probe \\(tcp-socket 127\\.0\\.0\\.1:${port}\\) does not pass`,
      ),
      1,
    );
    await openDoor();
    await says(/^The pod is well/, 0);
  });

  it("is not well with a kubelet that has not seen all its sources, and says what to do", async () => {
    await node.stopKubelet();
    await startKubelet("--sources-not-ready");
    // It has the old version before there is a new one, however slow this machine is.
    await node.controlKubelet("/poll");
    node.writePods(pods("2"));
    await node.podstead("reload");
    const told = await says(/until its other sources are ready|not seen all sources/, 1);
    assert.match(told, /systemctl restart kubelet|podstead logs kubelet/);
    await node.stopKubelet();
    await startKubelet();
    await says(/^The pod is well/, 0);
  });
});
