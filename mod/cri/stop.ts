import { RuntimeService } from "./gen/runtime.ts";
import type { Runtime } from "./runtime.ts";

/** How to stop a container. */
export interface StopOptions {
  /** Between the stop signal and the kill, in milliseconds; rounded up to seconds. */
  readonly graceMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The runtime kills at the end of the grace and then answers. */
const ANSWER_GRACE_MS = 15_000;

/**
 * Stops a container. The kubelet starts it again, unless its pod's restart
 * policy says otherwise, so this is how a container of a static pod is
 * restarted without touching the pod. One that has ended stays as it is.
 *
 * @throws {PodsteadError} as `Runtime.call`.
 */
export async function stopContainer(
  runtime: Runtime,
  containerId: string,
  { graceMs, signal }: StopOptions,
): Promise<void> {
  const seconds = Math.ceil(graceMs / 1000);
  await runtime.call(RuntimeService.method.stopContainer, {
    containerId,
    timeout: BigInt(seconds),
  }, { signal, timeoutMs: seconds * 1000 + ANSWER_GRACE_MS });
}

/**
 * The grace of a container that the kubelet made, in milliseconds: its pod's
 * `terminationGracePeriodSeconds`; 30 s, the API's default, for others.
 */
export function stopGraceMs(annotations: Readonly<Record<string, string>>): number {
  const text = annotations["io.kubernetes.pod.terminationGracePeriod"];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) * 1000 : 30_000;
}
