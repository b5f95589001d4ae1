/** Looking into containers and images and acting on them, through the agent and without one. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildImageArchive, BUSYBOX_IMAGE, PAUSE_IMAGE, TEST_IMAGES } from "../support/images.ts";
import { eventually, TestNode } from "../support/node.ts";
import { findProgram } from "../support/programs.ts";
import { startRegistry } from "../support/registry.ts";
import { admitNobody, runAsNobody } from "../support/unprivileged.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { podYaml } from "./pod_yaml.ts";

const WEB = `- apiVersion: v1
  kind: Pod
  metadata: {name: web, labels: {app: web}}
  spec:
    hostNetwork: true
    terminationGracePeriodSeconds: 1
    containers:
    - name: app
      image: busybox:test
      imagePullPolicy: IfNotPresent
      command: ["/bin/sh", "-c", "trap 'exit 0' TERM; while true; do seq 2000 > /dev/null; sleep 0.01; done"]
      resources: {limits: {memory: 64Mi}}
    - name: side
      image: busybox:test
      imagePullPolicy: IfNotPresent
`;

describeWithContainerd("podstead on containers", (containerd) => {
  let node: TestNode;

  /** The pods that `containers -k -o json` shows, after further flags. */
  const pods = async (...flags: readonly string[]) => {
    const { stdout, stderr } = await node.podstead("containers", "-k", "-o", "json", ...flags);
    assert.equal(stderr, "");
    return JSON.parse(stdout).items;
  };
  const running = () =>
    eventually("both pods run", async () => {
      const states = (await pods()).flatMap((pod: { containers: { state: string }[] }) =>
        pod.containers.map(({ state }) => state)
      );
      return states.length === 3 &&
          states.every((state: string) => state === "CONTAINER_RUNNING") ||
        undefined;
    });
  /** Options stand before the ID: behind `--` they would be the command's. */
  const exec = (options: readonly string[], ...rest: readonly string[]) =>
    runAsNobody(node, "exec", ...options, ...rest);

  before(async () => {
    node = await TestNode.create(containerd());
    node.writePods(podYaml("nginx") + WEB);
    await node.startAgent();
    admitNobody(node);
    await node.startKubelet();
    await running();
  });
  after(async () => {
    await node.close();
  });

  it("filters, and shows more of each with -o wide", async () => {
    const names = (items: readonly { name: string }[]) => items.map(({ name }) => name);
    assert.deepEqual(names(await pods("--pod", "ngin")), ["nginx-node-1"]);
    assert.deepEqual(names(await pods("-l", "app=web")), ["web-node-1"]);
    assert.deepEqual(names(await pods("--image", "nginx")), ["nginx-node-1"]);
    assert.deepEqual(names(await pods("--state", "exited")), []);
    assert.deepEqual(names(await pods("-n", "kube-system")), []);
    const { stdout } = await node.podstead("containers", "-k", "-o", "wide");
    assert.match(stdout, /STATUS +AGE +RESTARTS +EXIT +POD UID +SOURCE\n/);
    assert.match(
      stdout,
      /web-node-1 +\S+pause:3\.6 +\d+ +SANDBOX_READY +\S+ +[0-9a-f]{32} +static/,
    );
  });

  it("shows the containers beside Kubernetes without -k", async () => {
    const nothing = await node.podstead("containers");
    assert.match(nothing.stdout, /^NODE +NAMESPACE +ID +IMAGE +PID +STATUS\n$/);
    assert.match(nothing.stderr, /podstead containers -k/);
    const archive = join(node.directory, "images.tar");
    const recipes = TEST_IMAGES.filter(({ name }) => name === BUSYBOX_IMAGE);
    writeFileSync(archive, buildImageArchive(recipes, findProgram("busybox") ?? "busybox"));
    const ctr = (...args: readonly string[]) =>
      execFileSync("ctr", ["-a", containerd().socket, "-n", "moby", ...args], { stdio: "pipe" });
    ctr("images", "import", archive);
    ctr("containers", "create", BUSYBOX_IMAGE, "by-hand");
    try {
      const { stdout, code } = await runAsNobody(node, "containers");
      assert.equal(code, 0);
      assert.match(stdout, /^172\.20\.0\.3 +moby +by-hand +\S+busybox:test +CREATED$/m);
    } finally {
      ctr("containers", "rm", "by-hand");
    }
    const wrong = await node.podstead("containers", "--pod", "x");
    assert.equal(wrong.code, 64);
    assert.match(wrong.stderr, /Add -k/);
  });

  it("measures what containers use", async () => {
    const { stdout, code } = await runAsNobody(node, "stats", "web", "-o", "json");
    assert.equal(code, 0);
    const [app, side, ...rest] = JSON.parse(stdout).items;
    assert.deepEqual([app.container, side.container, rest], ["app", "side", []]);
    assert.ok(app.cpuCores > 0, `a loop uses ${app.cpuCores} cores`);
    assert.ok(side.cpuCores < app.cpuCores);
    assert.equal(app.memoryLimitBytes, 64 * 1024 * 1024);
    assert.ok(app.memoryBytes > 0 && app.memoryBytes < app.memoryLimitBytes);
    const table = await node.podstead("stats", "-k", "--sort", "cpu", "--interval", "300ms");
    assert.match(
      table.stdout,
      /^NODE +NAMESPACE +ID +CPU +CPU% +MEMORY +LIMIT +MEM% +RX\/S +TX\/S\n/,
    );
    assert.match(
      table.stdout.split("\n")[1] ?? "",
      /web-node-1:app:[0-9a-f]{12} +\d\.\d{3} +\d+\.\d% +\S+ \w+ +64 MiB +\d+\.\d% +- +-$/,
    );
    const unknown = await node.podstead("stats", "webb");
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /Did you mean "web"\?/);
  });

  it("runs a command in a container and ends with its exit code", async () => {
    const script = "echo out; echo err >&2; exit 7";
    const ended = await exec([], "web:side", "--", "sh", "-c", script);
    assert.deepEqual(ended, { code: 7, stdout: "out\n", stderr: "err\n" });
    const connected = await exec(
      ["-t"],
      "web",
      "-c",
      "side",
      "--",
      "sh",
      "-c",
      "test -t 1; echo $?",
    );
    assert.deepEqual([connected.code, connected.stdout], [0, "0\r\n"]);
    const late = await exec(["--timeout", "1s"], "web:side", "--", "sleep", "30");
    assert.equal(late.code, 1);
    assert.match(late.stderr, /did not end within 1s/);
    const absent = await exec([], "web:side", "--", "nope");
    assert.equal(absent.code, 1);
    assert.match(absent.stderr, /Cannot run "nope" in the container: there is no such program/);
    const nothing = await exec([], "web:side");
    assert.equal(nothing.code, 64);
    assert.match(nothing.stderr, /podstead exec POD -- COMMAND/);
  });

  it("shows everything that the runtime says about a container and its sandbox", async () => {
    const container = await runAsNobody(node, "inspect", "web:app");
    const { status, info } = JSON.parse(container.stdout);
    assert.equal(status.metadata.name, "app");
    assert.equal(status.state, "CONTAINER_RUNNING");
    assert.ok(info.info.pid > 0);
    const sandbox = await node.podstead("inspect", "web:app", "--sandbox", "-o", "yaml");
    assert.match(sandbox.stdout, /state: SANDBOX_READY/);
    const several = await node.podstead("inspect", "web");
    assert.equal(several.code, 1);
    assert.match(several.stderr, /several containers: app, side\n {2}Name one of them: web:app/);
  });

  it("shows the node's images", async () => {
    const { stdout } = await runAsNobody(node, "images");
    assert.match(stdout, /^NODE +IMAGE +ID +SIZE\n/);
    for (const { name } of TEST_IMAGES) assert.ok(stdout.includes(name), name);
    const pause = await node.podstead("images", "pause", "-o", "jsonpath={.items[*].tags}");
    assert.equal(pause.stdout, JSON.stringify([PAUSE_IMAGE]));
  });

  it("pulls an image with the credentials of a file, and says what is wrong without", async () => {
    await using registry = await startRegistry({ username: "u", password: "p", slowMs: 1_500 });
    const image = `${registry.host}/team/app:1`;
    const refused = await runAsNobody(node, "pull", image);
    assert.equal(refused.code, 77);
    assert.match(
      refused.stderr,
      /The registry ".*" refuses to give ".*team\/app:1" without a login/,
    );

    const file = join(node.directory, "credentials.json");
    const auth = Buffer.from("u:p").toString("base64");
    writeFileSync(file, JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const pulled = await runAsNobody(node, "pull", image, "--credentials", file, "-o", "json");
    assert.equal(pulled.code, 0, pulled.stderr);
    const steps = pulled.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(steps.at(-1).step, "done");
    assert.match(steps.at(-1).image, /^sha256:/);
    assert.ok(
      steps.some(({ kind, step }) => kind === "PullStep" && step === "progress"),
      "no progress was told",
    );

    const other = await node.podstead("pull", "127.0.0.1:1/x", "--credentials", file);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /no credentials for the registry.*\n.*connection refused\n {2}\S/s);
    const unreadable = await node.podstead("pull", image, "--credentials", "/nonexistent");
    assert.equal(unreadable.code, 78);
    assert.match(unreadable.stderr, /there is no such file/);
  });

  it("restarts one container and leaves its pod alone", async () => {
    const before = (await pods("--pod", "web"))[0];
    const { stdout, stderr, code } = await runAsNobody(node, "restart", "web:app", "--yes");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Stopped default\/web-node-1:app:[0-9a-f]{12}\n$/);
    assert.match(stdout, /^default\/web-node-1:app:[0-9a-f]{12}\n$/);
    const after = (await pods("--pod", "web"))[0];
    assert.equal(after.sandboxId, before.sandboxId);
    const id = (pod: { containers: { name: string; id: string }[] }, container: string) =>
      pod.containers.find(({ name }) => name === container)?.id;
    assert.notEqual(id(after, "app"), id(before, "app"));
    assert.equal(id(after, "side"), id(before, "side"));
    assert.ok(stdout.includes(id(after, "app")?.slice(0, 12) ?? "?"));
  });

  it("does all that without an agent too, for root", async () => {
    await node.signalAgent("SIGTERM", true);
    const images = await node.podstead("images", "nginx");
    assert.match(images.stderr, /^No agent runs on .* directly\n$/);
    assert.match(images.stdout, /docker\.io\/library\/nginx:latest/);
    const stats = await node.podstead("stats", "nginx", "--interval", "200ms");
    assert.match(stats.stdout, /nginx-node-1:nginx:/);
    const inspect = await node.podstead("inspect", "nginx", "-o", "jsonpath={.status.state}");
    assert.equal(inspect.stdout, "CONTAINER_RUNNING");
    const restart = await node.podstead("restart", "nginx", "--yes", "--wait", "0");
    assert.equal(restart.code, 0, restart.stderr);
    assert.match(restart.stderr, /Stopped default\/nginx-node-1:nginx:/);
    await node.startAgent();
  });
});
