/** A trial goes back by itself on what really happens to a pod, whatever that is. */
import { after, afterEach, before, beforeEach, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { eventually, TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { podYaml } from "./pod_yaml.ts";
import { RuntimeWatch, type SeenRun } from "./runtime_watch.ts";

const QUICK = ["--poll-interval", "100ms", "--time-factor", "0.3"];
/** Each fault shows itself long before the pod counts as settled; then the trial is over. */
const TRY = ["--mode=try", "--settle", "30s", "--timeout", "5m", "--yes"];

interface Event {
  readonly at: string;
  readonly type: string;
  readonly name: string;
  readonly message: string;
  readonly reason?: string;
  readonly backTo?: number;
}

describeWithContainerd("a trial", (containerd) => {
  let node: TestNode;
  let watch: RuntimeWatch;
  let taken: Server;
  let takenPort: number;
  let others: number;

  /** A container of the pod in its next version. */
  const container = (members: Readonly<Record<string, unknown>>) => ({
    name: "web",
    image: "nginx:latest",
    imagePullPolicy: "IfNotPresent",
    ...members,
  });
  const shell = (script: string) => ({ command: ["/bin/sh", "-c", script] });
  const probe = (exec: string) => ({ exec: { command: [exec] }, periodSeconds: 1 });
  /** What is wrong with the next version, and what podstead says of it. */
  const FAULTS: Readonly<Record<string, () => readonly [container: object, cause: RegExp]>> = {
    "an image that cannot be pulled":
      () => [container({ image: "127.0.0.1:1/no:1" }), /web.*: Cannot pull/],
    "a program that is not there":
      () => [container({ command: ["/no/such/program"] }), /web.*: \w/],
    "a crash after it was ready": () => [
      container(shell("sleep 6; exit 1")),
      /web.*: \w/,
    ],
    "a liveness probe that fails": () => [
      container({
        ...shell("sleep 1000"),
        livenessProbe: { ...probe("false"), failureThreshold: 1 },
      }),
      /web.*: \w/,
    ],
    "a port that is taken": () => [container(shell(`nc -l -p ${takenPort}`)), /web.*: \w/],
  };

  const config = () => readFileSync(node.configPath, "utf8");
  const events = async (): Promise<readonly Event[]> => {
    const { stdout } = await node.podstead("events", "web", "-o", "json");
    return stdout.trim().split("\n").map((line) => JSON.parse(line));
  };
  const podFile = (given: object) => {
    const path = join(node.directory, "web-given.json");
    const spec = { hostNetwork: true, terminationGracePeriodSeconds: 1, containers: [given] };
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec };
    writeFileSync(path, JSON.stringify(pod));
    return path;
  };
  /** Waits until the version before is ready again, and prints how long that took. */
  const comesBack = async (what: string, before: SeenRun | undefined): Promise<Event> => {
    await eventually("the version before runs again", () => {
      return Promise.resolve(watch.current("web")?.specHash === before?.specHash || undefined);
    });
    const ranAllTheTime = watch.current("web")?.containerId === before?.containerId;
    const [end, ready] = await eventually("the version before is ready again", async () => {
      const all = await events();
      const at = all.findLastIndex(({ type }) => type === "reverted");
      const end = all[at];
      const ready = ranAllTheTime ? end : all.slice(at).find(({ type }) => type === "ready");
      return end === undefined || ready === undefined ? undefined : [end, ready] as const;
    });
    const ms = Date.parse(ready.at) - Date.parse(end.at);
    const when = ranAllTheTime ? "ran all the time" : `was ready ${ms} ms after the trial's end`;
    // deno-lint-ignore no-console -- the figure is asked for in the log of every run
    console.log(`${what}: the version before ${when}: ${end.reason}`);
    return end;
  };

  before(async () => {
    taken = createServer().listen(0, "0.0.0.0");
    await once(taken, "listening");
    takenPort = (taken.address() as AddressInfo).port; // it listens on TCP
    node = await TestNode.create(containerd());
    watch = new RuntimeWatch(containerd().runtime);
    const pods = podYaml("other") + podYaml("web", { script: "sleep 1000" });
    node.writePods(pods);
    await node.startKubelet(QUICK);
    node.writePods(pods); // with the kubelet's port, which is known only now
    await node.startAgent();
    const { code, stdout, stderr } = await node.podstead("health", "--wait=5m");
    assert.equal(code, 0, stdout + stderr + node.lastWords());
  });
  after(async () => {
    await watch.close();
    await node.close();
    taken.close();
  });
  beforeEach(() => {
    others = watch.runs("other").length;
  });
  afterEach(() => {
    assert.equal(watch.runs("other").length, others, "A pod that did not change was restarted");
  });

  for (const [what, fault] of Object.entries(FAULTS)) {
    it(`goes back for ${what}, and says why`, async () => {
      const [given, cause] = fault();
      const [before, run] = [config(), watch.current("web")];
      const { code, stdout, stderr } = await node.podstead("apply", "-f", podFile(given), ...TRY);
      assert.equal(code, 1, stdout + stderr + node.lastWords());
      assert.match(stdout, /reverted to what revision \d+ had: /);
      assert.match(stdout, cause);
      assert.equal(config(), before);
      assert.match((await comesBack(what, run)).reason ?? "", cause);
    });
  }

  it("goes back for a readiness probe that fails until the time is up", async () => {
    const [before, run] = [config(), watch.current("web")];
    const given = container({ ...shell("sleep 1000"), readinessProbe: probe("false") });
    const { code, stdout, stderr } = await node.podstead(
      ...["apply", "-f", podFile(given), "--mode=try", "--yes", "--timeout", "8s"],
    );
    assert.equal(code, 1, stdout + stderr + node.lastWords());
    assert.match(stdout, /had: it was not ready within 8 s: default\/web/);
    assert.equal(config(), before);
    await comesBack("a readiness probe that fails", run);
  });

  it("goes back for a refused pod of a file that was edited by hand, and keeps the file", async () => {
    const [before, run] = [config(), watch.current("web")];
    const edited = before.replace("name: web, image: nginx:latest", 'name: web, image: ""');
    assert.notEqual(edited, before);
    writeFileSync(node.configPath, edited);
    const { code, stdout, stderr } = await node.podstead("reload", "--try");
    assert.equal(code, 1, stdout + stderr + node.lastWords());
    assert.match(stdout, /reverted to what revision \d+ had: default\/web.*image/);
    assert.equal(config(), before);
    assert.equal(watch.current("web")?.containerId, run?.containerId, "a good pod was restarted");
    const discarded = join(node.stateDir, "discarded");
    const [last = ""] = readdirSync(discarded).sort().slice(-1);
    const [kept = ""] = readdirSync(join(discarded, last));
    assert.equal(readFileSync(join(discarded, last, kept), "utf8"), edited);
  });

  it("shows itself in the overview, the status of the config, events and metrics", async () => {
    const good = container(shell("sleep 1001"));
    const tried = await node.podstead(
      ...["apply", "-f", podFile(good), ...TRY, "--confirm=manual", "--no-wait"],
    );
    assert.equal(tried.code, 0, tried.stdout + tried.stderr);
    assert.match(
      (await node.podstead()).stdout,
      /is on trial: back to revision \d+ within .*confirm/,
    );
    const { stdout } = await node.podstead("get", "configstatus", "-o", "json");
    assert.equal(JSON.parse(stdout).items[0].status.trial.state, "running");
    // One answer serves every scrape of a moment.
    const shows = (pattern: RegExp) =>
      eventually(`metrics show ${pattern}`, async () => {
        const text = await (await fetch(node.manifestUrl.replace("/manifests", "/metrics"))).text();
        return pattern.test(text) || undefined;
      });
    await shows(/^podstead_trial_running 1$/m);
    const kept = await node.podstead("confirm", "-o", "json");
    assert.deepEqual(JSON.parse(kept.stdout).result, "kept");
    await shows(/^podstead_trial_running 0$/m);
    await shows(/^podstead_trial_ends_total\{result="kept"\} 1$/m);
    const types = (await events()).map(({ type }) => type);
    assert.equal(types.filter((type) => type === "trial" || type === "kept").at(-1), "kept");
  });
});
