/**
 * How long a changed pod is down: changed in place, replaced in two steps, and in
 * the kubelet's own time, side by side on one node with real containerd and a
 * kubelet stand-in that has the times of kubelet 1.36.2. Another image is what is
 * changed; the container ends at once, and two others of its pod stay.
 *
 * Run: deno run -A tests/bench/replace.ts [CHANGES] [POLL]
 */
import process from "node:process";
import { listPods } from "../../mod/cri/mod.ts";
import { median } from "../e2e/runtime_watch.ts";
import { startContainerd } from "../support/containerd.ts";
import { type ImageRecipe, TEST_IMAGES } from "../support/images.ts";
import { eventually, TestNode } from "../support/node.ts";

const [changes = "20", poll = "1s"] = process.argv.slice(2);
/** A change that took so long went through the kubelet's back-off. */
const SLOW_MS = 9_000;

const METHODS = ["in-place", "quick", "kubelet"] as const;
type Method = typeof METHODS[number];
/** The median that is wanted, in milliseconds; undefined for what is only compared with. */
const TARGETS: Readonly<Record<Method, number | undefined>> = {
  "in-place": 300,
  quick: 2_000,
  kubelet: undefined,
};

const SCRIPT = `#!/bin/sh
trap 'exit 0' TERM
sleep 2147483647 & wait $!
`;
const images: readonly ImageRecipe[] = Array.from({ length: Number(changes) + 1 }, (_, index) => ({
  name: `docker.io/library/web:${index}`,
  entrypoint: ["/bin/sh", "/start.sh"],
  script: SCRIPT,
}));

const containerd = await startContainerd({ images: [...TEST_IMAGES, ...images] });
const node = await TestNode.create(containerd);
node.kubeletVersion = "1.36";
const versions: Record<Method, number> = { "in-place": 0, quick: 0, kubelet: 0 };
const downtimes: Record<Method, number[]> = { "in-place": [], quick: [], kubelet: [] };

function write(): void {
  node.writePods(METHODS.map((method) => `- ${JSON.stringify(podOf(method))}\n`).join(""));
}

function podOf(method: Method) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: method, annotations: { "podstead.dev/replace": method } },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 1,
      containers: ["main", "side", "third"].map((name) => ({
        name,
        image: `web:${name === "main" ? versions[method] : 0}`,
        imagePullPolicy: "IfNotPresent",
      })),
    },
  };
}

/** The containers named `main` of a pod, the last one first, with the times that the runtime has. */
async function mains(method: Method) {
  const pods = await listPods(containerd.runtime, { processes: false, statuses: "all" });
  return pods.filter(({ name }) => name === `${method}-node-1`)
    .flatMap(({ containers }) => containers)
    .filter(({ name }) => name === "main")
    .map(({ id, state, status }) => ({
      id,
      running: state === "CONTAINER_RUNNING",
      startedMs: Date.parse(status?.startedAt ?? ""),
      finishedMs: Date.parse(status?.finishedAt ?? ""),
    }))
    .filter(({ startedMs }) => !Number.isNaN(startedMs))
    .sort((left, right) => right.startedMs - left.startedMs);
}

/** Changes the pod, waits until its new version runs, and takes the time between the two. */
async function change(method: Method): Promise<void> {
  const [before] = await mains(method);
  versions[method] += 1;
  write();
  await node.podstead("reload");
  let endedMs = NaN;
  const now = await eventually(`${method} runs again`, async () => {
    const all = await mains(method);
    // The kubelet removes what has ended: its end is kept when it is seen.
    endedMs = all.find(({ id }) => id === before?.id)?.finishedMs || endedMs;
    return all.find(({ id, running }) => running && id !== before?.id);
  }, 60_000);
  downtimes[method].push(now.startedMs - endedMs);
  // Not in step with the polls.
  await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 1000));
}

try {
  write();
  await node.startAgent();
  await node.startKubelet(["--poll-interval", poll]);
  write();
  await node.podstead("reload");
  for (const method of METHODS) {
    await eventually(`${method} runs`, async () => {
      const [main] = await mains(method);
      return main?.running === true || undefined;
    });
  }
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  let left = 2;
  const repeat = async (method: Method) => {
    for (let index = 0; index < Number(changes); index += 1) await change(method);
    left -= 1;
  };
  await Promise.all([
    repeat("in-place"),
    repeat("quick"),
    (async () => {
      do await change("kubelet"); while (left > 0 && versions.kubelet < Number(changes));
    })(),
  ]);
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  const lines = METHODS.map((method) => {
    const all = downtimes[method].filter((ms) => !Number.isNaN(ms));
    const target = TARGETS[method];
    return [
      method.padEnd(10),
      `${all.length}`.padEnd(6),
      seconds(Math.min(...all)).padEnd(9),
      seconds(median(all)).padEnd(9),
      seconds(Math.max(...all)).padEnd(9),
      `${all.filter((ms) => ms > SLOW_MS).length}`.padEnd(6),
      target === undefined ? "–" : `≤ ${seconds(target)}`,
    ].join("");
  });
  process.stdout.write(
    [
      `Downtime of a container with another image, at a poll of ${poll}`,
      "method    runs  min      median   max      slow  target (median)",
      ...lines,
      "",
    ].join("\n"),
  );
} finally {
  await node.close();
  await containerd.cleanUp();
}
