/**
 * What the agent costs while nobody looks: CPU and memory over idle minutes on a
 * node with real containerd, many running pods and a kubelet stand-in that polls.
 * The agent watches runtime and kubelet all that time.
 *
 * Run: deno run -A tests/bench/idle.ts [--minutes 10] [--pods 30] [--poll 1s] [--pods-api]
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { formatDuration, systemClock } from "../../mod/core/mod.ts";
import { podYaml } from "../e2e/pod_yaml.ts";
import { startContainerd } from "../support/containerd.ts";
import { TestNode } from "../support/node.ts";
import { cpuMs, residentMib } from "../support/process_cost.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    pods: { type: "string", default: "30" },
    poll: { type: "string", default: "1s" },
    "pods-api": { type: "boolean", default: false },
  },
});
const durationMs = Number(values.minutes) * 60_000;
const pods = Number(values.pods);
/** Left out of the measurement: a fresh process still compiles and settles. */
const SETTLE_MS = 30_000;

// As the unit starts it.
const unit = readFileSync(new URL("../../packaging/podstead.service", import.meta.url), "utf8");
for (const [, name = "", value] of unit.matchAll(/^Environment=(\w+)=(.*)$/gm)) {
  process.env[name] = value;
}

const containerd = await startContainerd();
const node = await TestNode.create(containerd);
try {
  const write = () =>
    node.writePods(
      Array.from({ length: pods }, (_, index) => podYaml(`pod-${index}`)).join(""),
    );
  write();
  await node.startAgent();
  await node.startKubelet([
    ...["--poll-interval", values.poll, "--api-port", "0"],
    ...(values["pods-api"] ? ["--pods-api"] : []),
  ]);
  // The port of the kubelet's API is known only now.
  write();
  const waited = await node.podstead("reload", "--wait=10m");
  if (waited.code !== 0) throw new Error(waited.stdout);
  // After a restart nothing is on its way any more, which the agent would look after.
  await node.signalAgent("SIGTERM", true);
  await node.startAgent();
  await systemClock.sleep(SETTLE_MS);
  const pid = node.agentPid;
  const calls = async () => {
    const text = await (await fetch(new URL("/metrics", node.manifestUrl))).text();
    const lists = /cri_calls_total\{[^}]*method="ListPodSandbox",result="ok"\} (\d+)/.exec(text);
    return Number(lists?.[1]);
  };
  const before = {
    cpu: cpuMs(pid),
    memory: residentMib(pid),
    calls: await calls(),
    at: performance.now(),
  };
  await systemClock.sleep(durationMs);
  const tookMs = performance.now() - before.at;
  const usedMs = cpuMs(pid) - before.cpu;
  const looks = await calls() - before.calls;
  const { stdout } = await node.podstead();
  process.stdout.write(
    [
      `${pods} pods, ${formatDuration(tookMs)} idle, polled every ${values.poll}`,
      `CPU: ${usedMs} ms in all, ${
        (usedMs / tookMs * 100).toFixed(3)
      } % of one core; ${looks} looks at the runtime`,
      `resident memory: ${before.memory.toFixed(1)} MiB before, ${
        residentMib(pid).toFixed(1)
      } MiB after`,
      stdout,
    ].join("\n"),
  );
} finally {
  await node.close();
  await containerd.cleanUp();
}
