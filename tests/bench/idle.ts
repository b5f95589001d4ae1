/**
 * What the agent costs while nobody looks: CPU and memory over idle minutes
 * with many pods and a kubelet that polls.
 *
 * Run: deno run -A tests/bench/idle.ts [--minutes 10] [--pods 30] [--poll 1s]
 *
 * Polls are made as a kubelet makes them; no runtime is needed, because an idle
 * agent does not ask it.
 */
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import process from "node:process";
import { parseArgs } from "node:util";
import { formatDuration, parseDuration, systemClock } from "../../mod/core/mod.ts";
import { podYaml } from "../e2e/pod_yaml.ts";
import { TestNode } from "../support/node.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    pods: { type: "string", default: "30" },
    poll: { type: "string", default: "1s" },
  },
});
const durationMs = Number(values.minutes) * 60_000;
const pods = Number(values.pods);
const pollMs = parseDuration(values.poll) ?? 1_000;
/** Left out of the measurement: a fresh process still compiles and settles. */
const SETTLE_MS = 5_000;

/** CPU of a process so far, in milliseconds. Source: proc(5); the kernel's USER_HZ is 100. */
function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Resident memory in MiB. */
function residentMib(pid: number): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) / 1024;
}

/** Go's client keeps its connection, as the default of its transport says. */
const agent = new Agent({ keepAlive: true });

function poll(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent, headers: { "User-Agent": "Go-http-client/1.1" } }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
    }).on("error", reject).end();
  });
}

const node = await TestNode.create();
try {
  node.writePods(Array.from({ length: pods }, (_, index) => podYaml(`pod-${index}`)).join(""));
  // After a restart nothing is on its way any more, which the agent would look after.
  await node.startAgent();
  await node.signalAgent("SIGTERM", true);
  await node.startAgent();
  await systemClock.sleep(SETTLE_MS);
  const pid = node.agentPid;
  const before = { cpu: cpuMs(pid), memory: residentMib(pid), at: performance.now() };
  let polls = 0;
  while (performance.now() - before.at < durationMs) {
    if (await poll(node.manifestUrl) !== 200) throw new Error("A poll was refused");
    polls += 1;
    await systemClock.sleep(pollMs);
  }
  const tookMs = performance.now() - before.at;
  const usedMs = cpuMs(pid) - before.cpu;
  process.stdout.write(
    [
      `${pods} pods, ${formatDuration(tookMs)} idle, ${polls} polls (every ${values.poll})`,
      `CPU: ${usedMs} ms in all, ${(usedMs / tookMs * 100).toFixed(3)} % of one core, ${
        (usedMs / Math.max(1, polls)).toFixed(2)
      } ms for each poll`,
      `resident memory: ${before.memory.toFixed(1)} MiB before, ${
        residentMib(pid).toFixed(1)
      } MiB after`,
      "",
    ].join("\n"),
  );
} finally {
  agent.destroy();
  await node.close();
}
