/**
 * Nodes on a real etcd of three members: what becomes of a roll-out when each part fails. Three
 * nodes, each in a network of its own; `deno task test:fleet` tells the same story with twenty.
 */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { KV } from "../../mod/etcd/gen/etcd.ts";
import { deleteKey, enableAuth, type Etcd } from "../../mod/etcd/mod.ts";
import { fleetRoles, fleetUsers } from "../../mod/fleet/operator/mod.ts";
import { fleetKeys } from "../../mod/fleet/store/mod.ts";
import { skipReason, startContainerd, type TestContainerd } from "../support/containerd.ts";
import { commandsOf } from "../support/docs_commands.ts";
import { type Identity, TestEtcd, UNLESS_ETCD } from "../support/etcd.ts";
import { type CommandResult, eventually, TestNode } from "../support/node.ts";
import { TestNetwork } from "../support/test_network.ts";

/** How many nodes there are; at least three. */
const COUNT = Number(process.env.PODSTEAD_FLEET_NODES ?? 3);
/** Sorted, as the order of turns is. */
const NAMES = Array.from(
  { length: COUNT },
  (_, at) => `node-${String(at + 1).padStart(String(COUNT).length, "0")}`,
);
const [FIRST = "", SECOND = "", THIRD = ""] = NAMES;
/** A kubelet that polls often costs CPU, which many nodes of one machine have to share. */
const POLL = COUNT > 5 ? "2s" : "100ms";
/** Nor can many of them change at the same time. */
const AT_A_TIME = COUNT > 5 ? ["--max-unavailable", "3"] : [];
const QUICK = ["--poll-interval", POLL, "--time-factor", "0.3", "--api-port", "0"];
const KEYS = fleetKeys("/podstead/v1", "edge");

/** Longer than a slow machine takes for a roll-out: nothing here is measured. */
const LIMIT_MS = 60_000 * COUNT;

const reason = skipReason();
const skip = process.env.PODSTEAD_NO_SKIP === "1" ? false : reason ?? UNLESS_ETCD;

/**
 * From source, three agents and three kubelets are six Denos on two cores: a trial then goes back
 * because its kubelet asks too seldom. What each part does alone is seen there, and by unit tests.
 */
const FULL = {
  skip: process.env.PODSTEAD_E2E === "deno" ? "too many processes from source" : false,
};

const CUT = FULL.skip === false && !skip ? { skip: TestNetwork.skipReason() } : FULL;

describe("A fleet on etcd", { skip }, () => {
  let server: TestEtcd;
  let root: Identity;
  let etcd: Etcd;
  let network: TestNetwork;
  const containerds: TestContainerd[] = [];
  const nodes: TestNode[] = [];

  const node = (at: number): TestNode => {
    const found = nodes[at];
    assert.ok(found);
    return found;
  };
  const file = (name: string, text: string) => {
    const path = join(node(0).directory, name);
    writeFileSync(path, text);
    return path;
  };
  const podText = (script: string, image = "nginx:latest", name = "web") =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  hostNetwork: true\n` +
    `  terminationGracePeriodSeconds: 1\n  containers:\n    - name: c\n      image: ${image}\n` +
    `      imagePullPolicy: IfNotPresent\n      command: ["/bin/sh", "-c", ${
      JSON.stringify(script)
    }]\n`;
  let count = 0;
  /** A config that no node has yet. */
  const newConfig = () => file("fleet.yaml", podText(`sleep 1000 # ${count++}`));
  const apply = (path: string, ...flags: readonly string[]) =>
    node(0).podstead(
      ...["fleet", "rollout", "apply", "-f", path, "--yes", "--batches", "1,100%", ...AT_A_TIME],
      ...["--cert", join(node(0).directory, "operator.crt")],
      ...["--key", join(node(0).directory, "operator.key")],
      ...(flags.includes("--settle") ? [] : ["--settle", "1s", "--timeout", "5m"]),
      ...flags,
    );
  /** On trial until a person confirms it. */
  const SLOW = ["--settle", "50m", "--timeout", "60m", "--no-wait"];
  const said = ({ stdout, stderr }: CommandResult) =>
    `${stdout}${stderr}\n${nodes.map((one) => one.lastWords(15)).join("\n")}`;
  const rollout = async () => {
    const { stdout, stderr } = await node(0).podstead("fleet", "rollout", "status", "-o", "json");
    try {
      return JSON.parse(stdout);
    } catch {
      throw new Error(`${stdout}${stderr}`);
    }
  };
  const reaches = (what: string, wanted: Readonly<Record<string, string>>, state = "done") =>
    eventually(`${what}: ${state}`, async () => {
      const now = await rollout();
      if (now.state !== state) throw new Error(JSON.stringify(now));
      assert.deepEqual(now.states, wanted);
      return true;
    }, LIMIT_MS);
  const all = (state: string) => Object.fromEntries(NAMES.map((name) => [name, state]));
  const scriptOf = async (at: number) => {
    const { items } = JSON.parse(await served(at));
    const found = items.find(({ metadata }: { metadata: { name: string } }) =>
      metadata.name === "web"
    );
    return found?.spec.containers[0].command[2];
  };
  const served = async (at: number) => await node(at).served();
  const connection = async (at: number) => {
    const { stdout } = await node(at).podstead("fleet", "status", "-o", "json");
    return JSON.parse(stdout).node?.connection;
  };
  const connected = (at: number) =>
    eventually(
      `node ${at} takes part`,
      async () => await connection(at) === "connected" || undefined,
      LIMIT_MS,
    );

  async function makeNode(name: string, at: number): Promise<void> {
    const namespace = network.places[at]?.namespace;
    const containerd = await startContainerd({ namespace });
    containerds.push(containerd);
    const made = await TestNode.create(containerd, name, namespace);
    nodes.push(made);
    const directory = join(made.directory, "etcd");
    mkdirSync(directory);
    const { authority } = server;
    assert.ok(authority);
    const { cert, key } = await authority.issue(name);
    writeFileSync(join(directory, "ca.crt"), authority.cert);
    writeFileSync(join(directory, "node.crt"), cert);
    writeFileSync(join(directory, "node.key"), key, { mode: 0o600 });
    const write = () =>
      made.writePods(
        podText("sleep 1000", "nginx:latest", "own").replaceAll("\n", "\n  ").replace(/^/, "- ")
          .trimEnd(),
        `  fleet:\n    name: edge\n    endpoints: ${JSON.stringify(server.endpoints)}\n` +
          `    certificateAuthority: ${directory}/ca.crt\n` +
          `    clientCertificate: ${directory}/node.crt\n    clientKey: ${directory}/node.key\n` +
          `    labels: {role: web, place: "${name}"}\n`,
      );
    write();
    await made.startAgent();
    await made.startKubelet(QUICK);
    write();
    const { code, stdout, stderr } = await made.podstead("reload", "--wait=5m");
    assert.equal(code, 0, stdout + stderr);
  }

  before(async () => {
    network = TestNetwork.make(COUNT);
    server = await TestEtcd.start({ size: 3, tls: true, host: network.host });
    assert.ok(server.authority);
    root = await server.authority.issue("root");
    etcd = server.connect({ identity: root });
    await enableAuth(
      etcd,
      fleetUsers(fleetRoles("edge", KEYS), NAMES, ["podstead-operator"]),
    );
    for (const [at, name] of NAMES.entries()) await makeNode(name, at);
    const operator = await server.authority.issue("podstead-operator");
    file("operator.crt", operator.cert);
    file("operator.key", operator.key);
    for (const at of NAMES.keys()) await connected(at);
  });
  after(async () => {
    for (const one of nodes) await one.close();
    for (const containerd of containerds) await containerd.cleanUp();
    await server?.close();
    network?.close();
  });

  it("shows its members with labels and presence", async () => {
    const member = (name: string) => new RegExp(`^${name} +yes +1/1 .*role=web`, "m");
    await eventually("all are there", async () => {
      const { stdout } = await node(0).podstead("fleet", "members");
      return NAMES.every((name) => member(name).test(stdout)) || undefined;
    }, LIMIT_MS);
    const { stdout } = await node(0).podstead("fleet", "members", "-l", `place=${SECOND}`);
    assert.match(stdout, new RegExp(`^${SECOND} `, "m"));
    assert.doesNotMatch(stdout, new RegExp(`^${FIRST} `, "m"));
  });

  it("takes a good change to all nodes, batch by batch, into one file of its own", async () => {
    const result = await apply(newConfig());
    assert.equal(result.code, 0, said(result));
    assert.match(
      result.stdout,
      /batch 1 of 2[^]*node-0?1 ready[^]*batch 2 of 2[^]*node-\d+ ready[^]*rollout \S+ done\n$/,
    );
    await reaches("a good change", all("ready"));
    const wide = await node(1).podstead("get", "staticpods", "-o", "wide");
    assert.match(wide.stdout, /default-web .*pods\.d\/fleet-edge\.yaml/);
    const history = await node(1).podstead("history");
    assert.match(history.stdout, /rollout \d{8}-\d{6}-[0-9a-f]{4}/);
  });

  it("touches one node with a bad image, which is back by itself", async () => {
    const before = await Promise.all(NAMES.map((_, at) => scriptOf(at)));
    const lists = () => Promise.all(NAMES.slice(1).map((_, at) => served(at + 1)));
    const others = await lists();
    const result = await apply(file("bad.yaml", podText("sleep 1", "127.0.0.1:1/none:1")));
    assert.equal(result.code, 1, said(result));
    assert.match(result.stdout, /node-0?1 reverted: .*\n[^]*halted: the change failed on 1 node/);
    assert.deepEqual(await Promise.all(NAMES.map((_, at) => scriptOf(at))), before);
    assert.deepEqual(await lists(), others);
    const { states } = await rollout();
    assert.deepEqual(states, { ...all("pending"), [FIRST]: "reverted" });
    const status = await node(0).podstead("fleet", "status");
    assert.equal(status.code, 1);
  });

  it("refuses a Secret in the clear, a node config, and nodes that are none", async () => {
    const secret = file(
      "secret.yaml",
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hunter2}\n",
    );
    const refused = await apply(secret);
    assert.equal(refused.code, 78, said(refused));
    assert.match(refused.stderr, /The value of "password" is not sealed: who reads etcd/);
    assert.doesNotMatch(refused.stderr, /hunter2/);
    const config = await apply(file("node-config.yaml", "machine: {}\n"));
    assert.equal(config.code, 78);
    const nothing = await apply(file("nothing.yaml", "# all commented out\n"));
    assert.equal(nothing.code, 78);
    assert.match(nothing.stderr, /holds nothing but comments/);
    const unknown = await apply(newConfig(), "--only", "node-99");
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /No member of the fleet is named node-99/);
  });

  it("lets no node begin a roll-out: only an operator's certificate does", async () => {
    const args = ["fleet", "rollout", "apply", "-f", newConfig(), "--yes"];
    const refused = await node(1).podstead(...args);
    assert.equal(refused.code, 77, said(refused));
    assert.match(refused.stderr, /etcd refuses Txn: permission denied/);
  });

  it("lets the node's own file win, and says so", FULL, async () => {
    const own = join(node(2).directory, "pods.d/mine.yaml");
    writeFileSync(own, podText("sleep 1000 # mine"));
    const reload = await node(2).podstead("reload", "--wait=5m");
    assert.match(reload.stdout + reload.stderr, /declared by this node and by its fleet/);
    const result = await apply(newConfig());
    assert.equal(result.code, 0, said(result));
    assert.equal(await scriptOf(2), "sleep 1000 # mine");
    const { rmSync } = await import("node:fs");
    rmSync(own);
    await node(2).podstead("reload", "--wait=5m");
    await eventually(
      "the fleet's pod is back",
      async () => await scriptOf(2) === await scriptOf(0) || undefined,
      LIMIT_MS,
    );
  });

  it("refuses a second roll-out while one runs, and ends it by abort", FULL, async () => {
    // As long as a trial may take: a person ends it.
    const slow = await apply(newConfig(), ...SLOW);
    assert.equal(slow.code, 0, said(slow));
    await eventually(
      "node-1 tries it",
      async () => (await rollout()).states[FIRST] === "updating" || undefined,
      LIMIT_MS,
    );
    const second = await apply(newConfig());
    assert.equal(second.code, 1);
    assert.match(second.stderr, /The roll-out \S+ is running/);
    const abort = await node(1).podstead("fleet", "rollout", "abort");
    assert.equal(abort.code, 0, said(abort));
    await eventually("the trial runs", async () => {
      const { code } = await node(0).podstead("confirm");
      return code === 0 || undefined;
    }, LIMIT_MS);
    await reaches("aborted", { ...all("pending"), [FIRST]: "ready" }, "aborted");
    const history = await node(0).podstead("fleet", "rollout", "history");
    assert.match(history.stdout, new RegExp(`aborted +${COUNT - 1} pending, 1 ready`));
  });

  it("lets no further node begin while it is paused", FULL, async () => {
    const slow = await apply(newConfig(), ...SLOW);
    assert.equal(slow.code, 0, said(slow));
    const pause = await node(1).podstead("fleet", "rollout", "pause", "-m", "look first");
    assert.equal(pause.code, 0, said(pause));
    const confirm = (at: number) =>
      eventually(`node ${at} tries it`, async () => {
        return (await node(at).podstead("confirm")).code === 0 || undefined;
      }, LIMIT_MS);
    const isIn = async () => (await rollout()).states[FIRST] === "updating";
    // It may have been paused before the first node began.
    if (await isIn()) await confirm(0);
    const wanted = async () => {
      const { states } = await rollout();
      return states[FIRST] !== "updating" ? states : undefined;
    };
    const states = await eventually("the first node has ended", wanted, LIMIT_MS);
    const first = states[FIRST];
    await reaches("paused", { ...all("pending"), [FIRST]: first }, "paused");
    const status = await node(0).podstead("fleet", "rollout", "status");
    assert.match(status.stdout, /paused: look first/);
    const second = await apply(newConfig());
    assert.equal(second.code, 1);
    const resume = await node(2).podstead("fleet", "rollout", "resume");
    assert.equal(resume.code, 0, said(resume));
    for (const [at, name] of NAMES.entries()) {
      if (states[name] !== "ready") await confirm(at);
    }
    await reaches("resumed", all("ready"));
  });

  it("skips a node that is not there, which takes it when it is back", FULL, async () => {
    await node(2).signalAgent("SIGKILL", true);
    // As the end of its lease does, which a test need not wait for.
    await etcd.txn([], [deleteKey({ key: KEYS.alive(THIRD) })]);
    const result = await apply(newConfig());
    assert.equal(result.code, 0, said(result));
    assert.match(result.stdout, new RegExp(`skipped, not there: ${THIRD}`));
    await reaches("skipped", { ...all("ready"), [THIRD]: "skipped" });
    await node(2).startAgent();
    await reaches("back", all("ready"));
    assert.equal(await scriptOf(2), await scriptOf(0));
  });

  it("finishes a turn whose agent is killed in the middle", FULL, async () => {
    const slow = await apply(newConfig(), ...SLOW);
    assert.equal(slow.code, 0, said(slow));
    await eventually("the trial runs", async () => {
      const { stdout } = await node(0).podstead("fleet", "status", "-o", "json");
      const { stdout: trial } = await node(0).podstead("history", "-o", "json");
      return JSON.parse(stdout).node.turn?.end === undefined &&
          /rollout /.test(JSON.parse(trial).items[0].trigger) || undefined;
    }, LIMIT_MS);
    await node(0).signalAgent("SIGKILL", true);
    await node(0).startAgent();
    await eventually("the trial goes on after the start", async () => {
      const { code } = await node(0).podstead("confirm");
      return code === 0 || undefined;
    }, LIMIT_MS);
    await eventually(
      "node-1 is ready",
      async () => (await rollout()).states[FIRST] === "ready" || undefined,
      LIMIT_MS,
    );
    for (const at of NAMES.keys()) {
      if (at === 0) continue;
      await eventually(`node ${at} tries it`, async () => {
        const { code } = await node(at).podstead("confirm");
        return code === 0 || undefined;
      }, LIMIT_MS);
    }
    await reaches("done", all("ready"));
  });

  it("halts when a node dies in its turn, which goes back when it is started", FULL, async () => {
    // A trial that a person has kept may be replacing its pod still.
    const before = await eventually("all nodes serve the last change", async () => {
      const scripts = await Promise.all(NAMES.map((_, at) => scriptOf(at)));
      return new Set(scripts).size === 1 ? scripts[0] : undefined;
    }, LIMIT_MS);
    const others = await Promise.all(NAMES.slice(1).map((_, at) => served(at + 1)));
    const never = `${podText("sleep 1000 # never ready")}      readinessProbe: {exec: {command: [` +
      `"false"]}}\n`;
    const flags = ["--settle", "1s", "--timeout", "45s", "--no-wait"];
    const result = await apply(file("never.yaml", never), ...flags);
    assert.equal(result.code, 0, said(result));
    await eventually("the change is on the first node", async () => {
      return await scriptOf(0) === "sleep 1000 # never ready" || undefined;
    }, LIMIT_MS);
    await node(0).signalAgent("SIGKILL", true);
    try {
      // Its slot stays taken until nobody can hope for it any more.
      await reaches("it fell silent", { ...all("pending"), [FIRST]: "failed" }, "halted");
      const after = await Promise.all(NAMES.slice(1).map((_, at) => served(at + 1)));
      assert.deepEqual(after, others, "no other node was touched");
    } finally {
      await node(0).startAgent();
    }
    await reaches("it is back", { ...all("pending"), [FIRST]: "reverted" }, "halted");
    await eventually("it serves what it had", async () => {
      return await scriptOf(0) === before || undefined;
    }, LIMIT_MS);
  });

  it("finishes a turn on a node that is cut off, and tells of it later", CUT, async () => {
    const only = ["--only", THIRD, ...SLOW];
    const slow = await apply(newConfig(), ...only);
    assert.equal(slow.code, 0, said(slow));
    await eventually("the trial runs", async () => {
      const { stdout } = await node(2).podstead("history", "-o", "json");
      return JSON.parse(stdout).items[0].trigger === `rollout ${(await rollout()).spec.id}` ||
        undefined;
    }, LIMIT_MS);
    network.cut(2);
    try {
      await eventually("the node knows it", async () => {
        return await connection(2) === "lost" || undefined;
      }, LIMIT_MS);
      await eventually("a person ends its trial", async () => {
        return (await node(2).podstead("confirm")).code === 0 || undefined;
      }, LIMIT_MS);
      await eventually("its turn has ended", async () => {
        const { stdout } = await node(2).podstead("fleet", "status");
        return /turn +\S+: ready \(etcd does not know yet\)/.test(stdout) || undefined;
      }, LIMIT_MS);
      assert.deepEqual((await rollout()).states, { [THIRD]: "updating" });
    } finally {
      network.heal(2);
    }
    await reaches("told later", { [THIRD]: "ready" });
    // All nodes have one config again.
    assert.equal((await apply(newConfig())).code, 0);
  });

  it("goes on when the leader is killed", FULL, async () => {
    const leader = await server.leader();
    const running = apply(newConfig());
    await leader.kill();
    const result = await running;
    // The command itself may have met the change of leaders; the nodes have not.
    if (result.code !== 69) assert.equal(result.code, 0, said(result));
    else assert.equal((await apply(newConfig())).code, 0);
    await reaches("without a leader", all("ready"));
    leader.start();
  });

  it("changes nothing without a quorum, and goes on when it is back", FULL, async () => {
    await server.ready(root);
    const before = await Promise.all(NAMES.map((_, at) => served(at)));
    await server.members[0]?.kill();
    await server.members[1]?.kill();
    await eventually("the nodes know it", async () => {
      for (const at of NAMES.keys()) if (await connection(at) !== "lost") return undefined;
      return true;
    }, LIMIT_MS);
    const status = await node(1).podstead("fleet", "status");
    assert.equal(status.code, 69, said(status));
    assert.match(status.stdout, /cannot reach etcd; its pods are not affected/);
    assert.match(status.stdout, /fleet +Unknown since \d{4}-/);
    assert.deepEqual(await Promise.all(NAMES.map((_, at) => served(at))), before);
    // The node itself is changed as ever.
    const own = await node(1).podstead(
      ...["apply", "-f", file("local.yaml", podText("sleep 1000", "nginx:latest", "local"))],
      "--wait=5m",
    );
    assert.equal(own.code, 0, said(own));
    assert.equal((await node(1).podstead("health", "--wait=5m")).code, 0);
    server.members[0]?.start();
    server.members[1]?.start();
    await server.ready(root);
    for (const at of NAMES.keys()) await connected(at);
    const result = await apply(newConfig());
    assert.equal(result.code, 0, said(result));
    await reaches("with a quorum again", all("ready"));
  });

  it("catches up over a compaction", FULL, async () => {
    await node(2).signalAgent("SIGSTOP");
    try {
      const result = await apply(newConfig(), "--no-wait");
      assert.equal(result.code, 0, said(result));
      await eventually("the others have it", async () => {
        const { states } = await rollout();
        return NAMES.every((name) => name === THIRD || states[name] === "ready") || undefined;
      }, LIMIT_MS);
      const { revision } = await etcd.read({ key: KEYS.current });
      await etcd.call(KV.method.compact, { revision, physical: true });
    } finally {
      await node(2).signalAgent("SIGCONT");
    }
    await reaches("after the compaction", all("ready"));
  });

  it("does what docs/fleet.md says of a fleet, line by line", FULL, async () => {
    const out = join(node(0).directory, "edge");
    const authority = server.authority;
    assert.ok(authority);
    // What the nodes have already: the page is about commands, not about a change.
    const web = file("web.yaml", readFileSync(join(node(0).directory, "fleet.yaml"), "utf8"));
    const inPlace = (word: string) =>
      word === "web.yaml"
        ? web
        : word.replace("https://10.0.0.1:2379", server.endpoints[0] ?? "").replace(
          /^\.\/edge$/,
          out,
        )
          .replace(/^edge\//, `${out}/`);
    const commands = commandsOf("docs/fleet.md", { after: "Fleets on etcd" });
    assert.deepEqual(
      commands.map(([, , command = ""]) => command),
      [
        ...["init", "auth", "members", "status", "rollout", "rollout", "rollout"],
        ...["leave", "join", "remove"],
      ],
    );
    for (const [program, ...words] of commands) {
      assert.equal(program, "podstead");
      const asks = words.includes("auth") || words.includes("apply") || words.includes("remove");
      const { code, stdout, stderr } = await node(0).podstead(
        ...words.map(inPlace),
        ...(asks ? ["--yes"] : []),
      );
      const isUnknown = words.includes("remove"); // this fleet has no such node
      assert.equal(code, isUnknown ? 1 : 0, `${words.join(" ")}\n${stdout}${stderr}`);
      if (!words.includes("init")) continue;
      // Its authority is another one than that of the etcd which runs here.
      writeFileSync(join(out, "ca.crt"), authority.cert);
      const names = { root: "root", operator: "podstead-operator" };
      for (const [name, commonName] of Object.entries(names)) {
        const { cert, key } = await authority.issue(commonName);
        writeFileSync(join(out, `${name}.crt`), cert);
        writeFileSync(join(out, `${name}.key`), key);
      }
    }
    await connected(0);
  });

  it("leaves a node alone that a person has taken out", FULL, async () => {
    const left = await node(2).podstead("fleet", "leave", "--yes");
    assert.equal(left.code, 0, said(left));
    assert.match(left.stdout, /was taken out of the fleet; its pods stay/);
    const before = await scriptOf(2);
    const result = await apply(newConfig());
    assert.equal(result.code, 0, said(result));
    assert.equal(await scriptOf(2), before);
    const { [THIRD]: _, ...others } = all("ready");
    await reaches("without the third node", others);
    // Its name went with it; a node that did not say so is removed by an operator.
    const remove = (at: number, ...flags: readonly string[]) =>
      node(at).podstead("fleet", "remove", SECOND, "--yes", ...flags);
    assert.equal((await remove(0)).code, 77, "a node speaks for no other");
    const operator = ["operator.crt", "operator.key"].map((name) => join(node(0).directory, name));
    const [cert = "", key = ""] = operator;
    const there = await remove(0, "--cert", cert, "--key", key);
    assert.equal(there.code, 1);
    assert.match(there.stderr, /is there: take it out on the node itself/);
    await node(1).signalAgent("SIGKILL", true);
    await etcd.txn([], [deleteKey({ key: KEYS.alive(SECOND) })]);
    const removed = await remove(0, "--cert", cert, "--key", key);
    assert.equal(removed.code, 0, said(removed));
    const members = await node(0).podstead("fleet", "members", "-o", "json");
    const { items }: { readonly items: readonly { name: string; member?: unknown }[] } = JSON.parse(
      members.stdout,
    );
    assert.equal(items.find(({ name }) => name === SECOND)?.member, undefined, members.stdout);
    await node(1).startAgent();
    await connected(1);
    assert.equal((await node(2).podstead("fleet", "join")).code, 0);
    await connected(2);
  });

  it(
    "stops at an etcd that was restored from a backup, until a person says that it counts",
    FULL,
    async () => {
      const backup = await server.backup(root);
      const later = await apply(newConfig(), "-l", "role=web");
      assert.equal(later.code, 0, said(later));
      const before = await Promise.all(NAMES.map((_, at) => served(at)));
      await server.restore(backup);
      await server.ready(root);
      for (const at of NAMES.keys()) {
        await eventually(
          `node ${at} stops`,
          async () => await connection(at) === "stopped" || undefined,
          LIMIT_MS,
        );
      }
      const status = await node(0).podstead("fleet", "status");
      assert.match(status.stdout, /etcd was restored or replaced: its cluster ID is/);
      assert.deepEqual(await Promise.all(NAMES.map((_, at) => served(at))), before);
      const result = await apply(newConfig(), "--after-restore");
      assert.equal(result.code, 0, said(result));
      for (const at of NAMES.keys()) await connected(at);
      assert.equal(await scriptOf(2), await scriptOf(0));
      assert.match(readFileSync(join(node(0).directory, "pods.d/fleet-edge.yaml"), "utf8"), /^# W/);
    },
  );
});
