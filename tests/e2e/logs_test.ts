/** Logs of real containers, rotated as the kubelet does it, read by root and through the agent. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { RuntimeService } from "../../mod/cri/mod.ts";
import { eventually, runPodstead, TestNode } from "../support/node.ts";
import { residentBytes } from "../support/process_cost.ts";
import { RunningCommand } from "../support/running_command.ts";
import { admitNobody, runAsNobody, spawnAsNobody } from "../support/unprivileged.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { podYaml } from "./pod_yaml.ts";

const MULTI = `- apiVersion: v1
  kind: Pod
  metadata: {name: multi, labels: {app: multi}}
  spec:
    hostNetwork: true
    terminationGracePeriodSeconds: 1
    initContainers:
    - {name: prep, image: "busybox:test", imagePullPolicy: IfNotPresent, command: [echo, prepared]}
    containers:
    - name: one
      image: busybox:test
      imagePullPolicy: IfNotPresent
      command: ["/bin/sh", "-c", "for i in 1 2 3; do echo one $i; sleep 0.1; done; sleep 1000"]
    - name: two
      image: busybox:test
      imagePullPolicy: IfNotPresent
      command: ["/bin/sh", "-c", "for i in 1 2 3; do echo two $i >&2; sleep 0.1; done; sleep 1000"]
`;

function logDirectory(node: TestNode, pod: string, container = pod): string {
  const root = join(node.directory, "logs/pods");
  const name = readdirSync(root).find((name) => name.startsWith(`default_${pod}-node-1_`));
  return join(root, name ?? assert.fail(`no logs of ${pod}`), container);
}

/** `line 0`, `line 1`, … without a gap or a repetition. */
function assertConsecutive(lines: readonly string[], what: string): void {
  assert.deepEqual(lines, lines.map((_, index) => `line ${index}`), what);
}

describeWithContainerd("podstead logs", (containerd) => {
  let node: TestNode;
  /** While it exists, the container "fails" may end; each end takes it away. */
  const gate = () => join(node.directory, "gate");
  const logs = (...args: readonly string[]) => node.podstead("logs", "-k", ...args);

  before(async () => {
    node = await TestNode.create(containerd());
    const ticking = "i=0; while true; do echo line $i; i=$((i+1)); sleep 0.05; done";
    node.writePods(
      podYaml("nginx") + podYaml("ticker", { image: "busybox:test", script: ticking }) +
        podYaml("fails", {
          image: "busybox:test",
          directory: node.directory,
          script: `echo starting; until rm ${gate()} 2>/dev/null; do sleep 0.1; done; ` +
            "echo dying >&2; exit 3",
        }) + MULTI,
    );
    await node.startAgent();
    admitNobody(node);
    await node.startKubelet();
    await eventually("every log has lines", async () => {
      const outcomes = await Promise.all(
        ["nginx", "ticker", "fails", "multi:two"].map((id) => logs(id, "--tail", "1")),
      );
      return outcomes.every(({ stdout }) => stdout !== "") || undefined;
    });
    await eventually("a pod of two containers has said all", async () => {
      const { stdout } = await node.podstead("logs", "multi", "-o", "text");
      return stdout.includes("one 3") && stdout.includes("two 3") || undefined;
    });
  });
  after(async () => {
    await node.close();
  });

  it("goes on over a restart, and says on stderr that there was one", async () => {
    const following = node.startPodstead("logs", "-k", "-f", "fails", "-o", "text");
    try {
      await eventually(
        "the first attempt's line",
        () => Promise.resolve(following.stdout.includes("starting\n") || undefined),
      );
      writeFileSync(gate(), "");
      await eventually(
        "the next attempt's first line",
        () => Promise.resolve(following.stdout.includes("dying\nstarting\n") || undefined),
      );
    } finally {
      following.stop();
    }
    assert.match(
      following.stderr,
      /fails: Attempt 0 ended with exit code 3 \(Error\) at .*, .* ago; waiting for its next attempt\n.*fails: Following attempt 1\n/,
    );
    const previous = await logs("fails", "--previous", "-o", "text");
    assert.equal(previous.stdout, "starting\ndying\n");
    const first = await logs("fails", "--attempt", "0", "--stream", "stderr", "-o", "json");
    const { time, ...line } = JSON.parse(first.stdout);
    assert.match(time, /^\d{4}-.*Z$/);
    assert.deepEqual(line, {
      apiVersion: "podstead.dev/v1",
      kind: "LogLine",
      stream: "stderr",
      pod: "default/fails-node-1",
      container: "fails",
      attempt: 0,
      message: "dying",
    });
  });

  it("reads an attempt that the runtime has forgotten, while its file is there", async () => {
    const { containers } = await containerd().runtime.call(
      RuntimeService.method.listContainers,
      {},
    );
    const first = containers.find(({ metadata }) =>
      metadata?.name === "fails" && metadata.attempt === 0
    );
    if (first !== undefined) {
      await containerd().runtime.call(RuntimeService.method.removeContainer, {
        containerId: first.id,
      });
    }
    const { stdout, code, stderr } = await logs("fails", "--attempt", "0", "-o", "text");
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "starting\ndying\n");
  });

  it("loses and repeats nothing while the kubelet rotates and compresses", async () => {
    const byRoot = node.startPodstead("logs", "-k", "-f", "ticker", "-o", "text");
    const byNobody = new RunningCommand(
      spawnAsNobody(node, ["logs", "-k", "-f", "ticker", "-o", "text"]),
    );
    try {
      for (let rotation = 0; rotation < 3; rotation += 1) {
        const reached = byRoot.lines.length;
        await eventually(
          "ten more lines of both",
          () =>
            Promise.resolve(
              (byRoot.lines.length >= reached + 10 && byNobody.lines.length >= reached) ||
                undefined,
            ),
        );
        const response = await fetch(
          `http://127.0.0.1:${node.kubeletPorts.control}/rotate?` +
            "pod=default/ticker-node-1&container=ticker",
          { method: "POST" },
        );
        assert.equal((await response.json()).rotated.length, 1);
      }
      const reached = byRoot.lines.length;
      await eventually("lines of the last file", () =>
        Promise.resolve(
          (byRoot.lines.length > reached + 10 && byNobody.lines.length > reached + 10) ||
            undefined,
        ));
    } finally {
      byRoot.stop();
      byNobody.stop();
    }
    assertConsecutive(byRoot.lines, "followed by root");
    assertConsecutive(byNobody.lines, `followed through the agent: ${byNobody.stderr}`);

    const names = readdirSync(logDirectory(node, "ticker"));
    assert.equal(names.filter((name) => name.endsWith(".gz")).length, 2, names.join(" "));
    const whole = await logs("ticker", "-o", "text");
    assertConsecutive(whole.stdout.trimEnd().split("\n"), "read at once");
    assert.ok(whole.stdout.length >= byRoot.stdout.length);

    const current = readFileSync(join(logDirectory(node, "ticker"), "0.log"), "utf8");
    const across = current.split("\n").length + 20;
    const tail = (await logs("ticker", "-o", "text", "--tail", `${across}`)).stdout
      .trimEnd().split("\n");
    assert.equal(tail.length, across, "--tail goes on in rotated files");
    const from = Number(tail[0]?.slice("line ".length));
    assert.deepEqual(tail, tail.map((_, index) => `line ${from + index}`));
  });

  it("interleaves the containers of a pod that is named alone, and its init containers too if asked", async () => {
    const containersOf = (text: string) =>
      [...new Set([...text.matchAll(/^default\/multi-node-1:(\w+): /gm)].map(([, name]) => name))]
        .sort();
    for (const name of [["-k", "multi"], ["multi"], ["pod/multi"], ["-n", "default", "multi"]]) {
      const { code, stdout } = await node.podstead("logs", ...name);
      assert.equal(code, 0);
      assert.deepEqual(containersOf(stdout), ["one", "two"], name.join(" "));
    }
    const { stdout } = await node.podstead("logs", "multi", "--all-containers");
    assert.deepEqual(containersOf(stdout), ["one", "prep", "two"]);
  });

  it("says that a name is neither a pod's nor a service's", async () => {
    const { code, stderr } = await node.podstead("logs", "multy");
    assert.equal(code, 1);
    assert.match(stderr, /There is no pod and no service "multy"\n {2}Did you mean "multi"\?/);
  });

  it("takes a container after its pod, as kubectl does", async () => {
    const { code, stdout } = await node.podstead("logs", "multi", "one", "-o", "text");
    const alone = await node.podstead("logs", "multi:one", "-o", "text");
    assert.deepEqual([code, stdout], [0, alone.stdout]);
    const none = await node.podstead("logs", "multi", "four");
    assert.match(none.stderr, /There is no pod and no service "four"/);
  });

  it("interleaves several by time, each line with its container", async () => {
    const { stdout } = await logs("multi:prep", "multi:one", "multi:two");
    const lines = stdout.trimEnd().split("\n").map((line) =>
      /^default\/multi-node-1:(\w+): (\S+Z) (stdout|stderr) F (.*)$/.exec(line)?.slice(1) ??
        assert.fail(line)
    );
    assert.equal(lines.length, 7);
    assert.deepEqual(lines[0]?.toSpliced(1, 1), ["prep", "stdout", "prepared"]);
    const times = lines.map(([, time]) => Date.parse(time ?? ""));
    assert.deepEqual(times, times.toSorted((left, right) => left - right));

    const labelled = await logs("-l", "app=multi", "-o", "text", "--stream", "stderr");
    assert.deepEqual(
      labelled.stdout.trimEnd().split("\n"),
      [1, 2, 3].map((count) => `default/multi-node-1:two: two ${count}`),
    );
    const once = await logs("multi:one", "multi:one", "-o", "text");
    assert.equal(once.stdout, "one 1\none 2\none 3\n", "the same one twice is one");
  });

  it("is open to members of the admin group, who get what root gets", async () => {
    for (const args of [["nginx"], ["multi:prep", "multi:two", "-o", "json"]]) {
      const byRoot = await logs(...args);
      const byNobody = await runAsNobody(node, "logs", "-k", ...args);
      assert.equal(byNobody.code, 0, byNobody.stderr);
      assert.equal(byNobody.stdout, byRoot.stdout);
      assert.notEqual(byRoot.stdout, "");
    }
    const unknown = await runAsNobody(node, "logs", "-k", "ngnix");
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /Did you mean "nginx"\?/);
  });

  it("reads the files without the config where an agent runs, and with it where none does", async () => {
    const whole = await logs("nginx");
    const config = readFileSync(node.configPath, "utf8");
    try {
      writeFileSync(node.configPath, "machine: {pods: [");
      assert.deepEqual(await logs("nginx"), whole);
    } finally {
      writeFileSync(node.configPath, config);
    }
    const absent = ["--config", node.configPath, "--socket", join(node.directory, "absent.sock")];
    assert.deepEqual(await runPodstead(["logs", "-k", "nginx", ...absent]), whole);
  });

  it("says what is wrong with what it is asked for", async () => {
    const wrong: readonly (readonly [readonly string[], number, RegExp])[] = [
      [["nginx", "--tail", "-1"], 64, /--tail must be a whole number from 0.*"-1"/],
      [["nginx", "--since", "nonsense"], 64, /--since must be a time, current value is "nonsense"/],
      [["nginx", "--since", "2026-02-30"], 64, /--since must be .*"2026-02-30"/],
      [
        ["nginx", "--previous"],
        1,
        /There is no earlier attempt of "nginx"\n {2}There is attempt 0/,
      ],
      [["nginx", "--attempt", "7"], 1, /There is no attempt 7 of "nginx"/],
      [["nginx", "--previous", "--attempt", "1"], 64, /exclude each other/],
      [["nginx", "--grep", "("], 64, /Cannot use pattern "\("/],
      [["multi", "-c", "twoo"], 1, /No container "twoo".*\n {2}Did you mean "two"\?/],
      [["-l", "app=none"], 1, /labels app=none/],
      [[], 64, /Whose logs\?/],
    ];
    const outcomes = await Promise.all(wrong.map(([args]) => logs(...args)));
    for (const [index, { stdout, stderr, code }] of outcomes.entries()) {
      const [args, wanted, message] = wrong[index]!; // one outcome for each
      assert.equal(stdout, "", args.join(" "));
      assert.match(stderr, message);
      assert.equal(code, wanted, args.join(" "));
    }
  });

  it("does not let a reader that stops reading grow the agent", async () => {
    const rotated = openSync(join(logDirectory(node, "nginx"), "0.log.20260101-000000"), "w");
    const line = `2026-01-01T00:00:00.000000000Z stdout F ${"x".repeat(960)}\n`;
    for (let part = 0; part < 150; part += 1) writeSync(rotated, line.repeat(1024));
    closeSync(rotated);
    const rssBytes = () => residentBytes(node.agentPid);
    const body = JSON.stringify({
      references: ["nginx"],
      previous: false,
      follow: false,
      format: "text",
      color: false,
      selection: {},
    });
    // What its client has asked for once before is loaded and stays.
    await runAsNobody(node, "logs", "-k", "nginx", "--tail", "100000");
    const before = rssBytes();
    const reader = connect(node.socket);
    let received = 0;
    reader.on("data", (data) => {
      received += data.length;
      reader.pause();
    });
    reader.write(
      "POST /v1/logs HTTP/1.1\r\nHost: podstead\r\nContent-Type: application/json\r\n" +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    try {
      await eventually("the first lines", () => Promise.resolve(received > 0 || undefined));
      // As long as the agent takes to read all of it for a reader that reads.
      const { stdout } = await runAsNobody(
        node,
        "logs",
        "-k",
        "nginx",
        "-o",
        "json",
        "--tail",
        "3",
      );
      assert.equal(stdout.split("\n").length, 4);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const grownBytes = rssBytes() - before;
      assert.ok(grownBytes < 40 * 1024 * 1024, `grew by ${grownBytes} bytes`);
      assert.ok(received < 8 * 1024 * 1024, `${received} bytes were sent to one who does not read`);
    } finally {
      reader.destroy();
    }
  });
});
