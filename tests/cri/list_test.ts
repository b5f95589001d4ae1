import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { connectRuntime, listPods, type Runtime, RuntimeService } from "../../mod/cri/mod.ts";
import { startFakeRuntime } from "../support/start_fake_runtime.ts";

async function callsOf(runtime: Runtime): Promise<Record<string, number>> {
  const { runtimeVersion } = await runtime.call(RuntimeService.method.version, {});
  return JSON.parse(runtimeVersion);
}

async function withFake(
  args: readonly string[],
  body: (runtime: Runtime) => Promise<void>,
): Promise<void> {
  await using fake = await startFakeRuntime(...args);
  const runtime = connectRuntime({ endpoint: fake.endpoint });
  try {
    await body(runtime);
  } finally {
    runtime.close();
  }
}

describe("listPods()", () => {
  it("takes five calls for a node of any size", async () => {
    await withFake(["--pods", "300"], async (runtime) => {
      const pods = await listPods(runtime);
      assert.equal(pods.length, 300);
      assert.ok(pods.every(({ containers }) => containers.length === 2));
      assert.ok(pods.every(({ image }) => image === "registry.k8s.io/pause:3.6"));
      const withPid = pods.filter(({ pid }) => pid !== undefined);
      assert.deepEqual(withPid, pods.filter(({ state }) => state === "SANDBOX_READY"));
      assert.deepEqual(await callsOf(runtime), {
        "ListPodSandbox": 1,
        "ListContainers": 1,
        "ListImages": 1,
        "Tasks.List": 1,
        "Containers.List": 1,
      });
    });
  });

  it("leaves labels and annotations out where nobody wants them, and nothing else", async () => {
    await withFake(["--pods", "3"], async (runtime) => {
      const pods = await listPods(runtime);
      assert.ok(pods.every(({ labels }) => labels["app"] === "demo"));
      const bare = <T>(view: T) => ({ ...view, labels: {}, annotations: {} });
      assert.deepEqual(
        await listPods(runtime, { labels: false }),
        pods.map((pod) => ({ ...bare(pod), containers: pod.containers.map(bare) })),
      );
    });
  });

  it("asks for processes, sandbox images and exits once in their life", async () => {
    await withFake(["--pods", "30"], async (runtime) => {
      const first = await listPods(runtime, { statuses: "exited" });
      assert.deepEqual(await listPods(runtime, { statuses: "exited" }), first);
      const calls = await callsOf(runtime);
      assert.equal(calls["ListPodSandbox"], 2);
      assert.equal(calls["Tasks.List"], 1);
      assert.equal(calls["Containers.List"], 1);
      assert.equal(calls["ContainerStatus"], 6);
    });
  });

  it("reads lists that do not fit into one message as streams", async () => {
    await withFake(["--pods", "250", "--too-large"], async (runtime) => {
      const pods = await listPods(runtime);
      assert.equal(pods.length, 250);
      assert.equal(pods.flatMap(({ containers }) => containers).length, 500);
      const calls = await callsOf(runtime);
      assert.equal(calls.StreamPodSandboxes, 1);
      assert.equal(calls.StreamContainers, 1);
    });
  });

  it("reads them in parts where the runtime has no streams", async () => {
    await withFake(["--pods", "60", "--too-large", "--without-streams"], async (runtime) => {
      const pods = await listPods(runtime);
      assert.equal(pods.length, 60);
      assert.equal(pods.filter(({ state }) => state === "SANDBOX_NOTREADY").length, 6);
      assert.equal(pods.flatMap(({ containers }) => containers).length, 120);
    });
  });

  it("asks a runtime without containerd's services for each PID of what runs", async () => {
    await withFake(["--pods", "20", "--without-containerd"], async (runtime) => {
      const pods = await listPods(runtime);
      const running = pods.filter(({ state }) => state === "SANDBOX_READY");
      assert.equal(running.length, 18);
      for (const pod of running) {
        assert.equal(typeof pod.pid, "number");
        assert.ok(pod.containers.every(({ pid }) => typeof pid === "number"));
      }
      const calls = await callsOf(runtime);
      assert.equal(calls.PodSandboxStatus, 18);
      assert.equal(calls.ContainerStatus, 36);
    });
  });
});
