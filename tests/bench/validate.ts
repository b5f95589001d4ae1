/**
 * How long 1,000 pods of realistic size take to be judged, and what it costs.
 *
 * Run: deno run -A tests/bench/validate.ts
 */
import process from "node:process";
import { judge } from "../../mod/pods/judge.ts";
import { parseYaml } from "../../mod/yaml/mod.ts";
import { realisticPod } from "../support/realistic_pod.ts";

const PODS = 1000;
const TARGET_MS = 300;

const pods = Array.from({ length: PODS }, (_, seed) => realisticPod(seed));
const text = JSON.stringify({ apiVersion: "v1", kind: "PodList", items: pods });

function measure(work: () => void): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

let invalid = 0;
// The first run is what a command pays: nothing is warm yet.
const firstMs = measure(() => {
  for (const pod of pods) if (!judge(pod, { nodeName: "node-1" }).valid) invalid += 1;
});
const laterMs = [1, 2, 3, 4, 5].map(() =>
  measure(() => {
    for (const pod of pods) judge(pod, { nodeName: "node-1" });
  })
);
const parseMs = measure(() => {
  parseYaml(text, "-");
});
const { rss, heapUsed } = process.memoryUsage();
const megabytes = (sizeBytes: number) => Math.round(sizeBytes / 1024 / 1024);

process.stdout.write(
  [
    `${PODS} pods, ${Math.round(text.length / PODS)} bytes each, ${invalid} invalid`,
    `judged: first run ${firstMs.toFixed(0)} ms, later ${
      Math.min(...laterMs).toFixed(0)
    } ms (target ${TARGET_MS} ms)`,
    `parsing the list of them: ${parseMs.toFixed(0)} ms`,
    `memory: ${megabytes(rss)} MiB resident, ${megabytes(heapUsed)} MiB of heap`,
    "",
  ].join("\n"),
);
