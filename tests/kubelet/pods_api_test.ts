import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import {
  kubeletClient,
  KubeletFailure,
  type PodsApi,
  podsApi,
  podsApiSocket,
} from "../../mod/kubelet/mod.ts";
import { type Endpoint, listen } from "../support/kubelet/api.ts";
import type { PodsApiState } from "../support/kubelet/pods_api_main.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

const SCRIPT = fileURLToPath(new URL("../support/kubelet/pods_api_main.ts", import.meta.url));

const web = {
  metadata: {
    name: "web-node-1",
    namespace: "default",
    uid: "b",
    labels: { app: "web" },
    annotations: { "kubernetes.io/config.source": "http", "podstead.dev/spec-hash": "1234" },
  },
  spec: { nodeName: "node-1", containers: [{ name: "web", image: "web:1" }] },
  status: {
    phase: "Running",
    hostIP: "10.0.0.1",
    startTime: "2026-01-01T00:00:00Z",
    conditions: [{
      type: "Ready",
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [web]",
      lastTransitionTime: "2026-01-01T00:00:05Z",
    }],
    initContainerStatuses: [{
      name: "setup",
      state: { terminated: { exitCode: 0, reason: "Completed", containerID: "containerd://0" } },
      ready: true,
      restartCount: 0,
      started: false,
    }],
    containerStatuses: [{
      name: "web",
      state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } },
      lastState: {
        terminated: {
          exitCode: 137,
          signal: 9,
          reason: "OOMKilled",
          startedAt: "2026-01-01T00:00:01Z",
          finishedAt: "2026-01-01T00:00:04Z",
        },
      },
      ready: false,
      restartCount: 3,
      image: "web:1",
      imageID: "sha256:1",
      containerID: "containerd://abc",
      started: false,
    }],
    qosClass: "BestEffort",
  },
};
/** Of an API server: nothing that podstead looks after. */
const stranger = {
  metadata: { name: "other", namespace: "default", uid: "a", annotations: {} },
  status: { phase: "Running" },
};

describe("podsApi()", () => {
  let temp: TempDir;
  let socket: string;
  let child: ReturnType<typeof spawn>;
  let output: AsyncIterator<string>;
  let api: PodsApi;
  let network: Endpoint;

  async function serve(state: PodsApiState): Promise<void> {
    child.stdin?.write(`${JSON.stringify(state)}\n`);
    await output.next();
  }

  before(async () => {
    temp = await makeTempDir("pods-api");
    socket = podsApiSocket(join(temp.path, "pods"));
    child = spawn(process.execPath, ["run", "-A", "--no-check", SCRIPT, socket], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (child.stdout === null) throw new Error("No output");
    output = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    await output.next();
    api = podsApi(() => socket);
    network = await listen(
      {},
      (path) =>
        path === "/pods" ? { body: { items: [{ metadata: { name: "by-network" } }] } } : undefined,
    );
  });
  after(async () => {
    api.close();
    const ended = once(child, "exit");
    child.stdin?.end();
    await ended;
    await network.close();
    await temp.remove();
  });

  it("gives the same pods as the kubelet's other API", async () => {
    await serve({ pods: [stranger, web], ready: true });
    const items = await listen({}, () => ({ body: { items: [stranger, web] } }));
    try {
      const wanted = await kubeletClient({ endpoint: `http://127.0.0.1:${items.port}` }).pods();
      assert.deepEqual(await api.pods(), wanted);
      const last = wanted[1]?.containers[0]?.lastTermination;
      assert.equal(last?.finishedAt, "2026-01-01T00:00:04Z");
    } finally {
      await items.close();
    }
  });

  it("tells changes of static pods after the first list, and nothing of others", async () => {
    await serve({ pods: [stranger, web], ready: true });
    const stop = new AbortController();
    const news = api.watch(stop.signal)[Symbol.asyncIterator]();
    assert.equal((await news.next()).value, "synced");
    const next = news.next();
    await serve({
      pods: [{ ...stranger, status: { phase: "Failed" } }, web],
      ready: true,
    });
    // The next one is of the change after that: had the stranger's been told, it would be two.
    await serve({
      pods: [{ ...stranger, status: { phase: "Failed" } }, {
        ...web,
        status: { ...web.status, phase: "Failed" },
      }],
      ready: true,
    });
    assert.equal((await next).value, "changed");
    const removed = news.next();
    await serve({ pods: [], ready: true });
    assert.equal((await removed).value, "changed");
    stop.abort(new Error("enough"));
    await assert.rejects(async () => {
      // The other pod's end may have been told too.
      while ((await news.next()).done !== true);
    }, /enough/);
  });

  it("says that the kubelet is starting while a source was not seen", async () => {
    await serve({ pods: [], ready: false });
    await assert.rejects(
      api.pods(),
      (thrown) => thrown instanceof KubeletFailure && thrown.problem === "starting",
    );
    await serve({ pods: [], ready: true });
    assert.deepEqual(await api.pods(), []);
  });

  it("leaves it to the other API where no socket is, nobody listens, or it is none", async () => {
    const endpoint = `http://127.0.0.1:${network.port}`;
    const plain = join(temp.path, "plain");
    await writeFile(plain, "");
    for (const path of [join(temp.path, "absent"), plain]) {
      const other = podsApi(() => path);
      assert.equal(await other.pods(), undefined);
      const pods = await kubeletClient({ endpoint, podsApi: other }).pods();
      assert.deepEqual(pods.map(({ name }) => name), ["by-network"]);
      other.close();
    }
    await serve({ pods: [web], ready: true });
    const pods = await kubeletClient({ endpoint, podsApi: api }).pods();
    assert.deepEqual(pods.map(({ name }) => name), ["web-node-1"]);
  });

  it("leaves it to the other API while others ask too much", async () => {
    await serve({ pods: [web], ready: true, exhausted: true });
    assert.equal(await api.pods(), undefined);
    await serve({ pods: [web], ready: true });
    assert.equal((await api.pods())?.length, 1);
  });
});
