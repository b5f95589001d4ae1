/** Many nodes over real ssh: the same words for all of them, and roll-outs that stop. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import process from "node:process";
import { buildInfo } from "../../mod/os/mod.ts";
import { skipReason } from "../support/containerd.ts";
import { commandsOf } from "../support/docs_commands.ts";
import { eventually, runPodstead } from "../support/node.ts";
import { SshLab, sshSkipReason } from "../support/ssh_lab.ts";
import { SeveralNodes } from "./several_nodes.ts";

const FROM_SOURCE = process.env.PODSTEAD_E2E === "deno";

/** Names of nodes; the agents behind them are three. From source each is a large process to start. */
const TWENTY = Array.from({ length: FROM_SOURCE ? 8 : 20 }, (_, at) => `n${at + 1}`);
const DEAD = "n7";

const reason = skipReason() ?? sshSkipReason();
const skip = reason !== undefined && process.env.PODSTEAD_NO_SKIP !== "1";

describe(skip ? `podstead on many nodes (skipped: ${reason})` : "podstead on many nodes", {
  skip,
}, () => {
  const several = new SeveralNodes();
  const { nodes } = several;
  let lab: SshLab;

  const podstead = (...args: readonly string[]) => runPodstead(args, { env: lab.env });
  const file = (name: string, text: string) => {
    const path = join(nodes[0]?.directory ?? "", name);
    writeFileSync(path, text);
    return path;
  };
  /** @param gate a directory; the pod is ready once there is a file "open" in it */
  const podFile = (name: string, image: string, gate?: string) =>
    file(
      `${name}.yaml`,
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  hostNetwork: true\n` +
        `  terminationGracePeriodSeconds: 1\n` +
        (gate === undefined ? "" : `  volumes: [{name: gate, hostPath: {path: ${gate}}}]\n`) +
        `  containers:\n    - name: ${name}\n      image: ${image}\n` +
        `      imagePullPolicy: IfNotPresent\n` +
        `      command: ["/bin/sh", "-c", "sleep 1000"]\n` +
        (gate === undefined ? "" : `      volumeMounts: [{name: gate, mountPath: /gate}]\n` +
          `      readinessProbe: {periodSeconds: 1, exec: {command: [test, -f, /gate/open]}}\n`),
    );
  /** The environment in which "silent" is a node at this port. */
  const withSilent = (port: number, connectTimeout: string) => {
    const directory = join(nodes[0]?.directory ?? "", `silent-${port}/podstead`);
    mkdirSync(directory, { recursive: true });
    const node = { name: "silent", ssh: `ssh://127.0.0.1:${port}` };
    writeFileSync(
      join(directory, "nodes.yaml"),
      JSON.stringify({ connectTimeout, contexts: { x: { nodes: [node] } } }),
    );
    return { ...lab.env, XDG_CONFIG_HOME: dirname(directory) };
  };
  const revisions = async () => {
    const { stdout } = await podstead("-N", "a,b,c", "history", "-o", "json");
    const { items } = JSON.parse(stdout);
    return Object.fromEntries(["a", "b", "c"].map((name) => [
      name,
      items.filter(({ node }: { node: string }) => node === name)
        .map(({ number, trigger }: { number: number; trigger: string }) => ({ number, trigger })),
    ]));
  };
  const rollout = async (...args: readonly string[]) =>
    JSON.parse((await podstead("rollout", "status", ...args, "-o", "json")).stdout);

  before(async () => {
    await several.start(3);
    lab = several.lab;
    lab.name({
      ...Object.fromEntries(TWENTY.map((name, number) => [
        name,
        name === DEAD ? "dead" as const : number % 3,
      ])),
      ...{ a: 0, b: 1, c: 2, "edge-1": 0, "edge-2": 1, "edge-3": 2 },
    });
  });
  after(() => several.close());

  it("shows all of twenty nodes but the dead one, and one line about that", async () => {
    const { code, stdout, stderr } = await podstead("get", "staticpods", "-N", TWENTY.join(","));
    assert.equal(code, 1);
    const [header, ...rows] = stdout.trimEnd().split("\n");
    assert.match(header ?? "", /^NODE +NAMESPACE +TYPE +ID +VERSION$/);
    assert.deepEqual(
      rows.map((row) => row.split(/ +/)[0]),
      TWENTY.filter((name) => name !== DEAD),
      "in the order of the nodes",
    );
    assert.match(stderr, /^error from node n7: Not reachable: .*refused\n$/);
  });

  it("gives every item its node, and the dead one its error, as JSON", async () => {
    await eventually("a is well", async () => {
      const { code, stdout } = await podstead("-N", `a,${DEAD},c`, "health", "-o", "json");
      assert.equal(code, 1);
      const { items } = JSON.parse(stdout);
      assert.deepEqual(items.map(({ node }: { node: string }) => node), ["a", DEAD, "c"]);
      assert.equal(items[0].state, "well");
      assert.equal(items[1].error.code, "agent-unreachable");
      return true;
    });
  });

  it("ends with 69 if no node can be reached, and refuses what is not for nodes", async () => {
    assert.equal((await podstead("-N", DEAD, "health")).code, 69);
    const { code, stderr } = await podstead("-N", "a", "validate", "x.yaml");
    assert.equal(code, 64);
    assert.match(stderr, /--nodes is not for this command/);
    const talos = await podstead("-n", "a", "get", "staticpods");
    assert.equal(talos.code, 64);
    assert.match(talos.stderr, /-n is the namespace.*\n.*-N/);
  });

  it("fetches an archive of each node for who helps, and writes nothing there", async () => {
    const directory = join(nodes[0]?.directory ?? "", "archives");
    mkdirSync(directory);
    const { code, stdout, stderr } = await podstead("support", "-N", "a,b", "-o", directory);
    assert.equal(code, 0, stderr);
    const paths = [...stdout.matchAll(/^\w+: +(\S+\.tar\.gz): /gm)].map(([, path = ""]) => path);
    assert.equal(paths.length, 2, stdout);
    for (const path of paths) {
      const names = execFileSync("tar", ["tzf", path], { encoding: "utf8" });
      assert.match(names, /\/README\.txt$/m);
      assert.match(names, /\/overview\.json$/m);
    }
    const file = await podstead("support", "-N", "a", "-o", join(directory, "one.tar.gz"));
    assert.deepEqual([file.code, /must be a directory/.test(file.stderr)], [64, true]);
  });

  it("lets a node that nothing answers for hold up no other", async () => {
    const others = TWENTY.filter((name) => name !== DEAD);
    const before = lab.dials;
    await using silent = await listen();
    const target = `ssh://127.0.0.1:${silent.port}`;
    const asked = lab.startPodstead("-N", [target, ...others].join(","), "get", "sp");
    // It is waited for until the limit, which is minutes here: the others have answered long before.
    await eventually(
      "each of the others is connected to",
      () => Promise.resolve(lab.dials - before === others.length ? true : undefined),
    );
    await lab.endSsh(target);
    assert.equal(await asked.ended, 1, asked.stderr);
    assert.deepEqual(asked.lines.slice(1).map((row) => row.split(/ +/)[0]), others);
    assert.match(asked.stderr, /^error from node ssh:\S+: Not reachable: .*\n$/);
  });

  it("gives a node up that accepts connections and says nothing", async () => {
    await using silent = await listen();
    const env = withSilent(silent.port, "1s");
    const { code, stderr } = await runPodstead(["-N", "all", "health"], { env });
    assert.equal(code, 69);
    assert.match(stderr, /^error from node silent: Not reachable: .*timed out/);
  });

  it("says once for all nodes what is wrong with what was given", async () => {
    const { code, stderr } = await podstead("-N", "a,b", "apply", "-f", "/none.yaml");
    assert.equal(code, 78);
    assert.match(stderr, /^error from node a: Nothing was changed/m);
    assert.match(stderr, /^error from node b: Nothing was changed/m);
    assert.equal(stderr.match(/\/none\.yaml: error: There is no such file/g)?.length, 1, stderr);
  });

  it("gives the version of each node", async () => {
    const { code, stdout } = await podstead("-N", `a,${DEAD},b`, "version", "-o", "json");
    assert.equal(code, 1);
    const { items } = JSON.parse(stdout);
    assert.deepEqual(
      items.map(({ node, version }: { node: string; version?: string }) => [node, version]),
      [["a", buildInfo().version], [DEAD, undefined], ["b", buildInfo().version]],
    );
    // Asked of the node itself, which is in no fleet.
    const fleet = await podstead("-N", "a", "fleet", "status");
    assert.match(fleet.stderr, /^error from node a: There is no fleet here/);
  });

  it("checks what each node allows", async () => {
    const { code, stdout } = await podstead("nodes", "check", "a", "b", DEAD, "-o", "json");
    assert.equal(code, 1);
    const { items } = JSON.parse(stdout);
    assert.deepEqual(
      items.map(({ state, access }: { state: string; access?: string }) => [state, access]),
      [["ok", "admin"], ["ok", "admin"], ["failed", undefined]],
    );
  });

  it("reads the logs of all nodes as one, and follows them", async () => {
    const { lines, stdout } = await eventually("each has said all of its lines", async () => {
      const { code, stdout, stderr } = await podstead("-N", "a,b,c", "logs", "-k", "web");
      assert.equal(code, 0, stderr);
      const lines = stdout.trimEnd().split("\n");
      return lines.length >= 12 ? { lines, stdout } : undefined;
    });
    const times = lines.map((line) => Date.parse(/\d{4}-\d\d-\d\dT\S+/.exec(line)?.[0] ?? ""));
    assert.equal(lines.length, 12, stdout);
    assert.deepEqual(times, times.toSorted((one, other) => one - other));
    for (const name of ["a", "b", "c"]) {
      assert.equal(lines.filter((line) => line.startsWith(`${name}: 2`)).length, 4, stdout);
    }
    const following = lab.startPodstead("-N", "a,b", "logs", "-k", "web", "-f", "-o", "text");
    await eventually(
      "both nodes' lines are there",
      () => Promise.resolve(following.lines.length >= 8 ? true : undefined),
    );
    process.kill(following.pid, "SIGINT");
    assert.equal(await following.ended, 0, following.stderr);
    assert.match(following.stdout, /^b: .* nginx\/1\.21\.6$/m);
  });

  it("shows what nodes tell while another one does not answer yet", async () => {
    await using silent = await listen();
    // The test ends long before the limit: what it sees came without waiting for it.
    const env = withSilent(silent.port, "1h");
    const streams = [
      ["logs", "-k", "web", "-f"],
      ["events", "-f"],
      ["events", "-f", "-o", "json"],
      ["get", "staticpods", "-w"],
    ];
    await Promise.all(streams.map(async (args) => {
      const following = lab.startPodsteadIn(env, "-N", "a,silent,b", ...args);
      await eventually(`${args.join(" ")} of a and b`, () => {
        const of = (name: string) => new RegExp(`^(\\{"node":")?${name}[": ]`, "m");
        const both = of("a").test(following.stdout) && of("b").test(following.stdout);
        return Promise.resolve(both ? true : undefined);
      });
      process.kill(following.pid, "SIGINT");
      assert.equal(await following.ended, 0, following.stderr);
      assert.equal(following.stderr, "");
    }));
  });

  it("runs a command in a container of one node, with its streams connected too", async () => {
    const ran = await podstead("-N", "b", "exec", "web", "--", "echo", "hello");
    assert.deepEqual([ran.code, ran.stdout], [0, "hello\n"], ran.stderr);
    const session = await podstead(
      "-N",
      "a",
      "exec",
      "-t",
      "web",
      "--",
      "sh",
      "-c",
      "exit 7",
    );
    assert.equal(session.code, 7, session.stderr);
    const two = await podstead("-N", "a,b", "exec", "web", "--", "true");
    assert.equal(two.code, 64);
    assert.match(two.stderr, /one node at a time/);
  });

  it("follows events of all nodes, and ends when it is interrupted", async () => {
    const following = lab.startPodstead("-N", "a,b,c", "events", "-f");
    const seen = (text: RegExp) =>
      eventually(
        String(text),
        () => Promise.resolve(text.test(following.stdout) ? true : undefined),
      );
    await seen(/^a .*ready/m);
    await podstead("-N", "c", "reload");
    await seen(/^c .*audit.*reload/m);
    process.kill(following.pid, "SIGINT");
    assert.equal(await following.ended, 0, following.stderr);
  });

  it("ends quietly when the reader of a stream has gone", async () => {
    const following = lab.startPodstead("-N", "a,b", "events", "-f");
    await eventually(
      "there are events",
      () => Promise.resolve(following.lines.length > 2 ? true : undefined),
    );
    following.closeOutput();
    let reloads = 0;
    const ended = following.ended.then((code) => ({ code }));
    // Each is an event: sooner or later one finds the reader gone.
    while (
      await Promise.race([ended, podstead("-N", "a", "reload").then(() => undefined)]) === undefined
    ) {
      assert.ok((reloads += 1) < 100, "it does not end");
    }
    assert.deepEqual(await ended, { code: 0 });
    assert.equal(following.stderr, "");
  });

  it("brings a good change to every node in batches, one of them alone first", async () => {
    const given = podFile("extra", "nginx:latest");
    const plan = await podstead("rollout", "apply", "-f", given, "-N", "a,b,c", "--dry-run");
    assert.equal(plan.code, 0, plan.stderr);
    assert.match(plan.stdout, /pod\/extra created/);
    const { code, stdout, stderr } = await podstead(
      ...["rollout", "apply", "-f", given, "-N", `a,${DEAD},b,c`, "--batches", "1,100%"],
      ...["--settle", "1s", "--timeout", "5m", "-m", "more"],
    );
    assert.equal(code, 1, "one is skipped");
    assert.match(stderr, /^a: ready\n[^]*^b: updating/m, stdout + stderr);
    const { state, items, id } = await rollout();
    assert.equal(state, "done");
    assert.deepEqual(
      items.map(({ node, state }: { node: string; state: string }) => [node, state]),
      [["a", "ready"], [DEAD, "skipped"], ["b", "ready"], ["c", "ready"]],
    );
    for (const [name, [newest]] of Object.entries(await revisions())) {
      assert.equal(newest?.trigger, `rollout ${id}`, name);
    }
  });

  it("touches one node with a bad image, which is back by itself", async () => {
    const before = await revisions();
    const given = podFile("extra", "127.0.0.1:1/none:1");
    const { code, stderr } = await podstead(
      ...["rollout", "apply", "-f", given, "-N", "a,b,c", "--batches", "1,100%"],
      ...["--settle", "1s", "--timeout", "5m"],
    );
    assert.equal(code, 1);
    assert.match(stderr, /^a: reverted: .*extra.*\n.*is halted: the change failed on 1 node/m);
    const { state, counts } = await rollout();
    assert.equal(state, "halted");
    assert.deepEqual([counts.reverted, counts.pending, counts.updating], [1, 2, 0]);
    const later = await revisions();
    assert.deepEqual([later.b, later.c], [before.b, before.c], "the others were not touched");
    assert.deepEqual(later.a, before.a, "a pod that cannot be pulled was never served");
    const { stdout } = await podstead("-N", "a,b,c", "get", "sp", "-o", "json");
    assert.doesNotMatch(stdout, /127\.0\.0\.1:1/);
    assert.equal((await podstead("-N", "a,b,c", "diff")).code, 0, "its files are back");
    const history = await podstead("rollout", "history");
    assert.match(history.stdout, /halted +3 +0 +1/);
  });

  it("is resumed after its command was killed, and changes no node twice", async () => {
    const newest = (await revisions()).a?.[0]?.number;
    const gate = join(nodes[0]?.directory ?? "", "gate");
    mkdirSync(gate);
    const given = podFile("extra", "nginx:latest", gate);
    const driven = lab.startPodstead(
      ...["rollout", "apply", "-f", given, "-N", "a,b,c", "--batches", "1"],
      ...["--settle", "1s", "--timeout", "10m"],
    );
    await eventually(
      "the change is on the first node",
      async () => (await revisions()).a?.[0]?.number > newest ? true : undefined,
      120_000,
    );
    driven.stop();
    await driven.ended;
    const left = await rollout();
    assert.deepEqual([left.state, left.driven], ["running", false]);
    assert.equal(left.items[0].state, "updating");
    writeFileSync(join(gate, "open"), "");
    const { code, stderr } = await podstead("rollout", "resume", left.id);
    assert.equal(code, 0, stderr);
    const { state, items } = await rollout(left.id);
    assert.equal(state, "done");
    assert.deepEqual(items.map(({ state }: { state: string }) => state), [
      "ready",
      "ready",
      "ready",
    ]);
    for (const [name, all] of Object.entries(await revisions())) {
      const own = all.filter(({ trigger }: { trigger: string }) =>
        trigger === `rollout ${left.id}`
      );
      assert.equal(own.length, 1, `${name} was changed once`);
    }
  });

  it("is paused and aborted from another terminal, and alone on its nodes", async () => {
    const newest = (await revisions()).a?.[0]?.number;
    const gate = join(nodes[0]?.directory ?? "", "gate-2");
    mkdirSync(gate);
    const given = podFile("second", "nginx:latest", gate);
    const args = ["rollout", "apply", "-f", given, "--settle", "1s", "--timeout", "10m"];
    const driven = lab.startPodstead(...args, "-N", "a,b,c", "--batches", "1");
    await eventually(
      "the change is on the first node",
      async () => (await revisions()).a?.[0]?.number > newest ? true : undefined,
      120_000,
    );
    const other = await podstead(...args, "-N", "c");
    assert.equal(other.code, 1);
    assert.match(other.stderr, /The roll-out \S+ is changing "c" now/);
    const paused = await podstead("rollout", "pause");
    assert.equal(paused.code, 0, paused.stderr);
    // A node that has begun comes to its end.
    writeFileSync(join(gate, "open"), "");
    assert.equal(await driven.ended, 1, driven.stderr);
    assert.match(driven.stderr, /Continue: podstead rollout resume/);
    const { state, counts, id } = await rollout();
    assert.deepEqual([state, counts.ready, counts.pending], ["paused", 1, 2]);
    const aborted = await podstead("rollout", "abort", id);
    assert.equal(aborted.code, 0, aborted.stderr);
    assert.equal((await rollout(id)).state, "aborted");
    const again = await podstead("rollout", "resume", id);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /Cannot resume a roll-out that is aborted\n {2}Start a new one/);
    const later = await revisions();
    assert.equal(later.a?.[0]?.trigger, `rollout ${id}`, "it keeps what it has");
    assert.notEqual(later.b?.[0]?.trigger, `rollout ${id}`);
  });

  it("does what docs/fleet.md says, line by line", { skip: FROM_SOURCE }, async () => {
    const directory = join(nodes[0]?.directory ?? "", "docs/podstead");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "nodes.yaml"), "connectTimeout: 5m # slow machines\n");
    const env = { ...lab.env, XDG_CONFIG_HOME: dirname(directory) };
    const web = podFile("web", "nginx:latest");
    const lines = commandsOf("docs/fleet.md", { before: "Fleets on etcd" });
    assert.ok(lines.length > 15, "the page has commands");
    for (const [program, ...words] of lines) {
      assert.equal(program, "podstead");
      const args = words.map((word) => word === "web.yaml" ? web : word);
      const { code, stdout, stderr } = await runPodstead(args, { env });
      assert.equal(code, 0, `${words.join(" ")}\n${stdout}${stderr}`);
    }
  });
});

/** A port that accepts connections. */
async function listen(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port was given");
  return {
    port: address.port,
    [Symbol.asyncDispose]: () => {
      server.close();
      return Promise.resolve();
    },
  };
}
