/** That podstead is right about the node at every moment, also while nobody asks it. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { eventually, freePort, TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { podYaml } from "./pod_yaml.ts";

interface Event {
  readonly at: string;
  readonly type: string;
  readonly name: string;
  readonly message: string;
}

describeWithContainerd("podstead's verdict on a node", (containerd) => {
  let node: TestNode;
  let apiPort: number;

  const startKubelet = (...flags: readonly string[]) =>
    node.startKubelet([
      ...["--api-port", String(apiPort), "--time-factor", "0.3"],
      ...["--crash-factor", "0.1", ...flags],
    ]);
  const sleeper = { image: "busybox:test", script: "sleep 100000" };

  /** Asks until the verdict is one; gives what was said then. Nothing in between may say well. */
  async function says(pattern: RegExp, withinMs: number, code = 1): Promise<string> {
    let last = "";
    return await eventually(`${pattern}`, async () => {
      const { stdout, code: got } = await node.podstead();
      last = stdout;
      return pattern.test(stdout) && got === code ? stdout : undefined;
    }, withinMs).catch((error) => {
      throw new Error(`${error.message}: ${last}\n${node.lastWords(15)}`);
    });
  }

  const isWell = () => says(/^The pod is well/, 30_000, 0);

  /** Follows the events; `next` gives the first one of a type since the last call, and when it came. */
  function follow() {
    const command = node.startPodstead("events", "-f", "-o", "json");
    let read = 0;
    const all = () => command.lines.map((line): Event => JSON.parse(line));
    return {
      all,
      stop: () => command.stop(),
      skip: async () => {
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        read = command.lines.length;
      },
      next: (type: string) =>
        eventually(type, () => {
          const at = all().findIndex((event, index) => index >= read && event.type === type);
          const event = all()[at];
          if (event !== undefined) read = at + 1;
          return Promise.resolve(event);
        }, 10_000).catch((error) => {
          throw new Error(`${error.message}: ${command.lines.slice(read).join("\n")}`);
        }),
    };
  }

  before(async () => {
    node = await TestNode.create(containerd());
    apiPort = await freePort();
    node.writePods(podYaml("web", sleeper));
    await node.startAgent();
    await startKubelet();
    // The settings of the kubelet's port are known only now.
    node.writePods(podYaml("web", sleeper));
    await node.podstead("reload", "--wait=30s");
    await node.signalAgent("SIGTERM", true);
    await node.startAgent();
    await isWell();
  });
  after(async () => {
    await node.close();
  });

  it("tells each kill of a container and each restart at its time, while nobody looks", async () => {
    const events = follow();
    try {
      await events.skip();
      for (let round = 0; round < 2; round += 1) {
        const { stdout } = await node.podstead("containers", "-k", "-o", "json");
        const pid =
          /"pid": ?(\d+)[^}]*?"state": ?"CONTAINER_RUNNING"|"state": ?"CONTAINER_RUNNING"[^}]*?"pid": ?(\d+)/
            .exec(stdout);
        const killed = Number(pid?.[1] ?? pid?.[2]);
        assert.ok(killed > 1, stdout);
        const killedMs = Date.now();
        process.kill(killed, "SIGKILL");
        const ended = await events.next("ended");
        const noticedMs = Date.now() - killedMs;
        assert.match(ended.message, /ended with exit code 137/);
        assert.ok(
          Math.abs(Date.parse(ended.at) - killedMs) < 1_000,
          `${ended.at}, ${noticedMs} ms`,
        );
        assert.ok(noticedMs < 4_000, `noticed after ${noticedMs} ms`);
        const restarted = await events.next("restarted");
        assert.ok(Date.parse(restarted.at) >= Date.parse(ended.at));
        await eventually("the next instance", async () => {
          const { stdout } = await node.podstead("containers", "-k");
          return /RUNNING/.test(stdout) || undefined;
        });
      }
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const types = events.all().filter(({ name }) => name === "web").map(({ type }) => type);
      assert.equal(types.filter((type) => type === "restarted").length, 2);
      assert.equal(types.filter((type) => type === "ended").length, 2);
    } finally {
      events.stop();
    }
    await isWell();
  });

  it("tells that the kubelet is gone and back, and calls nothing well meanwhile", async () => {
    const events = follow();
    try {
      await events.skip();
      const stoppedMs = Date.now();
      await node.stopKubelet();
      const down = await events.next("kubelet-down");
      assert.ok(Date.parse(down.at) - stoppedMs < 3_000, `${Date.parse(down.at) - stoppedMs} ms`);
      await says(/not well|Not confirmed/, 4_000);
      await says(/The kubelet does not run/, 15_000);
      await startKubelet();
      await events.next("kubelet-up");
    } finally {
      events.stop();
    }
    await isWell();
  });

  it("calls nothing ready that only the kubelet remembers while the runtime is away", async () => {
    const events = follow();
    try {
      await events.skip();
      await containerd().stop();
      await events.next("runtime-down");
      await says(/The container runtime cannot be asked/, 5_000);
      const { stdout } = await node.podstead("get", "staticpodstatus");
      assert.doesNotMatch(stdout, /True/);
    } finally {
      await containerd().start();
    }
    await events.next("runtime-up");
    events.stop();
    await isWell();
  });

  it("is not well when the kubelet polls another URL, from two polls on", async () => {
    await node.stopKubelet();
    await startKubelet("--url", `http://127.0.0.1:${await freePort()}/manifests`);
    await says(/not confirmed|polls .*, not http/i, 5_000);
    await says(/The kubelet polls http:.*, not http/, 20_000);
    await node.stopKubelet();
    await startKubelet();
    await isWell();
  });

  it("is not well with a config that is refused, also after a restart", async () => {
    const good = podYaml("web", sleeper);
    writeFileSync(node.configPath, "machine: [\n");
    const events = follow();
    await events.next("config-changed");
    events.stop();
    await node.signalAgent("SIGTERM", true);
    await node.startAgent();
    const told = await says(/The config is not in use as it is written: .*config\.yaml/, 10_000);
    assert.match(told, /broken: config\n$/);
    // What was asked for cannot be read, but the agent that runs can say so.
    const { stdout } = await node.podstead("events", "-o", "json");
    assert.match(stdout, /"config-refused"/);
    node.writePods(good);
    await node.podstead("reload");
    await isWell();
  });

  it("raises no alarm for a pod that ends slowly in its time, and for one that starts", async () => {
    const slow = podYaml("slow", {
      image: "busybox:test",
      script: "trap '' TERM; while true; do sleep 1; done",
      graceSeconds: 8,
    });
    node.writePods(podYaml("web", sleeper) + slow);
    await node.podstead("reload");
    const alarms: string[] = [];
    let seenEnding = false;
    const watch = async (until: (stdout: string) => boolean) => {
      await eventually("an end of the change", async () => {
        const { stdout, code } = await node.podstead();
        if (code !== 0 && /^!/m.test(stdout)) alarms.push(stdout);
        seenEnding ||= /Terminating, \d+ s of 8 s left/.test(stdout);
        return until(stdout) || undefined;
      }, 40_000);
    };
    await watch((stdout) => /^All 2 pods are well/.test(stdout));
    node.writePods(podYaml("web", sleeper));
    await node.podstead("reload");
    await watch((stdout) => /^The pod is well/.test(stdout));
    assert.deepEqual(alarms, []);
    assert.ok(seenEnding, "its end was told with the time that is left");
  });

  it("shows two versions that run at once, and what to do", async () => {
    await node.stopKubelet();
    await startKubelet("--sources-not-ready");
    await isWell();
    node.writePods(podYaml("web", { ...sleeper, env: { VERSION: "2" } }));
    const waited = await node.podstead("reload", "--wait=5s");
    assert.equal(waited.code, 1, waited.stdout);
    await node.stopKubelet();
    await startKubelet("--sources-not-ready");
    await says(/2 versions of default\/web run at once/, 40_000);
    await node.stopKubelet();
    await startKubelet();
    await isWell();
  });

  it("names the other name that the kubelet calls the node", async () => {
    await node.stopKubelet();
    await startKubelet("--node-name", "host-7");
    const told = await says(/The kubelet calls this node "host-7"/, 60_000);
    assert.match(told, /agent\.node\.name: host-7/);
    await node.stopKubelet();
    await startKubelet();
    await isWell();
  });

  it("answers by /readyz?full and metrics as the command does", async () => {
    const ask = async (path: string) => {
      const answer = await fetch(new URL(path, node.manifestUrl));
      return { status: answer.status, text: await answer.text() };
    };
    const well = await ask("/readyz?full");
    assert.equal(well.status, 200, well.text);
    assert.match(
      well.text,
      /^well\nconfig: holds\nagent: holds\nkubelet: holds\npolls: holds\nruntime: holds\npods: holds\n/,
    );
    const { text } = await ask("/metrics");
    assert.match(text, /podstead_node_link_ok\{link="polls"\} 1/);
    assert.match(text, /podstead_pod_ready\{namespace="default",pod="web"\} 1/);
    assert.match(text, /podstead_pod_restarts_total\{namespace="default",pod="web"\} \d/);
    await node.controlKubelet("/pause");
    await eventually("not ready", async () => {
      const { status, text } = await ask("/readyz?full");
      return (status === 503 && /polls: (unknown|broken)/.test(text)) || undefined;
    });
    assert.match((await ask("/metrics")).text, /podstead_node_link_ok\{link="polls"\} 0/);
    await node.controlKubelet("/resume");
    await isWell();
  });

  it("loses nothing of its memory when it is killed", async () => {
    const before = (await node.podstead("events", "-o", "json")).stdout;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await node.signalAgent("SIGKILL", true);
    await node.startAgent();
    const { stdout } = await node.podstead("events", "-o", "json");
    assert.ok(stdout.startsWith(before.slice(0, before.lastIndexOf("\n"))), "the events are there");
    await isWell();
  });
});
