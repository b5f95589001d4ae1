/** That podstead is right about the node at every moment, also while nobody asks it. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { eventually, freePort, TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { podYaml } from "./pod_yaml.ts";
import { untilVerdict } from "./until_verdict.ts";

/** How long a step may take before something is wrong, on the slowest of machines. */
const LIMIT_MS = 120_000;

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

  /** Nothing in between may say well. */
  const says = (pattern: RegExp, code = 1) =>
    untilVerdict(node, { pattern, code, limitMs: LIMIT_MS });

  const isWell = () => says(/^The pod is well/, 0);

  /** Follows the events; `next` gives the first one of a type since the last call, and when it came. */
  function follow() {
    const command = node.startPodstead("events", "-f", "-o", "json");
    let read = 0;
    const all = () => command.lines.map((line): Event => JSON.parse(line));
    return {
      all,
      stop: () => command.stop(),
      /** Passes over what has happened until now, all of which is told first. */
      skip: async () => {
        const { stdout } = await node.podstead("events", "-o", "json");
        const count = stdout.trim().split("\n").length;
        await eventually(
          "the events so far",
          () => Promise.resolve(command.lines.length >= count || undefined),
          LIMIT_MS,
        );
        read = count;
      },
      next: (type: string) =>
        eventually(type, () => {
          const at = all().findIndex((event, index) => index >= read && event.type === type);
          const event = all()[at];
          if (event !== undefined) read = at + 1;
          return Promise.resolve(event && { ...event, seenMs: Date.now() });
        }, LIMIT_MS).catch((error) => {
          throw new Error(`${error.message}: ${command.lines.slice(read).join("\n")}`);
        }),
    };
  }

  /** An event has the time at which it happened, not that at which it is read. */
  function assertBetween(at: string, fromMs: number, toMs: number): void {
    const atMs = Date.parse(at);
    // The runtime's clock and this one are read some milliseconds apart.
    assert.ok(atMs >= fromMs - 100 && atMs <= toMs, `${at} is not between ${fromMs} and ${toMs}`);
  }

  /** How long a command takes that does nothing, in milliseconds: so busy is the machine. */
  async function slownessMs(): Promise<number> {
    const begunMs = Date.now();
    await node.podstead("version");
    return Date.now() - begunMs;
  }

  /** Within a second, and what a busy machine adds to it. */
  async function assertSoon(what: string, happenedMs: number, seenMs: number): Promise<void> {
    const limitMs = 1_000 + 20 * Math.max(await slownessMs(), await slownessMs());
    const tookMs = seenMs - happenedMs;
    assert.ok(tookMs <= limitMs, `${what}: noticed after ${tookMs} ms, limit ${limitMs} ms`);
  }

  before(async () => {
    node = await TestNode.create(containerd());
    apiPort = await freePort();
    node.writePods(podYaml("web", sleeper));
    await node.startAgent();
    await startKubelet();
    // The settings of the kubelet's port are known only now.
    node.writePods(podYaml("web", sleeper));
    await node.podstead("reload", "--wait=2m");
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
        assert.match(ended.message, /ended with exit code 137/);
        assertBetween(ended.at, killedMs, Date.now());
        await assertSoon("a killed container", killedMs, ended.seenMs);
        const restarted = await events.next("restarted");
        assert.ok(Date.parse(restarted.at) >= Date.parse(ended.at));
        await eventually("the next instance", async () => {
          const { stdout } = await node.podstead("containers", "-k");
          return /RUNNING/.test(stdout) || undefined;
        }, LIMIT_MS);
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
      assertBetween(down.at, stoppedMs, Date.now());
      await assertSoon("a kubelet that is gone", stoppedMs, down.seenMs);
      await says(/not well|Not confirmed/);
      await says(/The kubelet does not run/);
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
      const stoppedMs = Date.now();
      const { seenMs } = await events.next("runtime-down");
      await assertSoon("a runtime that is gone", stoppedMs, seenMs);
      await says(/The container runtime cannot be asked/);
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
    await says(/not confirmed|polls .*, not http/i);
    await says(/The kubelet polls http:.*, not http/);
    await node.stopKubelet();
    await startKubelet();
    await isWell();
  });

  it("is not well with a config that is refused, also after a restart", async () => {
    const good = podYaml("web", sleeper);
    const events = follow();
    await events.skip();
    writeFileSync(node.configPath, "machine: [\n");
    const writtenMs = Date.now();
    const { seenMs } = await events.next("config-changed");
    events.stop();
    await assertSoon("a changed config", writtenMs, seenMs);
    await node.signalAgent("SIGTERM", true);
    await node.startAgent();
    const told = await says(/The config is not in use as it is written: .*config\.yaml/);
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
      graceSeconds: 15,
    });
    node.writePods(podYaml("web", sleeper) + slow);
    await node.podstead("reload");
    const alarms: string[] = [];
    let seenEnding = false;
    const watch = async (until: (stdout: string) => boolean) => {
      await eventually("an end of the change", async () => {
        const { stdout, code } = await node.podstead();
        if (code !== 0 && /^!/m.test(stdout)) alarms.push(stdout);
        seenEnding ||= /Terminating, \d+ s of 15 s left/.test(stdout);
        return until(stdout) || undefined;
      }, LIMIT_MS);
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
    await says(/2 versions of default\/web run at once/);
    await node.stopKubelet();
    await startKubelet();
    await isWell();
  });

  it("names the other name that the kubelet calls the node", async () => {
    await node.stopKubelet();
    await startKubelet("--node-name", "host-7");
    const told = await says(/The kubelet calls this node "host-7"/);
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
    // What is merely on its way, after the tests before, is fine too, and says so.
    const well = await eventually("well", async () => {
      const answer = await ask("/readyz?full");
      return answer.text.startsWith("well\n") ? answer : undefined;
    }, LIMIT_MS);
    assert.equal(well.status, 200, well.text);
    assert.match(
      well.text,
      /^well\nconfig: holds\nagent: holds\nkubelet: holds\npolls: holds\nruntime: holds\npods: holds\n/,
    );
    await eventually("the metrics say so", async () => {
      const { text } = await ask("/metrics");
      assert.match(text, /podstead_node_link_ok\{link="polls"\} 1/);
      assert.match(text, /podstead_pod_ready\{namespace="default",pod="web"\} 1/);
      assert.match(text, /podstead_pod_restarts_total\{namespace="default",pod="web"\} \d/);
      return true;
    });
    await node.controlKubelet("/pause");
    await eventually("not ready", async () => {
      const { status, text } = await ask("/readyz?full");
      return (status === 503 && /polls: (unknown|broken)/.test(text)) || undefined;
    }, LIMIT_MS);
    await eventually("the metrics say so", async () => {
      return /podstead_node_link_ok\{link="polls"\} 0/.test((await ask("/metrics")).text) ||
        undefined;
    });
    await node.controlKubelet("/resume");
    await isWell();
  });

  it("loses nothing of its memory when it is killed", async () => {
    const before = (await node.podstead("events", "-o", "json")).stdout;
    const last: Event = JSON.parse(before.trimEnd().split("\n").at(-1) ?? "{}");
    await eventually("the last event on the disk", () => {
      const text = readFileSync(join(node.stateDir, "events.ndjson"), "utf8");
      return Promise.resolve(text.includes(`"${last.at}"`) || undefined);
    }, LIMIT_MS);
    await node.signalAgent("SIGKILL", true);
    await node.startAgent();
    const { stdout } = await node.podstead("events", "-o", "json");
    assert.ok(stdout.startsWith(before.slice(0, before.lastIndexOf("\n"))), "the events are there");
    await isWell();
  });
});
