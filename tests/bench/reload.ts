/**
 * How long a changed config takes from SIGHUP until the new list is served.
 *
 * Run: deno task compile && deno run -A tests/bench/reload.ts
 *
 * An agent of its own process reads a config of 10, 110 and 1,000 pods of
 * realistic size in block YAML; each run changes one of them. The list is asked
 * for over one connection without a pause, so that the figure is right to about
 * a millisecond.
 */
import process from "node:process";
import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import { formatBytes } from "../../mod/core/mod.ts";
import { realisticPod } from "../support/realistic_pod.ts";
import { TestNode } from "../support/node.ts";

const RUNS = 7;

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
      const before = await etag(node);
      node.writePods(podsYaml(count, run), settings);
      const sentMs = performance.now();
      await node.signalAgent("SIGHUP");
      while (await etag(node) === before);
      durationsMs.push(performance.now() - sentMs);
    }
    const size = (await (await fetch(node.manifestUrl)).arrayBuffer()).byteLength;
    const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${node.agentPid}/status`, "utf8"))?.[1];
    durationsMs.sort((left, right) => left - right);
    return [
      `${count} pods`.padStart(9),
      formatBytes(size).padStart(10),
      `start ${startedMs.toFixed(0)} ms`.padStart(14),
      `SIGHUP to new bytes: median ${durationsMs[RUNS >> 1]?.toFixed(1)} ms`,
      `slowest ${durationsMs.at(-1)?.toFixed(1)} ms`,
      `resident ${formatBytes(Number(rss) * 1024)}`,
    ].join("   ");
  } finally {
    await node.close();
  }
}

for (const count of [10, 110, 1000]) process.stdout.write(`${await measure(count)}\n`);
