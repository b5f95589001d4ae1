import { it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  CRI_NAMESPACE,
  listNamespaces,
  listOtherContainers,
  listPods,
  RuntimeService,
  stopContainer,
} from "../../mod/cri/mod.ts";
import { runPod } from "../support/cri_pod.ts";
import { BUSYBOX_IMAGE, NGINX_IMAGE, PAUSE_IMAGE } from "../support/images.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { eventually } from "../support/eventually.ts";

const run = promisify(execFile);

describeWithContainerd("listPods() on real containerd", (containerd) => {
  it("joins sandboxes, containers, images and processes", async () => {
    const { runtime } = containerd();
    const made = await runPod(containerd(), {
      name: "nginx-node",
      uid: "0123456789abcdef",
      labels: { app: "web" },
      annotations: {
        "kubernetes.io/config.source": "http",
        "kubernetes.io/config.hash": "0123456789abcdef",
        "podstead.dev/spec-hash": "feedbeef",
      },
      containers: [
        { name: "setup", type: "init", script: "exit 0" },
        { name: "nginx", image: NGINX_IMAGE, attempt: 2 },
        { name: "broken", script: "echo no >&2; exit 3" },
      ],
    });
    const pod = await eventually(async () => {
      const pods = await listPods(runtime, { statuses: "all" });
      const found = pods.find(({ sandboxId }) => sandboxId === made.sandboxId);
      assert.equal(found?.containers[1]?.state, "CONTAINER_EXITED");
      return found;
    });
    assert.equal(pod.namespace, "default");
    assert.equal(pod.name, "nginx-node");
    assert.equal(pod.uid, "0123456789abcdef");
    assert.equal(pod.state, "SANDBOX_READY");
    assert.equal(pod.image, PAUSE_IMAGE);
    assert.equal(pod.isStatic, true);
    assert.equal(pod.source, "http");
    assert.equal(pod.specHash, "feedbeef");
    assert.equal(pod.configHash, "0123456789abcdef");
    assert.equal(pod.labels.app, "web");
    assert.ok(Math.abs(Date.parse(pod.createdAt ?? "") - Date.now()) < 60_000);
    assert.match(await readFile(`/proc/${pod.pid}/cmdline`, "utf8"), /sleep/);

    const [setup, broken, nginx] = pod.containers;
    assert.deepEqual(pod.containers.map(({ name }) => name), ["setup", "broken", "nginx"]);
    assert.equal(setup?.type, "init");
    assert.equal(setup?.status?.exitCode, 0);
    assert.equal(setup?.status?.reason, "Completed");
    assert.equal(broken?.image, BUSYBOX_IMAGE);
    assert.equal(broken?.pid, undefined);
    assert.equal(broken?.status?.exitCode, 3);
    assert.equal(broken?.status?.reason, "Error");
    assert.equal(nginx?.image, NGINX_IMAGE);
    assert.equal(nginx?.state, "CONTAINER_RUNNING");
    assert.equal(nginx?.restartCount, 2);
    assert.equal(nginx?.attempt, 2);
    assert.equal(nginx?.hash, "1a2b3c4d");
    assert.equal(nginx?.status?.exitCode, undefined);
    assert.equal(nginx?.status?.logPath, join(made.logDirectory, "nginx/2.log"));
    assert.match(await readFile(`/proc/${nginx?.pid}/cmdline`, "utf8"), /start\.sh/);
  });

  it("sorts by namespace and name, not by their text in one", async () => {
    const { runtime } = containerd();
    // "a-x/…" sorts before "a/…" and "s-2:…" before "s:…" as plain text.
    for (const [namespace, name] of [["z", "s-2"], ["z", "s"], ["z-x", "a"]] as const) {
      await runPod(containerd(), { name, namespace, uid: `${namespace}-${name}`, containers: [] });
    }
    const pods = (await listPods(runtime)).filter(({ namespace }) => namespace.startsWith("z"));
    assert.deepEqual(pods.map(({ namespace, name }) => `${namespace}/${name}`), [
      "z/s",
      "z/s-2",
      "z-x/a",
    ]);
  });

  it("shows a stopped sandbox with its containers, the older of two first", async () => {
    const { runtime } = containerd();
    const first = await runPod(containerd(), { name: "twice", containers: [{ name: "main" }] });
    await runtime.call(RuntimeService.method.stopPodSandbox, { podSandboxId: first.sandboxId }, {
      timeoutMs: 60_000,
    });
    const second = await runPod(containerd(), {
      name: "twice",
      attempt: 1,
      containers: [{ name: "main", attempt: 1 }],
    });
    const pods = (await listPods(runtime)).filter(({ name }) => name === "twice");
    assert.deepEqual(pods.map(({ sandboxId }) => sandboxId), [first.sandboxId, second.sandboxId]);
    assert.deepEqual(pods.map(({ state }) => state), ["SANDBOX_NOTREADY", "SANDBOX_READY"]);
    assert.deepEqual(pods.map(({ attempt }) => attempt), [0, 1]);
    assert.equal(pods[0]?.pid, undefined);
    assert.equal(pods[0]?.containers[0]?.state, "CONTAINER_EXITED");
  });

  it("gives the same value for the same pods", async () => {
    const { runtime } = containerd();
    const first = JSON.stringify(await listPods(runtime));
    for (let again = 0; again < 5; again++) {
      assert.equal(JSON.stringify(await listPods(runtime)), first);
    }
  });

  it("shows the process of a container that is new since the last list, and none that ended", async () => {
    const { runtime } = containerd();
    const pod = await runPod(containerd(), { name: "fresh", containers: [{ name: "first" }] });
    const containersNow = async () =>
      (await listPods(runtime)).find(({ name }) => name === "fresh")?.containers ?? [];
    assert.equal(typeof (await containersNow())[0]?.pid, "number");
    await pod.add({ name: "second" });
    await stopContainer(runtime, pod.containerIds[0] ?? "", { graceMs: 5000 });
    const [first, second] = await containersNow();
    assert.equal(first?.pid, undefined);
    assert.match(await readFile(`/proc/${second?.pid}/cmdline`, "utf8"), /sh/);
  });

  it("has nothing of a container that was removed", async () => {
    const { runtime } = containerd();
    const { containerIds: [containerId = ""] } = await runPod(containerd(), {
      name: "removed",
      containers: [{ name: "main", script: "exit 0" }],
    });
    await eventually(() => runtime.call(RuntimeService.method.removeContainer, { containerId }));
    const pod = (await listPods(runtime, { statuses: "all" })).find(({ name }) =>
      name === "removed"
    );
    assert.deepEqual(pod?.containers, []);
  });
});

describeWithContainerd("listOtherContainers()", (containerd) => {
  it("lists the containers of the other namespaces of containerd", async () => {
    const { runtime, socket, directory } = containerd();
    await runPod(containerd(), { name: "in-kubernetes", containers: [{ name: "main" }] });
    assert.deepEqual(await listOtherContainers(runtime), []);
    const ctr = (...args: string[]) => run("ctr", ["-a", socket, "-n", "other", ...args]);
    await ctr("images", "import", "--no-unpack", join(directory, "images.tar"));
    await ctr("containers", "create", "--snapshotter", "native", BUSYBOX_IMAGE, "idle");
    assert.deepEqual(await listNamespaces(runtime), [CRI_NAMESPACE, "other"]);
    const [container, ...more] = await listOtherContainers(runtime);
    assert.deepEqual(more, []);
    assert.deepEqual({ ...container, createdAt: "" }, {
      namespace: "other",
      id: "idle",
      image: BUSYBOX_IMAGE,
      status: "CREATED",
      createdAt: "",
    });
    assert.ok(Math.abs(Date.parse(container?.createdAt ?? "") - Date.now()) < 60_000);
  });
});
