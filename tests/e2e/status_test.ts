/** Breaks a node on purpose, thing by thing; status, describe and doctor must name each. */
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

  /** All commands name it; what they said last is in the error. */
  async function isNamed(pod: string, named: Named): Promise<void> {
    let last = "";
    await eventually(`${pod}: ${named.cause}`, async () => {
      const { row, report, failed } = await seen(pod);
      last = JSON.stringify({ row, explanation: report.explanation, failed });
      const right = report.explanation.code === named.cause &&
        (named.ready === undefined || row["ready"] === named.ready) &&
        (named.reason === undefined || named.reason.test(row["reason"] ?? "")) &&
        (named.check === undefined || failed.includes(named.check));
      return right || undefined;
    }).catch((error) => {
      throw new Error(`${error.message}: ${last}`);
    });
  }

  const isReady = (pod: string) => isNamed(pod, { cause: "none", ready: "True" });

  before(async () => {
    node = await TestNode.create(containerd());
    node.kubeletVersion = "1.36";
    readOnlyPort = await freePort();
    node.writePods(podYaml("web"));
    await node.startAgent();
    await startKubelet();
    node.writePods(podYaml("web"));
    await node.podstead("reload", "--wait=5m");
  });
  after(async () => {
    await node.close();
  });

  it("finds nothing wrong while nothing is broken", async () => {
    await isReady("web");
    const overview = await eventually("the overview says well", async () => {
      const overview = await node.podstead();
      return overview.code === 0 ? overview : undefined;
    });
    assert.match(
      overview.stdout,
      /^The pod is well\nNAME +READY +STATUS +RESTARTS +AGE +IMAGE\ndefault\/web +1\/1 +Running /,
    );
    await eventually("every link holds", async () => {
      const { state, links, causes } = JSON.parse((await node.podstead("-o", "json")).stdout);
      assert.deepEqual([state, causes], ["well", []]);
      assert.ok(links.every((link: { readonly state: string }) => link.state === "holds"));
      return true;
    });
    const health = await node.podstead("health", "--wait=5m", "web");
    assert.equal(health.code, 0, health.stdout);
    assert.match(health.stdout, /^polls +ok +polled .*, every /m);
    const doctor = await node.podstead("doctor");
    assert.equal(doctor.code, 0, doctor.stdout);
    assert.match(doctor.stdout, /Nothing is wrong|0 failed/);
  });

  it("names an absent image", async () => {
    await apply(podYaml("web"), podYaml("absent", { image: "127.0.0.1:1/nothing:1" }));
    await isNamed("absent", {
      cause: "image-pull",
      ready: "False",
      reason: /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull)$/,
      check: "pods",
    });
    const { stdout } = await node.podstead("describe", "absent");
    assert.match(stdout, /Image +127\.0\.0\.1:1\/nothing:1 \(not on this node\)/);
  });

  it("names a crashing container, with its last words", async () => {
    const script = "echo cannot find the database; exit 3";
    await apply(podYaml("web"), podYaml("crash", { image: "busybox:test", script }));
    await isNamed("crash", {
      cause: "crash-loop",
      ready: "False",
      reason: /CrashLoopBackOff|Error \(3\)/,
      check: "pods",
    });
    // Between two ends it runs for a moment, and is well or has no last end to show.
    const overview = await eventually("an overview of the crash", async () => {
      const overview = await node.podstead();
      assert.match(overview.stdout, /exit code 3/);
      assert.match(overview.stdout, /\n1 of 2 pods not well\n$/);
      assert.match(overview.stdout, /cannot find the database/);
      return overview;
    });
    assert.equal(overview.code, 1);
    await eventually("its last end is described", async () => {
      const describe = await node.podstead("why", "default-crash");
      assert.match(describe.stdout, /Last end +exit code 3|exit code 3/);
      assert.match(describe.stdout, /cannot find the database/);
      return true;
    });
    const types = await eventually("its restart is told", async () => {
      const events = await node.podstead("events", "crash", "-o", "json");
      const types = events.stdout.trim().split("\n").map((line) => JSON.parse(line).type);
      return types.includes("restarted") ? types : undefined;
    });
    assert.deepEqual(types.slice(0, 3), ["declared", "served", "fetched"]);
  });

  it("is content with a pod that has done its work", async () => {
    const script = "echo done";
    const once = podYaml("once", { image: "busybox:test", script, spec: "restartPolicy: Never" });
    await apply(podYaml("web"), once);
    await isNamed("once", { cause: "none", ready: "False", reason: /^Completed$/ });
    await eventually("the overview says well", async () => {
      const overview = await node.podstead();
      assert.equal(overview.code, 0, overview.stdout);
      return true;
    });
    const waited = await node.podstead("reload", "--wait=5m");
    assert.equal(waited.code, 0, waited.stdout);
  });

  it("names a taken port", async () => {
    const holder = createTcpServer();
    await new Promise<void>((resolve) => holder.listen(0, "0.0.0.0", resolve));
    const address = holder.address();
    assert.ok(address !== null && typeof address === "object");
    const script = `nc -l -p ${address.port}`;
    try {
      await apply(podYaml("web"), podYaml("taken", { image: "busybox:test", script }));
      await isNamed("taken", { cause: "port-taken", ready: "False", check: "pods" });
    } finally {
      holder.close();
    }
  });

  it("names a refused pod, and where", async () => {
    const reload = await apply(podYaml("web"), podYaml("bad", { image: "" }));
    assert.equal(reload.code, 78);
    await isNamed("bad", {
      cause: "rejected",
      ready: "False",
      reason: /spec\.containers\[0\]\.image/,
      check: "config",
    });
    const { stdout } = await node.podstead("describe", "bad");
    assert.match(
      stdout,
      /config\.yaml:\d+:\d+: error: spec\.containers\[0\]\.image: Required value/,
    );
  });

  it("waits for pods, and says which is not ready and why", async () => {
    node.writePods(podYaml("web") + podYaml("good"));
    const good = await node.podstead("reload", "--wait=5m");
    assert.equal(good.code, 0, good.stdout);
    assert.match(good.stdout, /ready: (the changed pod|all \d+ changed pods), after /);
    const { report } = await seen("good");
    const stages = ["applied", "served", "fetched", "running", "ready"]
      .map((stage) => Date.parse(report.change[stage]));
    assert.deepEqual(stages, stages.toSorted((left, right) => left - right));
    await eventually("the change is measured", async () => {
      const metrics = await (await fetch(new URL("/metrics", node.manifestUrl))).text();
      return /podstead_propagation_seconds_count\{stage="ready"\} [1-9]/.test(metrics) || undefined;
    });

    node.writePods(podYaml("web") + podYaml("never", { image: "127.0.0.1:1/nothing:1" }));
    await node.podstead("reload");
    // Told while nobody looks at the pod.
    await eventually("the event of its image", async () => {
      const { stdout } = await node.podstead("events", "-o", "json");
      const told = stdout.trim().split("\n").map((line) => JSON.parse(line));
      return told.some(({ type, name, message }) =>
        type === "image-failed" && name === "never" &&
        message.includes("127.0.0.1:1/nothing:1")
      ) || undefined;
    }, 120_000);
    const never = await node.podstead("reload", "--wait=3s");
    assert.equal(never.code, 1);
    assert.match(never.stdout, /default\/never-node-1 .*\n.*127\.0\.0\.1:1\/nothing:1/);
    await apply(podYaml("web"));
  });

  it("says of no change that it is ready before its new version is, and stays so", async () => {
    const running = { image: "busybox:test", script: "sleep 1000" };
    const web = podYaml("web");
    node.writePods(web + podYaml("honest", running));
    assert.equal((await node.podstead("reload", "--wait=5m")).code, 0);
    const change = async (options: Parameters<typeof podYaml>[1], wait = "5m", settle = "3s") => {
      node.writePods(web + podYaml("honest", options));
      return await node.podstead("reload", `--wait=${wait}`, `--settle=${settle}`);
    };
    // The old version runs on, and is ready: it is not what was asked for.
    const absent = await change({ image: "127.0.0.1:1/nothing:2" }, "20s");
    assert.notEqual(absent.code, 0, absent.stdout);
    assert.doesNotMatch(absent.stdout, /^ready/m);
    assert.match(absent.stdout, /127\.0\.0\.1:1\/nothing:2/);
    const crashing = await change(
      { image: "busybox:test", script: "sleep 1; exit 3" },
      ...["30s", "1m"], // it has crashed long before it counts as settled
    );
    assert.equal(crashing.code, 1, crashing.stdout);
    assert.match(crashing.stdout, /exit code 3/);
    const good = await change(running);
    assert.equal(good.code, 0, good.stdout + good.stderr);
    node.writePods(web);
    const removed = await node.podstead("reload", "--wait=5m");
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
      // Neither waits for the other, or this never ends.
      await Promise.all([node.signalAgent("SIGTERM", true), following.ended]);
    } finally {
      following.stop();
      await node.startAgent();
    }
    assert.deepEqual(types(), ["declared", "served", "fetched", "started", "ready"]);
    const { stdout } = await node.podstead("events", "default-later", "-o", "json");
    assert.equal(stdout, following.stdout);
    await apply(podYaml("web"));
  });

  it("names a stopped containerd", async () => {
    await containerd().stop();
    try {
      await isNamed("web", { cause: "runtime-down", check: "runtime" });
      const overview = await node.podstead();
      assert.equal(overview.code, 1);
      assert.match(overview.stdout, /The container runtime cannot be asked/);
    } finally {
      await containerd().start();
    }
    await isReady("web");
  });

  it("names a kubelet that is alive and does not poll, and an unfetched change at once", async () => {
    await fetch(`http://127.0.0.1:${node.kubeletPorts.control}/pause`, { method: "POST" });
    await apply(podYaml("web"), podYaml("unfetched"));
    await isNamed("unfetched", { cause: "not-yet-fetched", reason: /^NotFetched$/ });
    await isNamed("unfetched", { cause: "kubelet-not-polling", check: "kubelet-url" });
    await fetch(`http://127.0.0.1:${node.kubeletPorts.control}/resume`, { method: "POST" });
    await isReady("unfetched");
    await apply(podYaml("web"));
  });

  it("names a kubelet that is off, and a pod that was deleted behind its back", async () => {
    await node.stopKubelet();
    const { items } = await containerd().runtime.call(RuntimeService.method.listPodSandbox, {});
    for (const { id, metadata } of items) {
      if (metadata?.name !== "web-node-1") continue;
      await containerd().runtime.call(RuntimeService.method.stopPodSandbox, { podSandboxId: id });
      await containerd().runtime.call(RuntimeService.method.removePodSandbox, { podSandboxId: id });
    }
    await isNamed("web", { cause: "kubelet-down", ready: "False", check: "kubelet" });
    const overview = await node.podstead();
    assert.equal(overview.code, 1);
    assert.match(overview.stdout, /The kubelet does not run/);
  });

  it("names a wrong URL", async () => {
    await startKubelet("--url", `http://127.0.0.1:${node.port}/manifest`);
    await apply(podYaml("web"), podYaml("lost"));
    await isNamed("lost", { cause: "other-url", check: "kubelet-url" });
    await node.stopKubelet();
  });

  it("names a missing token, and is content with the right one", async () => {
    node.tokenFile = join(node.directory, "token");
    writeFileSync(node.tokenFile, "secret\n", { mode: 0o600 });
    try {
      await startKubelet();
      await apply(podYaml("web"), podYaml("locked"));
      await isNamed("locked", {
        cause: "token-wrong",
        reason: /FetchRefused \(401\)/,
        check: "kubelet-token",
      });
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

  it("names a kubelet that refuses the list", async () => {
    const mangler = await startMangler(node.manifestUrl);
    try {
      await startKubelet("--url", mangler.url);
      await isReady("web");
      mangler.spoil();
      await apply(podYaml("web"), podYaml("refused"));
      await isNamed("refused", { cause: "kubelet-refuses-list", check: "pods" });
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
