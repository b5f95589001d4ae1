/**
 * A node that never rests: many pods, a change a second, followers, and a restart
 * of containerd each minute. Afterwards the agent must be as it was: memory flat,
 * no descriptor more, each start and end of a container exactly one event, and no
 * pod restarted that was not changed.
 *
 * Run: deno task test:soak [--minutes 2] [--pods 40] [--changing 5]
 *
 * By hand for an hour with 110 pods before a release: --minutes 60 --pods 110.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { formatDuration, systemClock } from "../../mod/core/mod.ts";
import { listPods, type PodView } from "../../mod/cri/mod.ts";
import { podYaml } from "../e2e/pod_yaml.ts";
import { residentMib } from "../support/process_cost.ts";
import { startContainerd } from "../support/containerd.ts";
import { eventually, TestNode } from "../support/node.ts";
import { lowest, slopePerHour } from "./slope.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "2" },
    pods: { type: "string", default: "40" },
    changing: { type: "string", default: "5" },
  },
});
const durationMs = Number(values.minutes) * 60_000;
const pods = Number(values.pods);
const changing = Number(values.changing);

/** The agent's memory grows while it still learns; the slope is taken after that. */
const WARM_UP_MS = Math.min(300_000, durationMs / 4);
const CONTAINERD_EVERY_MS = 60_000;
/** More than this in an hour is a leak. */
const MAX_SLOPE_MIB = 60;
/** Descriptors come and go with the requests that run just then. */
const MAX_MORE_DESCRIPTORS = 8;

interface Event {
  readonly type: string;
  readonly name: string;
  readonly container?: { readonly id: string };
}

const say = (text: string) => process.stdout.write(`${text}\n`);

const descriptors = (pid: number) => readdirSync(`/proc/${pid}/fd`).length;

/** The first `changing` pods are at a version; the others never change. */
function podsAt(version: number): string {
  return Array.from({ length: pods }, (_, index) => {
    const mine = index < changing ? Math.floor((version + changing - 1 - index) / changing) : 0;
    return podYaml(`${index < changing ? "changing" : "still"}-${index}`, {
      image: "busybox:test",
      script: "while true; do date; sleep 5; done",
      env: { VERSION: String(mine) },
    });
  }).join("");
}

const containerd = await startContainerd();
const node = await TestNode.create(containerd);
const followers: { stop(): void }[] = [];
try {
  node.writePods(podsAt(0));
  await node.startAgent();
  // With its pods API, so that the watch of it is under stress too.
  await node.startKubelet(["--api-port", "0", "--time-factor", "0.3", "--pods-api"]);
  // The port of the kubelet's API is known only now.
  node.writePods(podsAt(0));
  const first = await node.podstead("reload", "--wait=10m");
  assert.equal(first.code, 0, first.stdout);
  const pid = node.agentPid;
  const containerIds = (views: readonly PodView[], prefix: string) =>
    new Set(
      views.filter(({ name }) => name.startsWith(prefix))
        .flatMap(({ containers }) => containers.map(({ id }) => id.slice(0, 12))),
    );
  const still = containerIds(await listPods(containerd.runtime), "still-");
  assert.equal(still.size, pods - changing);
  for (let count = 0; count < 3; count += 1) {
    followers.push(node.startPodstead("events", "-f", "-o", "json"));
  }
  followers.push(node.startPodstead("logs", "-k", "-f", "still-" + changing));
  const all = node.startPodstead("events", "-f", "-o", "json");
  followers.push(all);

  const startMs = performance.now();
  const before = descriptors(pid);
  const memory: (readonly [hours: number, mib: number])[] = [];
  let version = 0;
  let restarts = 0;
  while (performance.now() - startMs < durationMs) {
    const tickMs = performance.now();
    version += 1;
    node.writePods(podsAt(version));
    await node.signalAgent("SIGHUP");
    const agoMs = performance.now() - startMs;
    if (agoMs > WARM_UP_MS) memory.push([agoMs / 3_600_000, residentMib(pid)]);
    if (agoMs > (restarts + 1) * CONTAINERD_EVERY_MS) {
      restarts += 1;
      await containerd.stop();
      await containerd.start();
    }
    await systemClock.sleep(Math.max(0, 1_000 - (performance.now() - tickMs)));
  }
  const last = await node.podstead("reload", "--wait=5m");
  assert.equal(last.code, 0, last.stdout + node.lastWords(20));

  const views = await listPods(containerd.runtime, { statuses: "exited" });
  assert.deepEqual(containerIds(views, "still-"), still, "a pod that did not change was restarted");
  const wanted = views.flatMap(({ containers }) => containers)
    .filter(({ state }) => state === "CONTAINER_RUNNING")
    .map(({ id }) => id.slice(0, 12));
  const counts = await eventually("an event for each container", () => {
    const events = all.lines.map((line): Event => JSON.parse(line));
    const of = (...types: readonly string[]) =>
      Map.groupBy(
        events.filter(({ type, container }) => types.includes(type) && container !== undefined),
        ({ container }) => container?.id ?? "",
      );
    const starts = of("started", "restarted");
    const ends = of("ended");
    const missing = wanted.filter((id) => !starts.has(id));
    return Promise.resolve(missing.length === 0 ? { starts, ends } : undefined);
  });
  for (const [what, events] of [["start", counts.starts], ["end", counts.ends]] as const) {
    for (const [id, told] of events) {
      assert.equal(told.length, 1, `${told.length} events for the ${what} of ${id}`);
    }
  }
  for (const id of counts.starts.keys()) {
    if (wanted.includes(id)) continue;
    assert.ok(counts.ends.has(id), `the end of ${id} was never told`);
  }
  const after = descriptors(pid);
  // Between two collections of garbage memory always grows: what it falls back to must not.
  const slope = slopePerHour(lowest(memory, durationMs / 3_600_000 / 12));
  say(
    [
      `${pods} pods, ${
        formatDuration(durationMs)
      }, ${version} changes, ${restarts} restarts of containerd`,
      `memory: ${memory[0]?.[1].toFixed(1)} to ${memory.at(-1)?.[1].toFixed(1)} MiB, slope ${
        slope.toFixed(1)
      } MiB an hour`,
      `descriptors: ${before} before, ${after} after`,
      `events: ${counts.starts.size} starts, ${counts.ends.size} ends, each once`,
    ].join("\n"),
  );
  assert.ok(after - before <= MAX_MORE_DESCRIPTORS, "descriptors were left open");
  // In minutes a slope is mostly noise: the bound is for the long run.
  if (durationMs >= 1_800_000) assert.ok(slope < MAX_SLOPE_MIB, "memory grows");
} finally {
  for (const follower of followers) follower.stop();
  await node.close();
  await containerd.cleanUp();
}
