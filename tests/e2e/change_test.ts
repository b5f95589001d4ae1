/** Changes and their trials, on real containers: kept when the pods stay ready, else taken back. */
import { after, afterEach, before, beforeEach, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { eventually, TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { podYaml } from "./pod_yaml.ts";
import { RuntimeWatch } from "./runtime_watch.ts";

const QUICK = ["--poll-interval", "100ms", "--time-factor", "0.3", "--api-port", "0"];

/** How often the agent is killed during a trial; from source it takes long to start. */
const KILLS = process.env.PODSTEAD_E2E === "deno" ? 2 : 6;

const tryFor = (settle: string, timeout: string) =>
  ["--mode=try", "--settle", settle, "--timeout", timeout, "--yes"] as const;
const TRY = tryFor("4s", "5m");

/** Long enough for any machine: what is waited for comes much sooner. */
const WAIT = "--wait=5m";

describeWithContainerd("podstead changes a node", (containerd) => {
  let node: TestNode;
  let watch: RuntimeWatch;
  let others: number;

  const config = () => readFileSync(node.configPath, "utf8");
  const file = (name: string, text: string) => {
    const path = join(node.directory, name);
    writeFileSync(path, text);
    return path;
  };
  /** A pod of the host's network as a document of its own. */
  const podFile = (name: string, script: string, comment = "# mine") =>
    file(
      `${name}-given.yaml`,
      `${comment}\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n` +
        `  hostNetwork: true\n  terminationGracePeriodSeconds: 1\n  containers:\n` +
        `    - name: ${name}\n      image: nginx:latest\n      imagePullPolicy: IfNotPresent\n` +
        `      command: ["/bin/sh", "-c", ${JSON.stringify(script)}]\n`,
    );
  const serves = async (pod: string) => {
    const { items } = await (await fetch(node.manifestUrl)).json();
    return items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === pod);
  };
  /** The spec of a pod, once the list has it: in the middle of a replacement it has not. */
  const specOf = (pod: string) =>
    eventually(`${pod} is served`, async () => (await serves(pod))?.spec);
  const runs = (pod: string) =>
    eventually(`${pod} runs`, () => Promise.resolve(watch.current(pod)));
  const isGone = (pod: string) =>
    eventually(
      `${pod} does not run`,
      () => Promise.resolve(watch.current(pod) === undefined || undefined),
    );
  const trial = async () => {
    const { stdout } = await node.podstead("history", "-o", "json");
    return JSON.parse(stdout).items[0];
  };

  before(async () => {
    node = await TestNode.create(containerd());
    watch = new RuntimeWatch(containerd().runtime);
    node.writePods(podYaml("other") + podYaml("web", { script: "sleep 1000 # v1" }));
    await node.startAgent();
    await node.startKubelet(QUICK);
    node.writePods(podYaml("other") + podYaml("web", { script: "sleep 1000 # v1" }));
    const { code, stdout, stderr } = await node.podstead("reload", WAIT);
    assert.equal(code, 0, stdout + stderr);
  });
  after(async () => {
    await watch.close();
    await node.close();
  });
  beforeEach(() => {
    others = watch.runs("other").length;
  });
  afterEach(() => {
    assert.equal(watch.runs("other").length, others, "A pod that did not change was restarted");
  });

  it("declares a pod of a file in a drop-in, waits until it runs, and takes it out again", async () => {
    const given = podFile("new", "sleep 1000");
    const applied = await node.podstead("apply", "-f", given, WAIT);
    assert.equal(applied.code, 0, applied.stdout + applied.stderr + node.lastWords());
    assert.match(
      applied.stdout,
      /^pod\/new created\n.*pods\.d\/default-new\.yaml created\nready: /,
    );
    const dropIn = join(node.directory, "pods.d/default-new.yaml");
    assert.equal(readFileSync(dropIn, "utf8"), readFileSync(given, "utf8"));
    await runs("new");
    const asked = await node.podstead("remove", "new");
    assert.equal(asked.code, 64);
    const removed = await node.podstead("remove", "new", "--yes", WAIT);
    assert.equal(removed.code, 0, removed.stdout + removed.stderr + node.lastWords());
    await isGone("new");
  });

  it("ends a stopped pod, keeps it down over a crash and a reload, and starts it again", async () => {
    const asked = await node.podstead("stop", "web");
    assert.equal(asked.code, 64, asked.stdout + asked.stderr);
    const stopped = await node.podstead("stop", "web", "--yes", "-m", "a test", WAIT);
    assert.equal(stopped.code, 0, stopped.stdout + stopped.stderr + node.lastWords());
    assert.match(stopped.stdout, /^pod\/web stopped\n/);
    await isGone("web");
    await node.signalAgent("SIGKILL", true);
    await node.startAgent();
    assert.equal((await node.podstead("reload")).code, 0);
    assert.equal(await serves("web"), undefined);
    for (const listing of [["get", "staticpodstatus", "-o", "wide"], ["describe", "web"], []]) {
      const { stdout } = await node.podstead(...listing);
      assert.match(stdout, /stopped by user \d+ at .*Z: a test/, listing.join(" "));
    }
    const { stdout } = await node.podstead("history", "web", "-o", "json");
    const [latest] = JSON.parse(stdout).items;
    assert.deepEqual([latest.trigger, latest.message], ["stop", "a test"]);
    const started = await node.podstead("start", "web", WAIT);
    assert.equal(started.code, 0, started.stdout + started.stderr + node.lastWords());
    await runs("web");
  });

  it("restarts a whole pod as a new one, also where the agent is killed meanwhile", async () => {
    const uid = async () => (await serves("web"))?.metadata.uid;
    const [before, uidBefore] = [watch.current("web"), await uid()];
    const asked = await node.podstead("restart", "web");
    assert.equal(asked.code, 64, asked.stdout + asked.stderr);
    const done = await node.podstead("restart", "web", "--yes", "-o", "json", WAIT);
    assert.equal(done.code, 0, done.stdout + done.stderr + node.lastWords());
    const { changed, notReady } = JSON.parse(done.stdout);
    assert.deepEqual([changed, notReady], [true, []]);
    const after = await eventually("another container of web runs", () => {
      const now = watch.current("web");
      return Promise.resolve(now?.containerId === before?.containerId ? undefined : now);
    });
    assert.notEqual(await uid(), uidBefore);
    assert.equal(after.specHash, before?.specHash);
    assert.equal((await node.podstead("restart", "web", "--yes", "--wait", "0")).code, 0);
    await node.signalAgent("SIGKILL", true);
    await node.startAgent();
    await eventually("another web runs", () => {
      const now = watch.current("web");
      return Promise.resolve(
        now !== undefined && now.containerId !== after.containerId || undefined,
      );
    });
  });

  it("takes a trial back at once whose image cannot be pulled, and says why", async () => {
    const before = config();
    const run = watch.current("web");
    const { code, stdout, stderr } = await node.podstead(
      ...["set", "image", "web=127.0.0.1:1/none:1", ...TRY],
    );
    assert.equal(code, 1, stdout + stderr);
    assert.match(stdout, /reverted to what revision \d+ had: .*web/);
    assert.equal(config(), before);
    assert.equal(watch.current("web")?.specHash, run?.specHash);
  });

  it("takes a trial back that crashes after it was ready", async () => {
    await node.podstead("apply", "-f", podFile("frail", "sleep 1000"), WAIT);
    const good = await specOf("frail");
    const { code, stdout, stderr } = await node.podstead(
      // It crashes long before it would count as settled.
      ...["apply", "-f", podFile("frail", "sleep 2; exit 1"), ...tryFor("1m", "5m")],
    );
    assert.equal(code, 1, stdout + stderr + node.lastWords());
    assert.match(stdout, /reverted to what revision \d+ had: .*frail/);
    assert.deepEqual(await specOf("frail"), good);
    assert.match((await trial()).trigger, /trial-reverted/);
    await runs("frail");
  });

  it("keeps a trial whose pods stay ready", async () => {
    const { code, stdout, stderr } = await node.podstead(
      ...["apply", "-f", podFile("frail", "sleep 1001"), ...TRY],
    );
    assert.equal(code, 0, stdout + stderr + node.lastWords());
    assert.match(stdout, /kept: revision \d+/);
  });

  it("waits for a person where it was told to, and goes back when that one cancels", async () => {
    const before = await specOf("frail");
    const tried = await node.podstead(
      ...["apply", "-f", podFile("frail", "sleep 1002"), ...TRY, "--confirm=manual"],
    );
    assert.equal(tried.code, 0, tried.stdout + tried.stderr);
    const refused = await node.podstead("remove", "frail", "--yes");
    assert.match(refused.stderr, /is on trial/);
    const cancelled = await node.podstead("cancel");
    assert.match(cancelled.stdout, /reverted to what revision \d+ had: it was cancelled/);
    assert.deepEqual(await specOf("frail"), before);
  });

  it("ends in one of its two ends after kill -9 at any moment of a trial", async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const old = await specOf("frail");
      const bad = podFile("frail", `sleep ${kill % 2 === 0 ? 2 : 1}; exit 1 # ${kill}`);
      const trying = node.podstead(
        ...["apply", "-f", bad, ...tryFor("4s", "40s"), "--confirm=manual", "--no-wait"],
      );
      // From before the files are written to well into the trial.
      await new Promise((resolve) => setTimeout(resolve, 40 + kill * 120));
      await node.signalAgent("SIGKILL", true);
      await trying;
      await node.startAgent();
      await eventually("the trial has ended", async () => {
        const { stdout } = await node.podstead("history", "-o", "json");
        const [latest] = JSON.parse(stdout).items;
        const spec = (await serves("frail"))?.spec;
        const isBack = JSON.stringify(spec) === JSON.stringify(old);
        return isBack && latest.current === true ? true : undefined;
      }).catch((thrown) => {
        throw new Error(`kill ${kill}: ${thrown.message}\n${node.lastWords(80)}`);
      });
    }
  });

  it("goes back to an earlier revision, and shows what that changes", async () => {
    const { stdout } = await node.podstead("history", "-o", "json");
    const first = JSON.parse(stdout).items.at(-1).number;
    const plan = await node.podstead("rollback", String(first), "--dry-run", "--exit-code");
    assert.equal(plan.code, 2, plan.stdout + plan.stderr);
    assert.match(plan.stdout, /pod\/frail removed/);
    const back = await node.podstead("rollback", String(first), "--yes", WAIT);
    assert.equal(back.code, 0, back.stdout + back.stderr + node.lastWords());
    assert.equal(await serves("frail"), undefined);
  });
});
