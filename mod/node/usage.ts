import { availableParallelism } from "node:os";
import { systemClock } from "../core/mod.ts";
import {
  listPods,
  type PodView,
  resolveContainer,
  resolvePod,
  type Runtime,
  StatsSampler,
  usageBetween,
} from "../cri/mod.ts";
import type { NodeUsage, UsageRequest } from "../api/contract/mod.ts";

/** What usage is read from. */
export interface UsageDeps {
  readonly runtime: Runtime;
  readonly node: () => { readonly name: string; readonly address: string };
  readonly signal: AbortSignal;
}

/**
 * What containers used, once an interval; the first answer comes after one.
 *
 * @throws {PodsteadError} `not-found` and `ambiguous` for the reference
 */
export async function* nodeUsage(
  { reference, intervalMs }: UsageRequest,
  { runtime, node, signal }: UsageDeps,
): AsyncGenerator<NodeUsage> {
  const sampler = new StatsSampler(runtime);
  const list = () => listPods(runtime, { processes: false, signal });
  // First of all, so that a wrong name is told at once.
  const wanted = reference === undefined
    ? () => true
    : chosenBy(await list(), reference, node().name);
  let earlier = await sampler.sample({ signal });
  for (;;) {
    await systemClock.sleep(intervalMs, signal);
    const [later, pods] = await Promise.all([sampler.sample({ signal }), list()]);
    const chosen = pods.map((pod) => ({
      ...pod,
      containers: pod.containers.filter(({ name }) => wanted(pod, name)),
    }));
    yield {
      node: node().address,
      cpus: availableParallelism(),
      containers: usageBetween(earlier, later, chosen),
    };
    earlier = later;
  }
}

/** By names rather than IDs, so that watching continues over restarts. */
function chosenBy(
  pods: readonly PodView[],
  reference: string,
  nodeName: string,
): (pod: PodView, container: string) => boolean {
  if (!reference.includes(":") && !/^[0-9a-f]{12,}$/.test(reference)) {
    const [chosen] = resolvePod(pods, reference, { nodeName });
    return (pod) => isSamePod(pod, chosen);
  }
  const chosen = resolveContainer(pods, reference, { nodeName });
  return (pod, container) => isSamePod(pod, chosen.pod) && container === chosen.container.name;
}

function isSamePod(pod: PodView, other: PodView): boolean {
  return pod.name === other.name && pod.namespace === other.namespace;
}
