/**
 * Probes that podstead asks itself while the kubelet cannot be asked. Of a broken control plane it
 * must be known what answers, and a kubelet whose API server is away says nothing.
 */
import type { Clock } from "../core/mod.ts";
import { askOwnProbes } from "../kubelet/mod.ts";
import { type DesiredPod, type ProbeAnswer, staticPodName } from "../status/mod.ts";

/** Where this node is, besides loopback. */
export interface OwnProbeOptions {
  readonly clock: Clock;
  readonly nodeName: string;
  readonly address: string;
}

/** Asks the probes of each control plane pod; the answers by `namespace/name` with the node's name. */
export async function askOwnProbesOf(
  pods: readonly DesiredPod[],
  { clock, nodeName, address }: OwnProbeOptions,
): Promise<ReadonlyMap<string, ProbeAnswer>> {
  const answers = await Promise.all(pods.map(async (pod) => {
    const answer = await askOwnProbes(pod.pod, address);
    if (answer === undefined) return undefined;
    const key = `${pod.namespace}/${staticPodName(pod.name, nodeName)}`;
    return [key, { atMs: clock.now(), failure: answer.failure }] as const;
  }));
  return new Map(answers.filter((answer) => answer !== undefined));
}
