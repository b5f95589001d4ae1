/**
 * How long a changed config takes from SIGHUP until the new list is served, what the agent's
 * memory is after many reloads, and how long a poll waits at most during reloads of large files.
 *
 * Run: deno task compile && deno run -A tests/bench/reload.ts [RELOADS]
 *
 * An agent of its own process reads a config of 10, 110 and 1,000 pods of
 * realistic size in block YAML; each run changes one of them. The list is asked
 * for every millisecond, so that the figure is right to about two. RELOADS
 * (default 100) is how many are made before the memory is read; the targets are meant for 1,000 of
 * them. It is read right after them, and again when the agent has come to rest.
 */
import process from "node:process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { formatBytes } from "../../mod/core/mod.ts";
import { residentBytes, residentFileBytes } from "../support/process_cost.ts";
import { realisticPod } from "../support/realistic_pod.ts";
import { TestNode } from "../support/node.ts";

const RUNS = 7;
const RELOADS = Number(process.argv[2] ?? 100);

/** What is aimed at, on a machine that does nothing else. */
const TARGETS: Readonly<Record<number, string>> = {
  110: "targets: median 40 ms, resident 90 MB",
  1000: "target: resident 250 MB",
};
const LONGEST_WAIT_MS = 50;

/** After how long the agent is at rest: by then it has collected what the reloads left. */
const REST_MS = 10_000;

/** The pods as YAML; `generation` is a label of the first one. */
function podsYaml(count: number, generation: number): string {
  const pods = Array.from({ length: count }, (_, seed) => {
    const pod = structuredClone(realisticPod(seed)) as {
      metadata: { labels?: Record<string, string> };
    };
    if (seed === 0) pod.metadata.labels = { ...pod.metadata.labels, generation: `${generation}` };
    return pod;
  });
  return stringify(pods, { aliasDuplicateObjects: false });
}

async function etag(node: TestNode): Promise<string | null> {
  const response = await fetch(node.manifestUrl, { method: "HEAD" });
  await response.body?.cancel();
  return response.headers.get("ETag");
}

/** Changes a pod. @returns how long it took until the list had it, in milliseconds */
async function reload(
  node: TestNode,
  count: number,
  generation: number,
  settings: string,
): Promise<number> {
  const before = await etag(node);
  node.writePods(podsYaml(count, generation), settings);
  const sentMs = performance.now();
  await node.signalAgent("SIGHUP");
  while (await etag(node) === before) {
    // Asked without a pause, the agent would be busy with the answers.
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return performance.now() - sentMs;
}

const dropIn = (name: string, padding = "") =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  annotations: {padding: "${padding}"}\n` +
  "spec:\n  containers:\n    - name: c\n      image: example.org/app:1\n";

const LARGE_BYTES = 10_000_000;

/** Drop-ins that take their time, by what they are. */
const LARGE: Readonly<Record<string, (directory: string) => void>> = {
  "10 MB malformed": (directory) => {
    const broken = `---\n${dropIn("broken")}  bad: [\n`;
    const text = broken.repeat(Math.ceil(LARGE_BYTES / broken.length));
    writeFileSync(join(directory, "large.yaml"), text.slice(0, LARGE_BYTES));
  },
  "10 MB valid": (directory) => {
    let text = "";
    for (let at = 0; text.length < LARGE_BYTES; at++) {
      text += `---\n${dropIn(`pod-${at}`, "x".repeat(1_500))}`;
    }
    writeFileSync(join(directory, "large.yaml"), text);
  },
  "10,000 files": (directory) => {
    for (let at = 0; at < 10_000; at++) {
      writeFileSync(join(directory, `pod-${at}.yaml`), dropIn(`pod-${at}`));
    }
  },
};

/** The longest that a poll waits during a reload of these drop-ins. */
async function measureWait(what: string, write: (directory: string) => void): Promise<string> {
  const node = await TestNode.create();
  try {
    const directory = join(node.directory, "pods.d");
    mkdirSync(directory);
    node.writePods(podsYaml(1, 0), "  replace: kubelet\n");
    await node.startAgent();
    write(directory);
    const reports = () => node.agentLog.split('"msg":"Reload').length;
    const before = reports();
    const startMs = performance.now();
    await node.signalAgent("SIGHUP");
    let longestMs = 0;
    let polls = 0;
    while (reports() === before) {
      const askedMs = performance.now();
      await etag(node);
      longestMs = Math.max(longestMs, performance.now() - askedMs);
      polls += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const result = [...node.agentLog.matchAll(/"msg":"Reload: (\w+)"/g)].at(-1)?.[1] ?? "?";
    return [
      what.padStart(16),
      `${result} after ${(performance.now() - startMs).toFixed(0)} ms`,
      `longest wait of ${polls} polls ${longestMs.toFixed(0)} ms`,
      `target: ${LONGEST_WAIT_MS} ms`,
    ].join("   ");
  } finally {
    await node.close();
  }
}

async function measure(count: number): Promise<string> {
  const node = await TestNode.create();
  const settings = "  replace: kubelet\n"; // there is no kubelet here that would take two steps
  const durationsMs: number[] = [];
  try {
    node.writePods(podsYaml(count, 0), settings);
    const startMs = performance.now();
    await node.startAgent();
    const startedMs = performance.now() - startMs;
    for (let run = 1; run <= RUNS; run++) {
      durationsMs.push(await reload(node, count, run, settings));
    }
    durationsMs.sort((left, right) => left - right);
    for (let run = RUNS + 1; run <= RELOADS; run++) await reload(node, count, run, settings);
    const size = (await (await fetch(node.manifestUrl)).arrayBuffer()).byteLength;
    const afterBytes = residentBytes(node.agentPid);
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    const restBytes = residentBytes(node.agentPid);
    const fileBytes = residentFileBytes(node.agentPid);
    return [
      `${count} pods`.padStart(9),
      formatBytes(size).padStart(10),
      `start ${startedMs.toFixed(0)} ms`.padStart(14),
      `SIGHUP to new bytes: median ${durationsMs[RUNS >> 1]?.toFixed(1)} ms`,
      `slowest ${durationsMs.at(-1)?.toFixed(1)} ms`,
      `resident ${formatBytes(afterBytes)} right after ${Math.max(RUNS, RELOADS)} reloads`,
      `${formatBytes(restBytes)} at rest (${formatBytes(fileBytes)} of it files)`,
      TARGETS[count] ?? "",
    ].join("   ").trimEnd();
  } finally {
    await node.close();
  }
}

for (const count of [10, 110, 1000]) process.stdout.write(`${await measure(count)}\n`);
for (const [what, write] of Object.entries(LARGE)) {
  process.stdout.write(`${await measureWait(what, write)}\n`);
}
