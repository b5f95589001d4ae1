/**
 * What a fleet costs its etcd: simulated members, real ones but for their pods, each with a
 * connection of its own to one real etcd.
 *
 * Measured: bytes of keys and watches held; etcd's CPU and memory at rest; how long it
 * takes from `rollout apply` to the last node that knows of it, and to the last that has it where
 * a trial takes no time. The slope is from the smallest to the largest fleet.
 *
 * Run: deno run -A tests/bench/fleet.ts [--members 10,100,1000] [--rest 30]
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { systemClock } from "../../mod/core/mod.ts";
import { connectEtcd, type Etcd } from "../../mod/etcd/mod.ts";
import { FleetMember, type Hands } from "../../mod/fleet/member/mod.ts";
import { beginRollout, readFleet } from "../../mod/fleet/operator/mod.ts";
import { parseBatches, rolloutName } from "../../mod/fleet/plan/mod.ts";
import { fleetKeys, readRollout } from "../../mod/fleet/store/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { TestEtcd } from "../support/etcd.ts";
import { cpuMs, residentMib } from "../support/process_cost.ts";

const { values } = parseArgs({
  options: {
    members: { type: "string", default: "10,100,1000" },
    rest: { type: "string", default: "30" },
  },
});
const restMs = Number(values.rest) * 1000;
/** Before the measurement at rest: connections and leases are opened. */
const SETTLE_MS = 5000;

/** One size of a fleet, measured. */
interface Figures {
  readonly members: number;
  readonly keyBytes: number;
  readonly keys: number;
  readonly watches: number;
  readonly restCpuPercent: number;
  readonly residentMib: number;
  readonly toldMs: number;
  readonly doneMs: number;
}

/** A node whose trial takes no time. */
class BenchNode {
  readonly name: string;
  readonly client: Etcd;
  readonly stop = new AbortController();
  running: Promise<void> = Promise.resolve();
  /** When it first read of the roll-out. */
  toldMs: number | undefined;

  constructor(name: string, endpoint: string) {
    this.name = name;
    this.client = connectEtcd({ clock: systemClock, endpoints: [endpoint], timeoutMs: 30_000 });
  }

  start(keys: ReturnType<typeof fleetKeys>): void {
    const hands: Hands = {
      busy: () => undefined,
      revision: () => 1,
      pods: () => ({ ready: 1, pods: 1 }),
      bring: () => Promise.resolve({ kind: "ended", end: "ready" }),
      standing: () => ({ backTo: 1, lastTrial: "" }),
      trial: () => ({ kind: "none" }),
    };
    const member = new FleetMember({
      ...{ clock: systemClock, log: silentLogger, etcd: this.client, keys, hands },
      node: this.name,
      member: { labels: { role: "web" }, address: "10.0.0.1", version: "0.1.0" },
      random: Math.random,
      local: {},
      save: ({ seen }) => {
        if (seen?.rollout !== undefined) this.toldMs ??= performance.now();
        return Promise.resolve();
      },
    });
    this.running = member.run(this.stop.signal);
  }
}

async function measure(count: number): Promise<Figures> {
  await using server = await TestEtcd.start();
  const [endpoint = ""] = server.endpoints;
  const keys = fleetKeys("/podstead/v1", "bench");
  const operator = connectEtcd({ clock: systemClock, endpoints: [endpoint], timeoutMs: 30_000 });
  const nodes = Array.from({ length: count }, (_, at) => new BenchNode(`node-${at}`, endpoint));
  // Not all in one moment, as machines do not start in one either.
  for (const [at, node] of nodes.entries()) {
    node.start(keys);
    if (at % 20 === 19) await systemClock.sleep(50);
  }
  await until(async () =>
    (await readFleet(operator, keys)).nodes.filter(({ alive }) => alive !== undefined).length ===
      count
  );
  await systemClock.sleep(SETTLE_MS);
  const pid = server.members[0]?.pid ?? 0;
  const beforeMs = cpuMs(pid);
  await systemClock.sleep(restMs);
  const restCpuMs = cpuMs(pid) - beforeMs;
  const watches = await watchesOf(endpoint);

  const fleet = await readFleet(operator, keys);
  const startMs = performance.now();
  await beginRollout(operator, keys, fleet, {
    id: rolloutName(systemClock.now(), "0000"),
    text: "apiVersion: v1\nkind: PodList\nitems: []\n",
    rules: {
      nodes: nodes.map(({ name }) => name),
      batches: parseBatches("1,10%,100%"),
      maxFailures: 0,
      maxUnavailable: 50,
      settleMs: 0,
      timeoutMs: 60_000,
    },
    createdAt: new Date(systemClock.now()).toISOString(),
    by: "bench",
  });
  await until(() => Promise.resolve(nodes.every(({ toldMs }) => toldMs !== undefined)));
  const toldMs = Math.max(...nodes.map((node) => node.toldMs ?? 0)) - startMs;
  await until(async () => (await readRollout(operator, keys))?.state === "done");
  const doneMs = performance.now() - startMs;
  const { keys: all } = await operator.read({ prefix: keys.prefix });
  for (const node of nodes) node.stop.abort();
  await Promise.all(nodes.map(({ running }) => running));
  for (const node of nodes) node.client.close();
  operator.close();
  return {
    members: count,
    keys: all.length,
    keyBytes: all.reduce((sum, { key, value }) => sum + key.length + value.length, 0),
    watches,
    restCpuPercent: restCpuMs / restMs * 100,
    residentMib: residentMib(pid),
    toldMs,
    doneMs,
  };
}

/** How many watches etcd holds. */
async function watchesOf(endpoint: string): Promise<number> {
  const text = await (await fetch(`${endpoint}/metrics`)).text();
  return Number(/^etcd_debugging_mvcc_watcher_total (\S+)$/m.exec(text)?.[1]);
}

async function until(check: () => Promise<boolean>): Promise<void> {
  while (!await check()) await systemClock.sleep(100);
}

const rows: Figures[] = [];
for (const members of values.members.split(",").map(Number)) {
  const figures = await measure(members);
  rows.push(figures);
  const { keys, keyBytes, watches, restCpuPercent, residentMib: mib } = figures;
  process.stdout.write(
    `${String(members).padStart(5)} members: ${keys} keys of ${
      (keyBytes / 1024).toFixed(1)
    } KiB, ` +
      `${watches} watches; at rest ${restCpuPercent.toFixed(2)} % of a core, ${
        mib.toFixed(0)
      } MiB, ` +
      `apply to last node told ${figures.toldMs.toFixed(0)} ms, ` +
      `to last node done ${(figures.doneMs / 1000).toFixed(1)} s (no trial)\n`,
  );
}
const [first, last] = [rows[0], rows.at(-1)];
if (first !== undefined && last !== undefined && first !== last) {
  const more = last.members - first.members;
  const slope = (pick: (row: Figures) => number) => (pick(last) - pick(first)) / more;
  process.stdout.write(
    `Each further member: ${slope(({ keyBytes }) => keyBytes).toFixed(0)} B of keys, ` +
      `${slope(({ watches }) => watches).toFixed(2)} watches, ` +
      `${
        (slope(({ restCpuPercent }) => restCpuPercent) * 1000).toFixed(2)
      } % of a core per 1,000, ` +
      `${slope(({ toldMs }) => toldMs).toFixed(2)} ms to be told\n`,
  );
}
process.exit(0);
