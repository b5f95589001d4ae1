/**
 * How long a changed pod is down: replaced in two steps, and in the kubelet's
 * own time, side by side on one node with real containerd and a kubelet
 * stand-in that has the times of kubelet 1.36.2. The container ends at once.
 *
 * Run: deno run -A tests/bench/replace.ts [REPLACEMENTS] [POLL]
 */
import process from "node:process";
import { podYaml } from "../e2e/pod_yaml.ts";
import { median, RuntimeWatch } from "../e2e/runtime_watch.ts";
import { startContainerd } from "../support/containerd.ts";
import { eventually, TestNode } from "../support/node.ts";

const [replacements = "20", poll = "1s"] = process.argv.slice(2);
/** A replacement that took so long went through the kubelet's back-off. */
const SLOW_MS = 9_000;
const TARGET_MS = 2_000;

type Method = "quick" | "kubelet";

const containerd = await startContainerd();
const node = await TestNode.create(containerd);
const watch = new RuntimeWatch(containerd.runtime);
const versions: Record<Method, number> = { quick: 0, kubelet: 0 };
const downtimes: Record<Method, number[]> = { quick: [], kubelet: [] };

function write(): void {
  node.writePods(
    (["quick", "kubelet"] as const).map((method) =>
      podYaml(method, {
        annotations: { "podstead.dev/replace": method },
        env: { VERSION: `${versions[method]}` },
      })
    ).join(""),
  );
}

/** Changes the pod and waits until its new version runs. */
async function replace(method: Method): Promise<void> {
  const runs = watch.runs(method).length;
  versions[method] += 1;
  write();
  await node.podstead("reload");
  await eventually(`${method} runs again`, () =>
    Promise.resolve(
      watch.runs(method).length > runs && watch.current(method) !== undefined || undefined,
    ), 60_000);
  downtimes[method].push(watch.downtimeMs(method));
  // Not in step with the polls.
  await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 1000));
}

try {
  write();
  await node.startAgent();
  await node.startKubelet(["--poll-interval", poll]);
  write();
  await node.podstead("reload");
  for (const method of ["quick", "kubelet"] as const) {
    await eventually(`${method} runs`, () => Promise.resolve(watch.current(method)));
  }
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  let over = false;
  await Promise.all([
    (async () => {
      for (let index = 0; index < Number(replacements); index += 1) await replace("quick");
      over = true;
    })(),
    (async () => {
      do await replace("kubelet"); while (!over);
    })(),
  ]);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const lines = (["quick", "kubelet"] as const).map((method) => {
    const all = downtimes[method];
    const slow = all.filter((ms) => ms > SLOW_MS).length;
    return [
      method.padEnd(9),
      `${all.length}`.padEnd(6),
      seconds(Math.min(...all)).padEnd(9),
      seconds(median(all)).padEnd(9),
      seconds(Math.max(...all)).padEnd(9),
      `${slow}`,
    ].join("");
  });
  process.stdout.write(
    [
      `Downtime of a changed pod at a poll of ${poll} (target: median ${
        seconds(TARGET_MS)
      }, none slow)`,
      "method   runs  min      median   max      slow",
      ...lines,
      "",
    ].join("\n"),
  );
} finally {
  await watch.close();
  await node.close();
  await containerd.cleanUp();
}
