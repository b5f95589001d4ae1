/** The main job on real parts: podstead as a process, real containerd, the kubelet stand-in. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { eventually, TestNode } from "../support/node.ts";
import { podYaml } from "./pod_yaml.ts";

/** A line of `containers -k`: its cells. */
interface ContainerLine {
  readonly id: string;
  readonly status: string;
}

async function containerLines(node: TestNode): Promise<readonly ContainerLine[]> {
  const { stdout } = await node.podstead("containers", "-k");
  return stdout.trimEnd().split("\n").slice(1).map((line) => {
    const cells = line.split(/ {3,}/);
    return { id: (cells[2] ?? "").replace(/^[├└]─ /, ""), status: cells.at(-1) ?? "" };
  });
}

/** The ID of the running container of a pod, once there is one. */
function runningContainer(node: TestNode, pod: string): Promise<string> {
  return eventually(`a running container of ${pod}`, async () => {
    const lines = await containerLines(node);
    return lines.find(({ id, status }) =>
      id.startsWith(`default/${pod}-node-1:`) && status === "CONTAINER_RUNNING"
    )?.id;
  });
}

async function servedBody(node: TestNode): Promise<string> {
  const response = await fetch(node.manifestUrl);
  assert.equal(response.status, 200);
  return await response.text();
}

describeWithContainerd("podstead on a node", (containerd) => {
  let node: TestNode;
  let nginx: string;

  before(async () => {
    node = await TestNode.create(containerd());
    node.writePods(podYaml("nginx"));
    await node.startAgent();
    await node.startKubelet();
    nginx = await runningContainer(node, "nginx");
  });
  after(async () => {
    await node.close();
  });

  it("shows the page's table of static pods", async () => {
    const { stdout, code } = await node.podstead("get", "staticpods");
    assert.equal(code, 0);
    assert.equal(
      stdout,
      "NODE         NAMESPACE   TYPE        ID              VERSION\n" +
        "172.20.0.3   k8s         StaticPod   default-nginx   1\n",
    );
  });

  it("shows the page's table of their status", async () => {
    const stdout = await eventually("READY is True", async () => {
      const { stdout } = await node.podstead("get", "staticpodstatus");
      return stdout.includes("True") ? stdout : undefined;
    });
    assert.match(
      stdout,
      /^NODE {9}NAMESPACE {3}TYPE {14}ID {21}VERSION {3}READY\n172\.20\.0\.3 {3}k8s {9}StaticPodStatus {3}default\/nginx-node-1 {3}\d+ {9}True\n$/,
    );
  });

  it("shows the page's table of containers", async () => {
    const { stdout } = await node.podstead("containers", "--kubernetes");
    const [header, sandbox, container, ...rest] = stdout.trimEnd().split("\n");
    assert.match(header ?? "", /^NODE +NAMESPACE +ID +IMAGE +PID +STATUS$/);
    assert.match(
      sandbox ?? "",
      /^172\.20\.0\.3 +k8s\.io +default\/nginx-node-1 +registry\.k8s\.io\/pause:3\.6 +\d+ +SANDBOX_READY$/,
    );
    assert.match(
      container ?? "",
      /^172\.20\.0\.3 +k8s\.io +└─ default\/nginx-node-1:nginx:[0-9a-f]{12} +docker\.io\/library\/nginx:latest +\d+ +CONTAINER_RUNNING$/,
    );
    assert.deepEqual(rest, []);
  });

  it("prints a container's log as the page does", async () => {
    const first = await eventually("its first line", async () => {
      const { stdout, code } = await node.podstead("logs", "--kubernetes", nginx);
      assert.equal(code, 0);
      return stdout.includes("\n") ? stdout.split("\n")[0] : undefined;
    });
    assert.match(
      first ?? "",
      /^172\.20\.0\.3: \d{4}-\d\d-\d\dT[\d:.]+Z stderr F .*\[notice\] 1#1: using the "epoll" event method$/,
    );
  });

  it("takes abbreviated names, and lists the candidates of an ambiguous one", async () => {
    for (const id of ["nginx", "default-nginx", "default/nginx-node-1", nginx.slice(0, -6)]) {
      const { stdout, code } = await node.podstead("logs", "-k", id, "--tail", "1");
      assert.equal(code, 0, id);
      assert.equal(stdout.trimEnd().split("\n").length, 1, id);
    }
    const unknown = await node.podstead("logs", "-k", "ngnix");
    assert.equal(unknown.code, 1);
    assert.equal(unknown.stdout, "");
    assert.match(unknown.stderr, /ngnix/);
  });

  it("adds, changes and removes a pod on SIGHUP, and leaves the others alone", async () => {
    node.writePods(podYaml("nginx") + podYaml("web", { env: { COLOR: "green" } }));
    await node.signalAgent("SIGHUP");
    const web = await runningContainer(node, "web");

    node.writePods(podYaml("nginx") + podYaml("web", { env: { COLOR: "blue" } }));
    await node.signalAgent("SIGHUP");
    await eventually("a new container of web", async () => {
      const lines = await containerLines(node);
      return lines.some(({ id, status }) =>
        id.includes("web-node-1:") && id !== web && status === "CONTAINER_RUNNING"
      ) || undefined;
    });

    node.writePods(podYaml("nginx"));
    await node.signalAgent("SIGHUP");
    await eventually("nothing of web runs", async () => {
      const lines = await containerLines(node);
      // What has ended is listed until the kubelet clears it away.
      const ended = ["SANDBOX_NOTREADY", "CONTAINER_EXITED"];
      return lines.every(({ id, status }) =>
        !id.includes("web-node-1") || ended.includes(status)
      ) || undefined;
    });
    assert.equal(await runningContainer(node, "nginx"), nginx);
  });

  it("keeps serving on a broken config, says why, and takes the mended one", async () => {
    const before = await servedBody(node);
    node.writePods("- apiVersion: v1\n   kind: Pod\n");
    const reload = await node.podstead("reload");
    assert.equal(reload.code, 78);
    assert.match(reload.stdout, /^rejected: /);
    assert.match(reload.stdout, /config\.yaml:4:\d+: error: /);
    assert.equal(await servedBody(node), before);
    const status = await node.podstead("get", "configstatus");
    assert.match(status.stdout, / rejected$/m);

    node.writePods(podYaml("nginx"));
    const mended = await node.podstead("reload");
    assert.equal(mended.code, 0);
    assert.match(mended.stdout, /^unchanged: /);
  });

  it("serves the same bytes after kill -9, and no container restarts", async () => {
    const before = await servedBody(node);
    await node.signalAgent("SIGKILL", true);
    await node.startAgent();
    assert.equal(await servedBody(node), before);
    // Three polls of the stand-in, in which it would replace what differs.
    await eventually("three further fetches", async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${node.port}/metrics`)).text();
      const fetches = /requests_total\{status="200",client="kubelet"\} (\d+)/.exec(metrics)?.[1];
      return Number(fetches) >= 3 || undefined;
    });
    assert.equal(await runningContainer(node, "nginx"), nginx);
    const { stdout } = await node.podstead("get", "staticpods");
    assert.match(stdout, /default-nginx +1$/m);
  });

  it("serves the last good pods when it starts with a broken config, and is loud about it", async () => {
    const before = await servedBody(node);
    await node.signalAgent("SIGTERM", true);
    node.writePods("- {apiVersion: v1");
    await node.startAgent();
    assert.equal(await servedBody(node), before);
    const { stdout } = await node.podstead("get", "configstatus");
    assert.match(stdout, / rejected$/m);
    const metrics = await (await fetch(`http://127.0.0.1:${node.port}/metrics`)).text();
    assert.match(metrics, /^podstead_last_reload_successful 0$/m);
    assert.match(node.agentLog, /"level":"error","msg":"Reload: rejected"/);
    node.writePods(podYaml("nginx"));
    await node.signalAgent("SIGHUP");
  });

  it("follows a log across a restart of containerd", async () => {
    const script = "i=0; while true; do echo line $i; i=$((i+1)); sleep 0.1; done";
    node.writePods(podYaml("nginx") + podYaml("ticker", { image: "busybox:test", script }));
    await node.signalAgent("SIGHUP");
    const ticker = await runningContainer(node, "ticker");

    const following = node.startPodstead("logs", "-k", ticker, "-f", "-o", "text");
    const lineCount = () => following.lines.length;
    try {
      await eventually("five lines", () => Promise.resolve(lineCount() >= 5 || undefined));
      await containerd().restart();
      const reached = lineCount();
      await eventually(
        "lines after the restart",
        () => Promise.resolve(lineCount() >= reached + 10 || undefined),
      );
    } finally {
      following.stop();
    }
    const { lines } = following;
    assert.deepEqual(lines, lines.map((_, index) => `line ${index}`));
  });

  it("reads containers without an agent, and says so", async () => {
    await node.signalAgent("SIGTERM", true);
    const containers = await node.podstead("containers", "-k");
    assert.equal(containers.code, 0);
    assert.match(containers.stdout, /nginx-node-1/);
    assert.match(containers.stderr, /No agent runs on .* directly/);
    const get = await node.podstead("get", "staticpods");
    assert.equal(get.code, 69);
    assert.match(get.stderr, /podstead serve/);
    await node.startAgent();
  });
});
