import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { klog } from "../support/kubelet/klog.ts";
import type { Pod } from "../support/kubelet/pod.ts";
import { REAL_TIMINGS } from "../support/kubelet/timings.ts";
import { PodWorkers } from "../support/kubelet/workers.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { FakeRuntime } from "./fake_runtime.ts";

function pod(name: string, uid: string, spec: Partial<Pod["spec"]> = {}): Pod {
  return {
    metadata: { name, namespace: "default", uid, annotations: {} },
    spec: { nodeName: "node", containers: [{ name: "main", image: "busybox" }], ...spec },
  };
}

function setOf(...pods: readonly Pod[]): ReadonlyMap<string, Pod> {
  return new Map(pods.map((one) => [one.metadata.uid, one]));
}

/** A kubelet without its poller; `random` is what every draw returns. */
function start(random = 0.5, minor = 36) {
  const clock = new FakeClock();
  const runtime = new FakeRuntime(clock);
  const log: string[] = [];
  const begin = () => {
    const workers = new PodWorkers({
      clock,
      random: () => random,
      timings: REAL_TIMINGS,
      runtime,
      log: klog((line) => log.push(line), () => clock.now()),
      nodeIp: "127.0.0.1",
      minor,
    });
    void workers.run();
    return workers;
  };
  return { clock, runtime, log, begin, workers: begin() };
}

/** How long the new version takes from being served until its container runs, in milliseconds. */
async function timeToRun(clock: FakeClock, runtime: FakeRuntime, uid: string): Promise<number> {
  const fromMs = clock.now();
  while (runtime.running(uid).length === 0) {
    assert.ok(clock.now() - fromMs < 30_000, "the pod never ran");
    await clock.advance(50);
  }
  return clock.now() - fromMs;
}

describe("PodWorkers", () => {
  it("ends nothing while another source is missing, and runs two versions after its restart", async () => {
    const { clock, runtime, workers, log, begin } = start();
    workers.otherSourcesReady = false;
    workers.set(setOf(pod("a", "1")));
    await timeToRun(clock, runtime, "1");
    workers.set(setOf(pod("a", "2")));
    await clock.advance(60_000);
    assert.equal(runtime.running("1").length, 1, "the old version stays");
    assert.equal(runtime.running("2").length, 0, "the new one finds its name taken");
    assert.match(log.join("\n"), /skipping delete because sources aren't ready yet/);
    await workers.stop();
    const restarted = begin();
    restarted.otherSourcesReady = false;
    restarted.set(setOf(pod("a", "2")));
    await clock.advance(60_000);
    assert.deepEqual([runtime.running("1").length, runtime.running("2").length], [1, 1]);
    restarted.otherSourcesReady = true;
    await clock.advance(60_000);
    assert.deepEqual([runtime.running("1").length, runtime.running("2").length], [0, 1]);
    await restarted.stop();
  });

  for (const random of [0, 0.5, 0.999]) {
    it(`runs a fresh pod within 0.2 to 1.1 s (draw ${random})`, async () => {
      const { clock, runtime, workers } = start(random);
      workers.set(setOf(pod("a", "1")));
      const tookMs = await timeToRun(clock, runtime, "1");
      assert.ok(tookMs >= 200 && tookMs <= 1100, `${tookMs} ms`);
      assert.deepEqual([...runtime.directories], ["1"]);
      await workers.stop();
    });

    it(`takes the slow path for a change served at once (draw ${random})`, async () => {
      const { clock, runtime, log, workers } = start(random);
      workers.set(setOf(pod("a", "1")));
      await clock.advance(2000);
      workers.set(setOf(pod("a", "2")));
      await clock.advance(100);
      assert.equal(runtime.running("1").length, 0);
      assert.deepEqual(workers.configured().map((one) => one.pod.metadata.uid), ["2"]);
      assert.equal(workers.configured()[0]?.worker?.status().phase, "Pending");
      const tookMs = await timeToRun(clock, runtime, "2");
      assert.ok(tookMs >= 10_000 && tookMs <= 16_700, `${tookMs} ms`);
      assert.ok(log.some((line) => line.includes("Pod cannot start yet")));
      await workers.stop();
    });

    it(`is quick once the old pod is gone from /runningpods/ (draw ${random})`, async () => {
      const { clock, runtime, workers } = start(random);
      workers.set(setOf(pod("a", "1")));
      await clock.advance(2000);
      workers.set(setOf());
      const removedMs = clock.now();
      assert.deepEqual(workers.configured(), [], "gone from /pods at once");
      while (workers.inRunningPods().length > 0) await clock.advance(50);
      const goneMs = clock.now() - removedMs;
      assert.ok(goneMs >= 650 && goneMs <= 2200, `${goneMs} ms`);
      workers.set(setOf(pod("a", "2")));
      assert.ok(await timeToRun(clock, runtime, "2") <= 1100);
      await workers.stop();
    });
  }

  it("refuses a successor while the name is not free, though the container has ended", async () => {
    const { clock, runtime, workers } = start(0.5);
    workers.set(setOf(pod("a", "1")));
    await clock.advance(2000);
    workers.set(setOf());
    await clock.advance(200);
    assert.equal(runtime.running("1").length, 0);
    workers.set(setOf(pod("a", "2")));
    assert.ok(await timeToRun(clock, runtime, "2") >= 10_000);
    await workers.stop();
  });

  /** How many of 200 successors were quick, served so long after the old container's end. */
  async function quickOf200(afterEndMs: number): Promise<number> {
    let quick = 0;
    for (let run = 0; run < 200; run += 1) {
      // A fixed sequence that fills 0 to 1 evenly, so that the test gives the same each time.
      let draw = run * 0.6180339887;
      const clock = new FakeClock();
      const runtime = new FakeRuntime(clock);
      const workers = new PodWorkers({
        clock,
        random: () => (draw += 0.7548776662) % 1,
        timings: REAL_TIMINGS,
        runtime,
        log: klog(() => undefined, () => clock.now()),
        nodeIp: "127.0.0.1",
      });
      workers.set(setOf(pod("a", "1")));
      await clock.advance(1000);
      workers.set(setOf());
      await clock.advance(afterEndMs);
      workers.set(setOf(pod("a", "2")));
      await clock.advance(1200);
      if (runtime.running("2").length === 1) quick += 1;
      await workers.stop();
    }
    return quick;
  }

  for (
    const [afterEndMs, from, to] of [
      [50, 0, 0],
      [300, 60, 120],
      [750, 150, 190],
      [1000, 200, 200],
    ] as const
  ) {
    it(`is quick ${from} to ${to} times of 200 at ${afterEndMs} ms after the end`, async () => {
      const quick = await quickOf200(afterEndMs);
      assert.ok(quick >= from && quick <= to, `${quick} of 200`);
    });
  }

  it("leaves other pods alone in a change", async () => {
    const { clock, runtime, workers } = start();
    workers.set(setOf(pod("a", "1"), pod("b", "2")));
    await clock.advance(2000);
    const before = runtime.running("2");
    workers.set(setOf(pod("a", "3"), pod("b", "2")));
    await clock.advance(20_000);
    assert.deepEqual(runtime.running("2"), before);
    await workers.stop();
  });

  it("forgets a waiting pod that is changed again or removed", async () => {
    const { clock, runtime, workers } = start();
    workers.set(setOf(pod("a", "1")));
    await clock.advance(2000);
    workers.set(setOf(pod("a", "2")));
    await clock.advance(100);
    workers.set(setOf());
    await clock.advance(60_000);
    assert.deepEqual([...runtime.pods.values()].filter((one) => one.sandboxes[0]?.ready), []);
    await workers.stop();
  });

  for (
    const [declared, stopMs, tookMs, grace] of [
      [0, 60_000, 2000, 2],
      [10, 4000, 4000, 10],
      [10, 60_000, 10_000, 10],
      [undefined, 100, 100, 30],
    ] as const
  ) {
    it(`ends a container that needs ${stopMs} ms with grace ${declared} in ${tookMs} ms`, async () => {
      const { clock, runtime, workers } = start();
      runtime.stopMs = stopMs;
      const spec = declared === undefined ? {} : { terminationGracePeriodSeconds: declared };
      workers.set(setOf(pod("a", "1", spec)));
      await clock.advance(2000);
      workers.set(setOf());
      await clock.advance(tookMs - 50);
      assert.equal(runtime.running("1").length, 1);
      await clock.advance(100);
      assert.equal(runtime.running("1").length, 0);
      assert.deepEqual(runtime.graces, [grace]);
      await workers.stop();
    });
  }

  it("removes the directory of a pod after its end, and its logs with the garbage", async () => {
    const { clock, runtime, workers } = start();
    workers.set(setOf(pod("a", "1")));
    await clock.advance(2000);
    workers.set(setOf());
    await clock.advance(600);
    assert.deepEqual([...runtime.directories], ["1"]);
    await clock.advance(500);
    assert.deepEqual([...runtime.directories], []);
    await clock.advance(60_000);
    assert.equal(runtime.pods.size, 0);
    await workers.stop();
  });

  it("restarts a crashing container at once, then after 10 s, 20 s, 40 s", async () => {
    const { clock, runtime, workers } = start();
    workers.set(setOf(pod("a", "1")));
    await clock.advance(2000);
    for (const [attempt, waitMs] of [[1, 0], [2, 10_000], [3, 20_000], [4, 40_000]] as const) {
      runtime.crash(runtime.running("1")[0]?.id ?? "", 1);
      await clock.advance(1000);
      if (waitMs > 0) {
        const status = workers.configured()[0]?.worker?.status();
        const container = status?.containerStatuses?.[0];
        assert.equal(container?.state.waiting?.reason, "CrashLoopBackOff");
        assert.equal(container?.lastState.terminated?.exitCode, 1);
        assert.equal(status?.conditions?.find(({ type }) => type === "Ready")?.status, "False");
        await clock.advance(waitMs - 1500);
        assert.equal(runtime.running("1").length, 0);
        await clock.advance(1000);
      }
      assert.equal(runtime.running("1")[0]?.attempt, attempt);
    }
    assert.deepEqual(runtime.removedLogs, ["main/0.log", "main/1.log", "main/2.log"]);
    await workers.stop();
  });

  it("reports ErrImagePull, then ImagePullBackOff, and starts when the image is there", async () => {
    const { clock, runtime, workers } = start();
    runtime.absentImages.add("busybox");
    workers.set(setOf(pod("a", "1")));
    const reason = () =>
      workers.configured()[0]?.worker?.status().containerStatuses?.[0]?.state.waiting?.reason;
    await clock.advance(600);
    assert.equal(reason(), "ErrImagePull");
    await clock.advance(5000);
    assert.equal(reason(), "ImagePullBackOff");
    runtime.absentImages.clear();
    await clock.advance(10_000);
    assert.equal(reason(), undefined);
    assert.equal(runtime.running("1").length, 1);
    await workers.stop();
  });

  it("makes a new sandbox when the old one was taken away", async () => {
    const { clock, runtime, workers } = start();
    workers.set(setOf(pod("a", "1")));
    await clock.advance(2000);
    runtime.crash(runtime.running("1")[0]?.id ?? "", 137);
    await runtime.stopSandbox(runtime.pods.get("1")?.sandboxes[0]?.id ?? "");
    await clock.advance(2000);
    assert.equal(runtime.pods.get("1")?.sandboxes[0]?.attempt, 1);
    assert.equal(runtime.running("1")[0]?.attempt, 1);
    await workers.stop();
  });

  it("restarts a container in place for another image, not for another env", async () => {
    const { clock, runtime, workers } = start();
    workers.set(setOf(pod("a", "1")));
    await clock.advance(2000);
    const before = runtime.running("1")[0]?.id;
    const main = { name: "main", image: "busybox" };
    workers.set(setOf(pod("a", "1", { containers: [{ ...main, env: [{ name: "X" }] }] })));
    await clock.advance(2000);
    assert.equal(runtime.running("1")[0]?.id, before);
    workers.set(setOf(pod("a", "1", { containers: [{ ...main, image: "other" }] })));
    await clock.advance(2000);
    assert.equal(runtime.running("1")[0]?.image, "other");
    await workers.stop();
  });

  it("lets a container in place come back to an image once, and keeps it waiting the second time", async () => {
    const { clock, runtime, workers } = start();
    const run = async (image: string) => {
      workers.set(setOf(pod("a", "1", { containers: [{ name: "main", image }] })));
      await clock.advance(2000);
      return runtime.running("1")[0]?.image;
    };
    for (const image of ["one", "two", "one"]) assert.equal(await run(image), image);
    assert.equal(await run("two"), undefined);
    const status = workers.configured()[0]?.worker?.status();
    assert.equal(
      status?.containerStatuses?.[0]?.state.waiting?.reason,
      "CrashLoopBackOff",
    );
    await clock.advance(9000);
    assert.equal(runtime.running("1")[0]?.image, "two");
    await workers.stop();
  });

  it("starts a container that is added in place in the sandbox that is there", async () => {
    const { clock, runtime, workers } = start();
    workers.set(setOf(pod("a", "1")));
    await clock.advance(2000);
    const [before] = runtime.running("1");
    const containers = [{ name: "main", image: "busybox" }, { name: "more", image: "busybox" }];
    workers.set(setOf(pod("a", "1", { containers })));
    await clock.advance(2000);
    const names = runtime.running("1").map(({ name }) => name).sort();
    assert.deepEqual(names, ["main", "more"]);
    assert.ok(runtime.running("1").some(({ id }) => id === before?.id));
    assert.equal(runtime.pods.get("1")?.sandboxes.length, 1);
    await workers.stop();
  });

  for (const [minor, panics] of [[33, false], [34, true], [36, true], [37, false]] as const) {
    it(`${panics ? "panics" : "lives on"} at a lost container under a kept UID on 1.${minor}`, async () => {
      const { clock, runtime, workers } = start(0.5, minor);
      const main = { name: "main", image: "busybox" };
      const side = { name: "side", image: "busybox", restartPolicy: "Always" };
      const more = { name: "more", image: "busybox" };
      workers.set(setOf(pod("a", "1", { containers: [main, more], initContainers: [side] })));
      await clock.advance(3000);
      assert.equal(runtime.running("1").length, 3);
      for (
        const spec of [
          { containers: [main], initContainers: [side] },
          { containers: [main, more] },
          { containers: [main, { ...more, name: "renamed" }], initContainers: [side] },
        ]
      ) {
        const change = () => workers.set(setOf(pod("a", "1", spec)));
        if (panics) assert.throws(change, /nil pointer dereference/);
        else change();
      }
      await clock.advance(2000);
      // What is gone from the spec is never stopped.
      assert.ok(runtime.running("1").some(({ name }) => name === "more"));
      await workers.stop();
    });
  }

  it("starts a pod that came back under its UID once the old one is gone", async () => {
    const { clock, runtime, workers } = start();
    workers.set(setOf(pod("a", "1")));
    await clock.advance(2000);
    const before = runtime.running("1")[0]?.id;
    workers.set(setOf());
    await clock.advance(100);
    workers.set(setOf(pod("a", "1")));
    const tookMs = await timeToRun(clock, runtime, "1");
    assert.ok(tookMs >= 700 && tookMs <= 6000, `${tookMs} ms`);
    assert.notEqual(runtime.running("1")[0]?.id, before);
    await workers.stop();
  });

  it("touches nothing after a restart until the first answer, then adopts and ends", async () => {
    const { clock, runtime, workers, begin } = start();
    workers.set(setOf(pod("a", "1"), pod("b", "2", { terminationGracePeriodSeconds: 7 })));
    await clock.advance(2000);
    const kept = runtime.running("1");
    await workers.stop();

    const again = begin();
    await clock.advance(120_000);
    assert.equal(again.sourceReady, false);
    assert.deepEqual(again.configured(), []);
    assert.equal(runtime.running("2").length, 1);

    again.set(setOf(pod("a", "1")));
    await clock.advance(10_000);
    assert.deepEqual(runtime.running("1"), kept);
    assert.equal(runtime.running("2").length, 0);
    assert.deepEqual(runtime.graces, [7]);
    await again.stop();
  });

  it("ends every pod when the first answer after a restart is empty", async () => {
    const { clock, runtime, workers, begin } = start();
    workers.set(setOf(pod("a", "1")));
    await clock.advance(2000);
    await workers.stop();
    const again = begin();
    again.set(setOf());
    await clock.advance(10_000);
    assert.equal(runtime.running("1").length, 0);
    await again.stop();
  });

  it("runs init containers one after the other before the others", async () => {
    const { clock, runtime, workers } = start();
    workers.set(setOf(pod("a", "1", {
      initContainers: [{ name: "first", image: "busybox" }, { name: "second", image: "busybox" }],
    })));
    await clock.advance(2000);
    assert.deepEqual(runtime.running("1").map(({ name }) => name), ["first"]);
    const waiting = workers.configured()[0]?.worker?.status().containerStatuses?.[0]?.state.waiting;
    assert.equal(waiting?.reason, "PodInitializing");
    for (const name of ["second", "main"]) {
      runtime.crash(runtime.running("1")[0]?.id ?? "", 0);
      await clock.advance(1000);
      assert.deepEqual(runtime.running("1").map((one) => one.name), [name]);
    }
    assert.equal(workers.configured()[0]?.worker?.status().phase, "Running");
    await workers.stop();
  });
});
