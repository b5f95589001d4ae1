/** `podstead fleet init` and `fleet auth`: what they write makes a real etcd of three members. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parse } from "yaml";
import { systemClock } from "../../mod/core/mod.ts";
import { connectEtcd, putKey } from "../../mod/etcd/mod.ts";
import { fleetKeys } from "../../mod/fleet/store/mod.ts";
import { UNLESS_ETCD } from "../support/etcd.ts";
import { eventually, freePorts, runPodstead } from "../support/node.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

/** Three addresses of one machine. */
const MEMBERS = { a: "127.0.0.1", b: "127.0.0.2", c: "127.0.0.3" };

describe("podstead fleet init", { skip: UNLESS_ETCD }, () => {
  let temp: TempDir;
  let ports: readonly number[];
  const etcds: ChildProcess[] = [];
  const path = (...parts: readonly string[]) => join(temp.path, "out", ...parts);
  const on = Object.entries(MEMBERS).map(([name, address]) => `${name}=${address}`).join(",");
  const init = (...flags: readonly string[]) =>
    runPodstead([
      ...["fleet", "init", "--fleet", "edge", "--on", on, "--out", path()],
      ...["--client-port", `${ports[0]}`, "--peer-port", `${ports[1]}`, ...flags],
    ]);
  const endpoints = () => Object.values(MEMBERS).map((address) => `https://${address}:${ports[0]}`);
  const place = (cert: string) => [
    ...["--fleet", "edge", "--ca", path("ca.crt")],
    ...["--cert", path(`${cert}.crt`), "--key", path(`${cert}.key`)],
    ...endpoints().flatMap((endpoint) => ["--endpoint", endpoint]),
  ];

  before(async () => {
    temp = await makeTempDir("fleet-init");
    ports = await freePorts(2);
  });
  after(async () => {
    for (const etcd of etcds) etcd.kill("SIGKILL");
    await temp.remove();
  });

  it("writes pods that the kubelet takes, and keys for their owner alone", async () => {
    const { code, stdout, stderr } = await init("--member", "node-1", "--member", "node-2");
    assert.equal(code, 0, stdout + stderr);
    assert.match(stderr, /podstead fleet auth --fleet edge --endpoint https:\/\/127\.0\.0\.1/);
    const pods = Object.keys(MEMBERS).map((name) => path("etcd", name, "fleet-etcd.yaml"));
    for (const pod of pods) {
      const judged = await runPodstead(["validate", pod]);
      assert.equal(judged.code, 0, judged.stdout + judged.stderr);
    }
    assert.equal(statSync(path("nodes/node-1/node.key")).mode & 0o777, 0o600);
    const { agent } = parse(readFileSync(path("nodes/node-2/agent.yaml"), "utf8"));
    assert.deepEqual(agent.fleet.endpoints, endpoints());
  });

  it("keeps what is there when it is repeated for a further member", async () => {
    const before = readFileSync(path("nodes/node-1/node.crt"), "utf8");
    const { code, stdout } = await init("--member", "node-1", "--member", "node-3");
    assert.equal(code, 0);
    assert.match(stdout, /nodes\/node-3\/node\.crt/);
    assert.doesNotMatch(stdout, /nodes\/node-1\/node\.crt|\/ca\.key/);
    assert.equal(readFileSync(path("nodes/node-1/node.crt"), "utf8"), before);
  });

  it("refuses an even number of members, and names that are none", async () => {
    const even = await runPodstead([
      ...["fleet", "init", "--fleet", "edge", "--on", "a=10.0.0.1,b=10.0.0.2", "--out", path()],
    ]);
    assert.equal(even.code, 64);
    assert.match(even.stderr, /an odd number of members, --on has 2/);
    const name = await runPodstead([
      ...["fleet", "init", "--fleet", "Edge", "--on", "a=10.0.0.1", "--out", path()],
    ]);
    assert.equal(name.code, 64);
  });

  it("makes an etcd that lets each node do its part, and nothing else", async () => {
    for (const name of Object.keys(MEMBERS)) {
      const pod = parse(readFileSync(path("etcd", name, "fleet-etcd.yaml"), "utf8"));
      const [command, ...args]: readonly string[] = pod.spec.containers[0].command;
      // The pod's own command, but for where its volumes are.
      const mapped = args.map((arg) =>
        arg.replace("/etc/podstead/fleet-etcd", path("etcd", name))
          .replace("/var/lib/podstead-etcd", join(temp.path, `data-${name}`))
      );
      const log = openSync(join(temp.path, `${name}.log`), "a");
      const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/usr/bin` };
      etcds.push(spawn(command ?? "", mapped, { stdio: ["ignore", log, log], env }));
      closeSync(log);
    }
    await eventually("etcd answers", async () => {
      const { code, stderr } = await runPodstead(["fleet", "members", ...place("root")]);
      if (code !== 0) throw new Error(stderr);
      return true;
    }, 120_000);
    const members = ["--member", "node-1", "--member", "node-2"];
    const auth = await runPodstead(["fleet", "auth", ...place("root"), ...members, "--yes"]);
    assert.equal(auth.code, 0, auth.stdout + auth.stderr);
    assert.match(auth.stdout, /node-1 may take part in the fleet "edge"/);
    const read = (file: string) => readFileSync(path(file), "utf8");
    const certificates = {
      ca: read("ca.crt"),
      cert: read("nodes/node-1/node.crt"),
      key: read("nodes/node-1/node.key"),
    };
    const node = connectEtcd({
      ...{ clock: systemClock, endpoints: endpoints() },
      certificates: () => certificates,
    });
    try {
      const keys = fleetKeys("/podstead/v1", "edge");
      await node.txn([], [putKey(keys.alive("node-1"), "1"), putKey(keys.progress("x"), "1")]);
      await node.read({ prefix: keys.contents });
      await node.txn([], [putKey(keys.report("node-1"), "1"), putKey(keys.turn("node-2"), "x")]);
      const others = [keys.alive("node-2"), keys.report("node-2"), keys.member("node-2")];
      const rolledOut = [keys.part("abc", 0), keys.spec("x"), "/podstead/v1/other/current"];
      for (const key of [...others, ...rolledOut]) {
        await assert.rejects(node.txn([], [putKey(key, "1")]), { code: "permission" }, key);
      }
    } finally {
      node.close();
    }
    const none = await runPodstead(["fleet", "rollout", "status", ...place("operator")]);
    assert.equal(none.code, 0, none.stderr);
    const shown = await runPodstead(["fleet", "members", ...place("nodes/node-2/node")]);
    assert.equal(shown.code, 0, shown.stderr);
    // A certificate of the authority whose user was not made.
    const stranger = await runPodstead(["fleet", "members", ...place("nodes/node-3/node")]);
    assert.equal(stranger.code, 77, stranger.stdout + stranger.stderr);
    assert.match(stranger.stderr, /etcd refuses Range/);
  });
});
