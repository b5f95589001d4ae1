/** `podstead add` on real containerd: the example of the docs, and what it refuses. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { counterExample } from "../support/docs_example.ts";
import { eventually, freePort, runPodstead, TestNode } from "../support/node.ts";
import { SshLab, sshSkipReason } from "../support/ssh_lab.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";

const QUICK = ["--poll-interval", "200ms", "--time-factor", "0.3", "--api-port", "0"];

/** Long enough for any machine: what is waited for comes much sooner. */
const WAIT = ["--wait", "5m", "--settle", "1s"];

const NO_SSH = process.env.PODSTEAD_NO_SKIP !== "1" && sshSkipReason() !== undefined;

describeWithContainerd("podstead add", (containerd) => {
  let node: TestNode;
  let port: number;
  let given: string;

  const file = (name: string, text: string) => {
    const path = join(node.directory, name);
    writeFileSync(path, text);
    return path;
  };
  const dropIn = () => join(node.directory, "pods.d/default-counter.yaml");
  const add = (...args: readonly string[]) =>
    node.podstead("add", ...args, "--volumes", join(node.directory, "data"));
  const page = () =>
    eventually("the page is served", async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      return await answer.text();
    }, 60_000).catch((thrown) => {
      throw new Error(`${thrown.message}\n${node.lastWords()}`, { cause: thrown });
    });

  before(async () => {
    node = await TestNode.create(containerd());
    node.kubeletVersion = "1.36";
    node.writePods("[]\n", `  volumesDir: ${JSON.stringify(join(node.directory, "volumes"))}\n`);
    await node.startAgent();
    await node.startKubelet(QUICK);
    node.writePods("[]\n", `  volumesDir: ${JSON.stringify(join(node.directory, "volumes"))}\n`);
    await node.podstead("reload");
    port = await freePort();
    given = file("counter.yaml", counterExample(port));
  });
  after(async () => await node?.close());

  it("shows in a dry run what would come of it, and writes nothing", async () => {
    const { code, stdout, stderr } = await add(given, "--dry-run", "--publish", `${port}:80`);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^Deployment default\/counter: pod default\/counter\n/);
    assert.match(
      stdout,
      /counter\.yaml:\d+:3: Deployment default\/counter, spec\.replicas: it bec/,
    );
    assert.match(stdout, /^\+kind: Pod$/m);
    assert.match(stdout, /token: \(hidden, 9 bytes\)/);
    assert.doesNotMatch(stdout, /change me/);
    assert.throws(() => statSync(dropIn()), /ENOENT/);
  });

  it("refuses what it cannot do, with the place and the next step", async () => {
    const claim = await node.podstead("add", given);
    assert.equal(claim.code, 78);
    assert.match(
      claim.stderr,
      /counter\.yaml:\d+:\d+: error: The claim "counter" needs a directory/,
    );
    assert.match(claim.stderr, /--volumes/);
    const bad = file("bad.yaml", counterExample(port).replace("image: busybox:test", 'image: ""'));
    const refused = await add(bad, "--yes");
    assert.equal(refused.code, 78, refused.stdout + refused.stderr);
    assert.match(refused.stdout, /bad\.yaml:\d+:\d+: spec\.containers\[0\]\.image: Required value/);
    const url = await add("https://example.com/web.yaml");
    assert.match(url.stderr, /curl -fsSL https:\/\/example\.com\/web\.yaml \| podstead add -/);
    const cron = file(
      "cron.yaml",
      'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec: {schedule: "0 3 * * *"}\n',
    );
    const { code, stderr } = await add(cron);
    assert.equal(code, 78);
    assert.match(stderr, /cron\.yaml:4:8: error: CronJob default\/a.*\(0 3 .*\n[^]*systemd timer/);
    assert.throws(() => statSync(dropIn()), /ENOENT/);
  });

  it("runs the example of the docs: Deployment, ConfigMap, Secret, claim and Service", async () => {
    const { code, stdout, stderr } = await add(
      ...[given, "--publish", `${port}:80`, "--yes", "-o", "json", ...WAIT],
    );
    assert.equal(code, 0, stdout + stderr + node.lastWords());
    const report = JSON.parse(stdout);
    assert.equal(report.result, "applied");
    assert.deepEqual(report.notReady, []);
    assert.deepEqual(
      report.added.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`),
      ["Pod counter", "ConfigMap counter", "Secret counter"],
    );
    assert.match(JSON.stringify(report.notKept), /spec\.replicas/);
    assert.match(await page(), /^hello, start \d+\n$/);
    assert.match(
      readFileSync(join(node.directory, "data/default/counter/starts"), "utf8"),
      /start/,
    );
    assert.equal(statSync(dropIn()).mode & 0o777, 0o600);
    const text = readFileSync(dropIn(), "utf8");
    assert.match(text, new RegExp(`hostPort: ${port}\n`));
    assert.match(text, /\nkind: Secret\n/);
  });

  it("changes nothing for the same again, and refuses another of the name unless it may replace", async () => {
    const again = await add(given, "--publish", `${port}:80`);
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /nothing changes\n$/);
    const other = file("other.yaml", readFileSync(given, "utf8").replace("hello", "welcome"));
    const refused = await add(other, "--publish", `${port}:80`);
    assert.equal(refused.code, 78);
    assert.match(
      refused.stderr,
      /other\.yaml:2:1: error: The ConfigMap default\/counter is declared/,
    );
    assert.match(refused.stderr, /see also: .*default-counter\.yaml/);
    const replaced = await add(other, "--publish", `${port}:80`, "--replace", "--yes", ...WAIT);
    assert.equal(replaced.code, 0, replaced.stdout + replaced.stderr + node.lastWords());
    assert.match(replaced.stdout, /configmap\/counter changed/);
    await eventually(
      "the new greeting",
      async () => (await page()).startsWith("welcome") || undefined,
      60_000,
    );
  });

  it("takes a trial back whose image cannot be pulled, with its drop-in", async () => {
    const broken = file("broken.yaml", counterExample(port).replaceAll("counter", "broken"));
    writeFileSync(
      broken,
      readFileSync(broken, "utf8").replace("busybox:test", "127.0.0.1:1/none:1"),
    );
    const { code, stdout, stderr } = await add(
      ...[broken, "--mode=try", "--settle", "1s", "--timeout", "5m", "--yes"],
    );
    assert.equal(code, 1, stdout + stderr + node.lastWords());
    assert.match(stdout, /reverted to what revision \d+ had: .*broken/);
    assert.throws(() => statSync(join(node.directory, "pods.d/default-broken.yaml")), /ENOENT/);
    const secret = await node.podstead("describe", "secret/broken");
    assert.equal(secret.code, 1, secret.stdout);
  });

  it("adds what this machine has to a node over ssh", { skip: NO_SSH }, async () => {
    const lab = await SshLab.start([node.socket]);
    try {
      lab.name({ edge: 0 });
      const text = counterExample(await freePort()).replaceAll("counter", "remote");
      const line = ["add", file("remote.yaml", text), "-N", "edge"];
      const podstead = (...flags: readonly string[]) =>
        runPodstead([...line, ...flags], { env: lab.env });
      const volumes = ["--volumes", join(node.directory, "data")];
      const refused = await podstead("--yes");
      assert.equal(refused.code, 78, refused.stdout + refused.stderr);
      assert.match(refused.stderr, /remote\.yaml:\d+:\d+: error: The claim "remote" needs/);
      const dry = await podstead(...volumes, "--dry-run");
      assert.equal(dry.code, 0, dry.stdout + dry.stderr);
      assert.match(dry.stdout, /Deployment default\/remote: pod default\/remote\n/);
      assert.doesNotMatch(dry.stdout, /change me/);
      const { code, stdout, stderr } = await podstead(...volumes, "--yes", ...WAIT);
      assert.equal(code, 0, stdout + stderr + node.lastWords());
      assert.equal(
        statSync(join(node.directory, "pods.d/default-remote.yaml")).mode & 0o777,
        0o600,
      );
    } finally {
      await lab.close();
    }
  });

  it("is undone by remove, which takes no Secret that a pod needs", async () => {
    const needed = await node.podstead("remove", "secret/counter", "--yes");
    assert.equal(needed.code, 78, needed.stdout + needed.stderr);
    assert.match(needed.stdout, /Secret "default\/counter" is not declared on this node/);
    const { code, stdout, stderr } = await node.podstead(
      ...["remove", "counter", "--objects", "--yes", "--wait", "5m"],
    );
    assert.equal(code, 0, stdout + stderr + node.lastWords());
    assert.match(stdout, /configmap\/counter removed/);
    assert.throws(() => statSync(dropIn()), /ENOENT/);
    const data = readFileSync(join(node.directory, "data/default/counter/starts"), "utf8");
    assert.match(data, /start/, "what it has written stays");
  });
});
