/** Changed pods and how they come back, on real containerd and the slow path of a real kubelet. */
import { after, afterEach, before, beforeEach, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { eventually, TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { type PodYaml, podYaml } from "./pod_yaml.ts";
import { RuntimeWatch } from "./runtime_watch.ts";

const FROM_SOURCE = process.env.PODSTEAD_E2E === "deno";
/** How often the agent is killed, over all steps; from source it takes long to start. */
const KILLS = FROM_SOURCE ? 8 : 50;
/** The kubelet's own times, and a poll as `podstead kubelet-config` asks for it. */
const REAL = ["--poll-interval", "1s", "--api-port", "0"];
/** Ten times quicker polls and a quicker kubelet, where its slow path is not the matter. */
const QUICK = ["--poll-interval", "100ms", "--time-factor", "0.3"];

interface Pods {
  readonly [name: string]: PodYaml;
}

describeWithContainerd("podstead replaces pods", (containerd) => {
  let node: TestNode;
  let watch: RuntimeWatch;
  let pods: Record<string, PodYaml> = {};
  let version = 0;

  /** Writes the config with these pods beside those that are there. */
  const write = (more: Pods = {}, agent = "") => {
    pods = { ...pods, ...more };
    const text = Object.entries(pods).map(([name, pod]) => podYaml(name, pod)).join("");
    // What changes in place is another suite's.
    node.writePods(text === "" ? "[]" : text, `  replace: quick\n${agent}`);
  };
  /** Changes pods: each gets an environment variable that it did not have. */
  const change = (...names: readonly string[]) => {
    version += 1;
    for (const name of names) {
      pods[name] = { ...pods[name], env: { ...pods[name]?.env, VERSION: `${version}` } };
    }
    write();
  };
  const stateOf = async (pod: string) => {
    const { stdout } = await node.podstead(
      ..."get staticpods -o json".split(" "),
      `default-${pod}`,
    );
    return JSON.parse(stdout);
  };
  const reload = async () => {
    const { code, stdout, stderr } = await node.podstead("reload");
    assert.equal(code, 0, stdout + stderr);
  };
  /** Until the pod runs in the version that is declared. */
  const settled = (pod: string) =>
    eventually(`${pod} runs as declared`, async () => {
      const run = watch.current(pod);
      if (run === undefined) return undefined;
      const { status } = await stateOf(pod);
      return status.state === "Served" && status.hash === run.specHash ? run : undefined;
    }).catch(async (thrown) => {
      const { stdout } = await node.podstead("describe", pod);
      const runs = JSON.stringify(watch.runs(pod));
      throw new Error(
        `${thrown.message}\nseen: ${runs}\n--- podstead describe\n${stdout}${node.lastWords()}`,
        { cause: thrown },
      );
    });
  /** The kubelet never met the pod's new version beside its old one: that is its slow path. */
  const assertQuick = (pod: string) =>
    assert.doesNotMatch(
      node.kubeletLog,
      new RegExp(`Pod cannot start yet" pod="${pod}-node-1_`),
      "how quick the quick path is, the bench measures",
    );
  const restartKubelet = async (flags: readonly string[]) => {
    await node.stopKubelet();
    await node.startKubelet(flags);
    write();
    await reload();
    await pollsKnown();
  };
  /** An agent that has just started needs two polls to know their interval. */
  const pollsKnown = async () => {
    await node.controlKubelet("/poll");
    await node.controlKubelet("/poll");
  };
  const logged = (message: string, from: number) =>
    eventually(
      `"${message}" in the log`,
      () => Promise.resolve(node.agentLog.slice(from).includes(`"msg":"${message}"`) || undefined),
    ).catch((thrown) => {
      throw new Error(`${thrown.message}\n${node.lastWords()}`, { cause: thrown });
    });

  before(async () => {
    node = await TestNode.create(containerd());
    node.kubeletVersion = "1.36";
    watch = new RuntimeWatch(containerd().runtime);
    write({ other: {} });
    await node.startAgent();
    await restartKubelet(REAL);
    await settled("other");
  });
  after(async () => {
    await watch.close();
    await node.close();
  });
  let others: number;
  beforeEach(() => {
    others = watch.runs("other").length;
  });
  afterEach(async () => {
    // Where a case failed in between, the next one is to find a kubelet that polls.
    await node.controlKubelet("/resume");
    assert.equal(watch.runs("other").length, others, "A pod that did not change was restarted");
    assert.notEqual(watch.current("other"), undefined);
  });

  it("has one changed pod back quickly, and shows each step", async () => {
    write({ web: {} });
    await reload();
    await settled("web");
    change("web");
    const dry = await node.podstead("reload", "--dry-run");
    assert.match(dry.stdout, /~ default\/web: replace \(quick\): spec\.containers\[0\]\.env/);
    assert.match(dry.stdout, / {4}default\/other: unchanged/);
    await node.controlKubelet("/pause"); // or it may be over before it is looked at
    await reload();
    await eventually("it is being replaced", async () => {
      assert.equal((await stateOf("web")).status.state, "Replacing");
      const ready = await fetch(`http://127.0.0.1:${node.port}/readyz`);
      assert.equal(ready.status, 200);
      assert.match(await ready.text(), /^ok\nreplacing default\/web: /);
      return true;
    });
    await node.controlKubelet("/resume");
    await settled("web");
    assertQuick("web");
    await logged("Roll-out: running", 0);
    const metrics = await (await fetch(`http://127.0.0.1:${node.port}/metrics`)).text();
    assert.match(metrics, /^podstead_pod_replacement_seconds_count\{method="quick"\} 1$/m);
    for (const step of ["fetched", "ended", "served", "running"]) {
      const line = `podstead_pod_replacement_step_seconds_count{step="${step}"} 1`;
      assert.ok(metrics.includes(line), line);
    }
  });

  it("replaces ten pods at once, none of them slowly", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `many-${index}`);
    try {
      write(Object.fromEntries(names.map((name) => [name, {}])));
      await reload();
      for (const name of names) await settled(name);
      change(...names);
      await reload();
      for (const name of names) await settled(name);
      for (const name of names) assertQuick(name);
    } finally {
      for (const name of names) delete pods[name];
      write();
      await reload();
    }
  });

  it("waits out a grace period of 10 s that the pod uses", async () => {
    const script = "trap '' TERM; while true; do sleep 1; done";
    write({ stubborn: { image: "busybox:test", script, graceSeconds: 10 } });
    await reload();
    const old = await settled("stubborn");
    const fromMs = performance.now();
    change("stubborn");
    await reload();
    await settled("stubborn");
    const ended = watch.runs("stubborn").find((run) => run.containerId === old.containerId);
    assert.ok((ended?.untilMs ?? 0) - fromMs > 9_000, "It did not get its grace period");
    assertQuick("stubborn");
    delete pods["stubborn"];
    write();
    await reload();
  });

  it("takes up a further change, and a removal, in the middle of a replacement", async () => {
    await restartKubelet(QUICK);
    write({ turn: {}, leave: {} });
    await reload();
    await settled("turn");
    await settled("leave");
    await node.controlKubelet("/pause");
    change("turn", "leave");
    await reload();
    change("turn");
    delete pods["leave"];
    write();
    await reload();
    await node.controlKubelet("/resume");
    await settled("turn");
    assert.equal(watch.runs("turn").length, 2, "It went through a version in between");
    await eventually(
      "the removed pod is gone",
      () => Promise.resolve(watch.current("leave") === undefined || undefined),
    );
    assert.equal(watch.runs("leave").length, 1);
    await eventually(
      "nothing is noted any more",
      () => Promise.resolve(savedState(node).replacing.length === 0 || undefined),
    );
  });

  it("takes a change back without a restart while no kubelet knows of it", async () => {
    const run = watch.current("turn");
    await node.controlKubelet("/pause");
    const declared = pods["turn"];
    change("turn");
    await reload();
    assert.equal((await stateOf("turn")).status.state, "Replacing");
    write({ turn: declared ?? {} });
    await reload();
    assert.equal((await stateOf("turn")).status.state, "Served");
    await node.controlKubelet("/resume");
    await node.controlKubelet("/poll");
    await node.controlKubelet("/poll");
    assert.equal((await settled("turn")).containerId, run?.containerId);
  });

  it("serves the new version at once when the kubelet goes away in the middle", async () => {
    await node.controlKubelet("/pause");
    change("turn");
    const from = node.agentLog.length;
    await reload();
    await node.stopKubelet();
    await logged("Roll-out: served", from);
    assert.match(node.agentLog.slice(from), /no kubelet fetched the list without it/);
    await eventually(
      "the list has it again",
      async () => (await servedNames(node)).includes("turn") || undefined,
    );
    await node.startKubelet(QUICK);
    await settled("turn");
  });

  it("serves the new version when the kubelet goes away while the old one ends", async () => {
    await restartKubelet(QUICK);
    change("turn");
    const from = node.agentLog.length;
    await reload();
    await logged("Roll-out: fetched", from);
    await node.stopKubelet();
    await eventually(
      "the list has it again",
      async () => (await servedNames(node)).includes("turn") || undefined,
    );
    await node.startKubelet(QUICK);
    await settled("turn");
    await restartKubelet(QUICK);
  });

  it("finishes what it has begun before it stops", async () => {
    for (const step of ["removed", "fetched"]) {
      const old = await settled("turn");
      change("turn");
      const from = node.agentLog.length;
      await reload();
      await logged(`Roll-out: ${step}`, from);
      await node.signalAgent("SIGTERM", true);
      // No agent runs: what the kubelet got last is all that it knows.
      const { specHash } = await eventually("a new version runs without an agent", () => {
        const run = watch.current("turn");
        return Promise.resolve(run?.specHash === old.specHash ? undefined : run);
      }).finally(() => node.startAgent());
      assert.equal((await settled("turn")).specHash, specHash);
    }
  });

  it("keeps the old version of a pod whose new image cannot be pulled, and says why", async () => {
    const old = await settled("turn");
    const before = pods["turn"];
    write({ turn: { ...before, image: "127.0.0.1:1/missing:1" } });
    const from = node.agentLog.length;
    await reload();
    await logged("Cannot pull an image; a pod that runs keeps its old version", from);
    const { status } = await eventually("the pod is blocked", async () => {
      const pod = await stateOf("turn");
      return pod.status.state === "Blocked" ? pod : undefined;
    });
    assert.match(status.reason, /^Cannot pull "127\.0\.0\.1:1\/missing:1": /);
    assert.equal(watch.current("turn")?.containerId, old.containerId);
    assert.ok((await servedNames(node)).includes("turn"));
    assert.equal((await node.podstead("get", "configstatus")).stdout.includes("partial"), true);
    // An image that is there by now is taken.
    await containerd().importImages([
      { name: "127.0.0.1:1/missing:1", entrypoint: ["/bin/sleep", "2147483647"] },
    ]);
    await reload();
    await settled("turn");
    write({ turn: before ?? {} });
    await reload();
    await settled("turn");
  });

  it("goes on without the image where the pod's annotation says so", async () => {
    write({ bold: {} });
    await reload();
    await settled("bold");
    const annotations = { "podstead.dev/pull": "continue" };
    write({ bold: { annotations, image: "127.0.0.1:1/absent:1" } });
    const from = node.agentLog.length;
    await reload();
    await logged("Roll-out: served", from);
    assert.equal(watch.current("bold"), undefined);
    delete pods["bold"];
    write();
    await reload();
  });

  it("starts a chain of three in order, and refuses pods that wait for each other", async () => {
    const slowStart = { image: "busybox:test", script: "sleep 2147483647 & wait $!" };
    const afterPod = (name: string) => ({ "podstead.dev/after": `default/${name}` });
    write({
      // By name, the order would be another.
      "a-third": { ...slowStart, annotations: afterPod("b-second") },
      "b-second": { ...slowStart, annotations: afterPod("c-first") },
      "c-first": slowStart,
    });
    await reload();
    const third = await stateOf("a-third");
    assert.equal(third.status.state, "Waiting");
    assert.equal(third.status.reason, "it comes after default/b-second");
    for (const name of ["c-first", "b-second", "a-third"]) await settled(name);
    const starts = ["c-first", "b-second", "a-third"].map((name) => watch.runs(name)[0]?.fromMs);
    assert.deepEqual(starts, starts.toSorted((left, right) => (left ?? 0) - (right ?? 0)));
    // What runs is not taken away by an order that comes later.
    write({ "c-first": { ...slowStart, annotations: afterPod("a-third") } });
    const circle = await node.podstead("reload");
    assert.equal(circle.code, 78);
    assert.match(circle.stdout, /c-first: Rejected, serving revision \d+/);
    assert.match(circle.stdout, /pods wait for each other in a circle/);
    assert.equal(watch.runs("c-first").length, 1);
    for (const name of ["a-third", "b-second", "c-first"]) delete pods[name];
    write();
    await reload();
  });

  it("ends with the new version after kill -9 in every step, many times", async () => {
    await restartKubelet(QUICK);
    const names = ["kill-0", "kill-1", "kill-2"];
    write(Object.fromEntries(names.map((name) => [name, {}])));
    await reload();
    for (const name of names) await settled(name);
    const steps = ["removed", "fetched", "ended", "served"];
    const kills = new Map(steps.map((step) => [step, 0]));
    const kill = async (step: string) => {
      kills.set(step, (kills.get(step) ?? 0) + 1);
      await node.signalAgent("SIGKILL", true);
      await node.startAgent();
    };
    const total = () => [...kills.values()].reduce((sum, count) => sum + count, 0);
    for (let round = 0; total() < KILLS; round += 1) {
      change(...names);
      let from = node.agentLog.length;
      if (round % 2 === 0) {
        await pollsKnown();
        await node.controlKubelet("/pause");
      }
      await node.signalAgent("SIGHUP");
      // In even rounds before any kubelet knows of it, then in each further step that it still takes.
      for (const [index, step] of steps.entries()) {
        if (index === 0 && round % 2 !== 0) continue;
        await logged(`Roll-out: ${step}`, from);
        await new Promise((resolve) => setTimeout(resolve, (round * 37) % 120));
        from = node.agentLog.length;
        await kill(step);
        if (index === 0) await node.controlKubelet("/resume");
      }
      for (const name of names) await settled(name);
      assert.deepEqual(await servedNames(node), [...names, "other", "turn", "web"].sort());
    }
    await eventually(
      "nothing is noted any more",
      () => Promise.resolve(savedState(node).replacing.length === 0 || undefined),
    );
    for (const [step, count] of kills) assert.ok(count >= KILLS / 8, `${step}: ${count} kills`);
    for (const name of names) delete pods[name];
    write();
    await reload();
  });

  it("keeps the old version over kill -9 while the new image is being pulled", async () => {
    // A registry that takes the question and never answers.
    const registry: Server = createServer(() => undefined);
    registry.listen(0, "127.0.0.1");
    await once(registry, "listening");
    const address = registry.address();
    const port = typeof address === "object" ? address?.port : undefined;
    try {
      const old = await settled("turn");
      const before = pods["turn"];
      write({ turn: { ...before, image: `127.0.0.1:${port}/never:1` } });
      await reload();
      for (let round = 0; round < 3; round += 1) {
        const { status } = await stateOf("turn");
        assert.equal(status.state, "Replacing");
        assert.match(status.reason, /is being pulled$/);
        await node.signalAgent("SIGKILL", true);
        await node.startAgent();
        assert.ok((await servedNames(node)).includes("turn"));
      }
      write({ turn: before ?? {} });
      await reload();
      assert.equal((await settled("turn")).containerId, old.containerId);
    } finally {
      registry.close();
    }
  });

  it("replaces in the kubelet's own time where that is asked for", async () => {
    write({ plain: { annotations: { "podstead.dev/replace": "kubelet" } } });
    await reload();
    await settled("plain");
    change("plain");
    const dry = await node.podstead("reload", "--dry-run");
    assert.match(dry.stdout, /~ default\/plain: replace \(kubelet\)/);
    await reload();
    assert.ok((await servedNames(node)).includes("plain"));
    await settled("plain");
    const bad = { annotations: { "podstead.dev/replace": "slowly" } };
    write({ plain: bad });
    const refused = await node.podstead("reload");
    assert.equal(refused.code, 78);
    assert.match(refused.stdout, /supported values: "in-place", "quick", "kubelet"/);
  });
});

/** The names of the pods that are served now, sorted. */
async function servedNames(node: TestNode): Promise<readonly string[]> {
  const response = await fetch(node.manifestUrl);
  assert.equal(response.status, 200);
  const { items }: { items: readonly { metadata: { name: string } }[] } = await response.json();
  return items.map(({ metadata: { name } }) => name).sort();
}

function savedState(node: TestNode): { readonly replacing: readonly unknown[] } {
  return JSON.parse(readFileSync(join(node.stateDir, "state.json"), "utf8")).state;
}
