import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  listPods,
  type PodView,
  RuntimeService,
  type StatsSample,
  StatsSampler,
  usageBetween,
} from "../../mod/cri/mod.ts";
import { runPod } from "../support/cri_pod.ts";
import { eventually } from "../support/eventually.ts";
import { podNetworkSkipReason, usePodNetwork } from "../support/pod_network.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { itUnless } from "../support/unless.ts";

function sampleAt(timeNs: bigint, cpuNs: bigint, receivedBytes = 0n): StatsSample {
  return {
    containers: new Map([["c1", {
      timeNs,
      cpuNs,
      memoryBytes: 1000,
      memoryLimitBytes: 4000,
      cpuLimitCores: 2,
      writableBytes: 10,
    }]]),
    networks: new Map([["s1", { timeNs, receivedBytes, sentBytes: 0n }]]),
  };
}

const POD: PodView = {
  sandboxId: "s1",
  namespace: "default",
  name: "web",
  uid: "u",
  attempt: 0,
  state: "SANDBOX_READY",
  isStatic: false,
  labels: {},
  annotations: {},
  containers: [{
    id: "c1",
    name: "app",
    type: "container",
    attempt: 0,
    restartCount: 0,
    state: "CONTAINER_RUNNING",
    createdAt: "",
    image: "",
    imageId: "",
    labels: {},
    annotations: {},
  }],
};

describe("usageBetween()", () => {
  it("divides what was used by the time between the samples", () => {
    const [usage] = usageBetween(
      sampleAt(0n, 0n),
      sampleAt(2_000_000_000n, 3_000_000_000n, 500n),
      [POD],
    );
    assert.equal(usage?.cpuCores, 1.5);
    assert.equal(usage?.cpuLimitCores, 2);
    assert.equal(usage?.memoryBytes, 1000);
    assert.equal(usage?.memoryLimitBytes, 4000);
    assert.deepEqual(usage?.network, { receivedBytesPerSecond: 250, sentBytesPerSecond: 0 });
  });

  it("has no CPU share without two different samples", () => {
    const empty: StatsSample = { containers: new Map(), networks: new Map() };
    const later = sampleAt(1n, 5n);
    for (const earlier of [empty, later, sampleAt(0n, 9n)]) {
      const [usage] = usageBetween(earlier, later, [POD]);
      assert.equal(usage?.container, "app");
      assert.equal(usage !== undefined && "cpuCores" in usage, false);
    }
  });

  it("leaves out what does not run", () => {
    const stopped = {
      ...POD,
      containers: POD.containers.map((container) => ({
        ...container,
        state: "CONTAINER_EXITED" as const,
      })),
    };
    assert.deepEqual(usageBetween(sampleAt(0n, 0n), sampleAt(1n, 1n), [stopped]), []);
  });
});

describeWithContainerd("StatsSampler", (containerd) => {
  it("measures CPU and memory of a container against its limit", async () => {
    const { runtime } = containerd();
    const LIMIT = 64 * 1024 * 1024;
    await runPod(containerd(), {
      name: "busy",
      containers: [
        { name: "spin", script: "while :; do :; done", memoryLimitBytes: LIMIT },
        { name: "idle" },
      ],
    });
    const sampler = new StatsSampler(runtime);
    const first = await sampler.sample();
    const pods = await listPods(runtime);
    await eventually(async () => {
      const usages = usageBetween(first, await sampler.sample(), pods);
      assert.deepEqual(usages.map(({ container }) => container), ["idle", "spin"]);
      const [idle, spin] = usages;
      assert.ok((spin?.cpuCores ?? 0) > 0.02, `spin takes ${spin?.cpuCores}`);
      assert.ok((spin?.cpuCores ?? 0) > (idle?.cpuCores ?? 1));
      assert.equal(spin?.memoryLimitBytes, LIMIT);
      assert.equal(idle?.memoryLimitBytes, undefined);
      assert.ok((spin?.memoryBytes ?? 0) > 0 && (spin?.memoryBytes ?? LIMIT) < LIMIT);
      // On the host's network there is none that is the pod's own.
      assert.equal(spin?.network, undefined);
    });
  });
});

// A containerd of its own: before 2.0, one sandbox without a cgroup hides the statistics of all.
describeWithContainerd("StatsSampler, of pods with a network", (containerd) => {
  const skipped = podNetworkSkipReason();
  itUnless(skipped, "measures a pod's own network", async () => {
    const { runtime } = containerd();
    await using network = usePodNetwork(containerd());
    const { cgroupParent, gateway } = network;
    const { sandboxId } = await eventually(() =>
      runPod(containerd(), {
        name: "talker",
        network: "pod",
        cgroupParent,
        containers: [{ name: "ping", script: `ping -i 0.1 -s 1000 ${gateway}` }],
      })
    );
    try {
      const sampler = new StatsSampler(runtime);
      let earlier = await sampler.sample();
      await eventually(async () => {
        const later = await sampler.sample();
        const pods = (await listPods(runtime)).filter(({ name }) => name === "talker");
        const [usage] = usageBetween(earlier, later, pods);
        if (usage?.network === undefined) earlier = later;
        const { receivedBytesPerSecond = 0, sentBytesPerSecond = 0 } = usage?.network ?? {};
        // Ten times a second 1000 bytes there and back.
        for (const rate of [receivedBytesPerSecond, sentBytesPerSecond]) {
          assert.ok(rate > 1_000 && rate < 100_000, `${rate} bytes a second`);
        }
      });
    } finally {
      await runtime.call(RuntimeService.method.removePodSandbox, { podSandboxId: sandboxId });
    }
  });
});
