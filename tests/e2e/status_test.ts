/** Breaks a node on purpose, thing by thing; status, describe and doctor must name each in time. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createServer, request, type Server } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RuntimeService } from "../../mod/cri/mod.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { eventually, freePort, TestNode } from "../support/node.ts";
import { podYaml } from "./pod_yaml.ts";

/** What the commands must say of a pod. */
interface Named {
  /** The code of `describe`'s explanation. */
  readonly cause: string;
  /** READY and REASON of `get staticpodstatus`. */
  readonly ready?: string;
  readonly reason?: RegExp;
  /** The check of `doctor` that fails. */
  readonly check?: string;
}

describeWithContainerd("podstead on a broken node", (containerd) => {
  let node: TestNode;
  let readOnlyPort: number;

  /** A kubelet whose API stays at one port over restarts, and that backs off in a tenth of the time. */
  const startKubelet = (...flags: readonly string[]) =>
    node.startKubelet([
      ...["--read-only-port", String(readOnlyPort), "--time-factor", "0.3"],
      ...["--crash-factor", "0.1", ...flags],
    ]);

  const apply = async (...pods: readonly string[]) => {
    node.writePods(pods.join(""));
    return await node.podstead("reload");
  };

  async function seen(pod: string) {
    const [status, described, doctor] = await Promise.all([
      node.podstead("get", "staticpodstatus", "-o", "json"),
      node.podstead("describe", pod, "-o", "json"),
      node.podstead("doctor", "-o", "json"),
    ]);
    const items: readonly { metadata: { id: string }; spec: Record<string, string> }[] =
      JSON.parse(status.stdout).items;
    const findings: readonly { check: string; status: string }[] =
      JSON.parse(doctor.stdout).findings;
    const row = items.find(({ metadata }) => metadata.id === `default/${pod}-node-1`)?.spec ?? {};
    return {
      row,
      report: JSON.parse(described.stdout),
      failed: findings.filter((one) => one.status === "failed").map(({ check }) => check),
    };
  }

  /** All commands name it within the time; what they said last is in the error. */
  async function isNamed(pod: string, named: Named, withinMs: number): Promise<void> {
    let last = "";
    const started = Date.now();
    await eventually(`${pod}: ${named.cause}`, async () => {
      const { row, report, failed } = await seen(pod);
      last = JSON.stringify({ row, explanation: report.explanation, failed });
      const right = report.explanation.code === named.cause &&
        (named.ready === undefined || row["ready"] === named.ready) &&
        (named.reason === undefined || named.reason.test(row["reason"] ?? "")) &&
        (named.check === undefined || failed.includes(named.check));
      return right || undefined;
    }, withinMs).catch((error) => {
      throw new Error(`${error.message}; after ${Date.now() - started} ms: ${last}`);
    });
  }

  const isReady = (pod: string) => isNamed(pod, { cause: "none", ready: "True" }, 30_000);

  before(async () => {
    node = await TestNode.create(containerd());
    readOnlyPort = await freePort();
    node.writePods(podYaml("web"));
    await node.startAgent();
    await startKubelet();
    node.writePods(podYaml("web"));
    await node.podstead("reload", "--wait=30s");
  });
  after(async () => {
    await node.close();
  });

  it("finds nothing wrong while nothing is broken", async () => {
    await isReady("web");
    const overview = await node.podstead();
    assert.equal(overview.code, 0, overview.stdout);
    assert.match(
      overview.stdout,
      /^The pod is well\nNAME +READY +STATUS +RESTARTS +AGE +IMAGE\ndefault\/web +1\/1 +Running /,
    );
    const data = await node.podstead("-o", "json");
    const { state, links, causes } = JSON.parse(data.stdout);
    assert.deepEqual([state, causes], ["well", []]);
    assert.ok(links.every((link: { readonly state: string }) => link.state === "holds"));
    const health = await node.podstead("health", "--wait=10s", "web");
    assert.equal(health.code, 0, health.stdout);
    assert.match(health.stdout, /^polls +ok +polled .*, every /m);
    const doctor = await node.podstead("doctor");
    assert.equal(doctor.code, 0, doctor.stdout);
    assert.match(doctor.stdout, /Nothing is wrong|0 failed/);
  });

  it("names an absent image within 10 s", async () => {
    await apply(podYaml("web"), podYaml("absent", { image: "registry.invalid/nothing:1" }));
    await isNamed("absent", {
      cause: "image-pull",
      ready: "False",
      reason: /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull)$/,
      check: "pods",
    }, 10_000);
    const { stdout } = await node.podstead("describe", "absent");
    assert.match(stdout, /Image +registry\.invalid\/nothing:1 \(not on this node\)/);
  });

  it("names a crashing container within 15 s, with its last words", async () => {
    const script = "echo cannot find the database; exit 3";
    await apply(podYaml("web"), podYaml("crash", { image: "busybox:test", script }));
    await isNamed("crash", {
      cause: "crash-loop",
      ready: "False",
      reason: /CrashLoopBackOff|Error \(3\)/,
      check: "pods",
    }, 15_000);
    // Between two ends it runs for a moment, and is well or has no last end to show.
    const overview = await eventually("an overview of the crash", async () => {
      const overview = await node.podstead();
      return /exit code 3/.test(overview.stdout) ? overview : undefined;
    });
    assert.equal(overview.code, 1);
    assert.match(overview.stdout, /\n1 of 2 pods not well\n$/);
    assert.match(overview.stdout, /cannot find the database/);
    const describe = await node.podstead("why", "default-crash");
    assert.match(describe.stdout, /Last end +exit code 3|exit code 3/);
    assert.match(describe.stdout, /cannot find the database/);
    const events = await node.podstead("events", "crash", "-o", "json");
    const types = events.stdout.trim().split("\n").map((line) => JSON.parse(line).type);
    assert.deepEqual(types.slice(0, 3), ["declared", "served", "fetched"]);
    assert.ok(types.includes("restarted"), types.join());
  });

  it("is content with a pod that has done its work", async () => {
    const script = "echo done";
    const once = podYaml("once", { image: "busybox:test", script, spec: "restartPolicy: Never" });
    await apply(podYaml("web"), once);
    await isNamed("once", { cause: "none", ready: "False", reason: /^Completed$/ }, 10_000);
    const overview = await node.podstead();
    assert.equal(overview.code, 0, overview.stdout);
    const waited = await node.podstead("reload", "--wait=5s");
    assert.equal(waited.code, 0, waited.stdout);
  });

  it("names a taken port within 15 s", async () => {
    const holder = createTcpServer();
    await new Promise<void>((resolve) => holder.listen(0, "0.0.0.0", resolve));
    const address = holder.address();
    assert.ok(address !== null && typeof address === "object");
    const script = `nc -l -p ${address.port}`;
    try {
      await apply(podYaml("web"), podYaml("taken", { image: "busybox:test", script }));
      await isNamed("taken", { cause: "port-taken", ready: "False", check: "pods" }, 15_000);
    } finally {
      holder.close();
    }
  });

  it("names a refused pod at once, and where", async () => {
    const reload = await apply(podYaml("web"), podYaml("bad", { image: "" }));
    assert.equal(reload.code, 78);
    await isNamed("bad", {
      cause: "rejected",
      ready: "False",
      reason: /spec\.containers\[0\]\.image/,
      check: "config",
    }, 2_000);
    const { stdout } = await node.podstead("describe", "bad");
    assert.match(
      stdout,
      /config\.yaml:\d+:\d+: error: spec\.containers\[0\]\.image: Required value/,
    );
  });

  it("waits for pods, and says which is not ready and why", async () => {
    node.writePods(podYaml("web") + podYaml("good"));
    const good = await node.podstead("reload", "--wait=30s");
    assert.equal(good.code, 0, good.stdout);
    assert.match(good.stdout, /ready: (the changed pod|all \d+ changed pods), after /);
    const { report } = await seen("good");
    const stages = ["applied", "served", "fetched", "running", "ready"]
      .map((stage) => Date.parse(report.change[stage]));
    assert.deepEqual(stages, stages.toSorted((left, right) => left - right));
    const metrics = await (await fetch(new URL("/metrics", node.manifestUrl))).text();
    assert.match(metrics, /podstead_propagation_seconds_count\{stage="ready"\} [1-9]/);

    node.writePods(podYaml("web") + podYaml("never", { image: "registry.invalid/nothing:1" }));
    await node.podstead("reload");
    // Told while nobody looks at the pod.
    await eventually("the event of its image", async () => {
      const { stdout } = await node.podstead("events", "-o", "json");
      const told = stdout.trim().split("\n").map((line) => JSON.parse(line));
      return told.some(({ type, name, message }) =>
        type === "image-failed" && name === "never" &&
        message.includes("registry.invalid/nothing:1")
      ) || undefined;
    }, 120_000);
    const never = await node.podstead("reload", "--wait=3s");
    assert.equal(never.code, 1);
    assert.match(never.stdout, /default\/never-node-1 .*\n.*registry\.invalid\/nothing:1/);
    await apply(podYaml("web"));
  });

  it("says of no change that it is ready before its new version is, and stays so", async () => {
    const running = { image: "busybox:test", script: "sleep 1000" };
    const web = podYaml("web");
    node.writePods(web + podYaml("honest", running));
    assert.equal((await node.podstead("reload", "--wait=40s")).code, 0);
    const change = async (options: Parameters<typeof podYaml>[1]) => {
      node.writePods(web + podYaml("honest", options));
      return await node.podstead("reload", "--wait=20s", "--settle=3s");
    };
    // The old version runs on, and is ready: it is not what was asked for.
    const absent = await change({ image: "registry.invalid/nothing:2" });
    assert.notEqual(absent.code, 0, absent.stdout);
    assert.doesNotMatch(absent.stdout, /^ready/m);
    assert.match(absent.stdout, /registry\.invalid\/nothing:2/);
    const crashing = await change({ image: "busybox:test", script: "sleep 1; exit 3" });
    assert.equal(crashing.code, 1, crashing.stdout);
    assert.match(crashing.stdout, /exit code 3/);
    const good = await change(running);
    assert.equal(good.code, 0, good.stdout + good.stderr);
    node.writePods(web);
    const removed = await node.podstead("reload", "--wait=40s");
    assert.equal(removed.code, 0, removed.stdout);
    const { stdout } = await node.podstead("containers", "-k", "-a");
    assert.doesNotMatch(stdout, /honest.*RUNNING/);
  });

  it("follows what happens to a pod, until the agent stops, and remembers it over its restart", async () => {
    const following = node.startPodstead("events", "-f", "-o", "json", "later");
    const types = () => following.lines.map((line) => JSON.parse(line).type);
    try {
      await apply(podYaml("web"), podYaml("later"));
      await eventually(
        "the pod's life",
        () => Promise.resolve(types().includes("ready") || undefined),
      );
      const started = Date.now();
      await node.signalAgent("SIGTERM", true);
      await following.ended;
      assert.ok(Date.now() - started < 5_000, "neither waits for the other");
    } finally {
      following.stop();
      await node.startAgent();
    }
    assert.deepEqual(types(), ["declared", "served", "fetched", "started", "ready"]);
    const { stdout } = await node.podstead("events", "default-later", "-o", "json");
    assert.equal(stdout, following.stdout);
    await apply(podYaml("web"));
  });

  it("names a stopped containerd within 5 s", async () => {
    await containerd().stop();
    try {
      await isNamed("web", { cause: "runtime-down", check: "runtime" }, 5_000);
      const overview = await node.podstead();
      assert.equal(overview.code, 1);
      assert.match(overview.stdout, /The container runtime cannot be asked/);
    } finally {
      await containerd().start();
    }
    await isReady("web");
  });

  it("names a kubelet that is alive and does not poll within 15 s, and an unfetched change at once", async () => {
    await fetch(`http://127.0.0.1:${node.kubeletPorts.control}/pause`, { method: "POST" });
    await apply(podYaml("web"), podYaml("unfetched"));
    await isNamed("unfetched", { cause: "not-yet-fetched", reason: /^NotFetched$/ }, 3_000);
    await isNamed("unfetched", { cause: "kubelet-not-polling", check: "kubelet-url" }, 15_000);
    await fetch(`http://127.0.0.1:${node.kubeletPorts.control}/resume`, { method: "POST" });
    await isReady("unfetched");
    await apply(podYaml("web"));
  });

  it("names a kubelet that is off, and a pod that was deleted behind its back, within 10 s", async () => {
    await node.stopKubelet();
    const { items } = await containerd().runtime.call(RuntimeService.method.listPodSandbox, {});
    for (const { id, metadata } of items) {
      if (metadata?.name !== "web-node-1") continue;
      await containerd().runtime.call(RuntimeService.method.stopPodSandbox, { podSandboxId: id });
      await containerd().runtime.call(RuntimeService.method.removePodSandbox, { podSandboxId: id });
    }
    await isNamed("web", { cause: "kubelet-down", ready: "False", check: "kubelet" }, 10_000);
    const overview = await node.podstead();
    assert.equal(overview.code, 1);
    assert.match(overview.stdout, /The kubelet does not run/);
  });

  it("names a wrong URL within 5 s of its first poll", async () => {
    await startKubelet("--url", `http://127.0.0.1:${node.port}/manifest`);
    await apply(podYaml("web"), podYaml("lost"));
    await isNamed("lost", { cause: "other-url", check: "kubelet-url" }, 5_000);
    await node.stopKubelet();
  });

  it("names a missing token within 5 s, and is content with the right one", async () => {
    node.tokenFile = join(node.directory, "token");
    writeFileSync(node.tokenFile, "secret\n", { mode: 0o600 });
    try {
      await startKubelet();
      await apply(podYaml("web"), podYaml("locked"));
      await isNamed("locked", {
        cause: "token-wrong",
        reason: /FetchRefused \(401\)/,
        check: "kubelet-token",
      }, 5_000);
      await node.stopKubelet();
      await startKubelet("--header", "Authorization: Bearer secret");
      await isReady("locked");
    } finally {
      await node.stopKubelet();
      node.tokenFile = undefined;
      await apply(podYaml("web"));
      // A running agent does not stop asking for its token.
      await node.signalAgent("SIGTERM", true);
      await node.startAgent();
    }
  });

  it("names a kubelet that refuses the list within 15 s", async () => {
    const mangler = await startMangler(node.manifestUrl);
    try {
      await startKubelet("--url", mangler.url);
      await isReady("web");
      mangler.spoil();
      await apply(podYaml("web"), podYaml("refused"));
      await isNamed("refused", { cause: "kubelet-refuses-list", check: "pods" }, 15_000);
      const { report } = await seen("refused");
      assert.equal(report.delivery.fetched, true);
      assert.equal(report.kubelet.accepted, false);
    } finally {
      mangler.server.close();
      mangler.server.closeAllConnections();
      await node.stopKubelet();
    }
  });
});

/** Hands on the list as the endpoint gives it; once spoiled, with a pod in it that no kubelet takes. */
async function startMangler(
  target: string,
): Promise<{ readonly url: string; readonly server: Server; spoil(): void }> {
  let spoiled = false;
  const server = createServer((incoming, outgoing) => {
    const headers = { "User-Agent": incoming.headers["user-agent"] ?? "" };
    request(target, { headers, agent: false }, (answer) => {
      const chunks: Uint8Array[] = [];
      answer.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      answer.on("end", () => {
        const list = JSON.parse(Buffer.concat(chunks).toString("utf8"));
        const bad = { apiVersion: "v1", kind: "Pod", metadata: { name: "UPPER" }, spec: {} };
        if (spoiled) list.items.push(bad);
        outgoing.writeHead(200, { "Content-Type": "application/json" });
        outgoing.end(JSON.stringify(list));
      });
    }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port was given");
  return {
    url: `http://127.0.0.1:${address.port}/manifests`,
    server,
    spoil: () => {
      spoiled = true;
    },
  };
}
