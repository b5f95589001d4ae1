import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Runtime } from "../cri/mod.ts";
import { type Clock, PodsteadError } from "../core/mod.ts";
import type { NodeReader } from "../node/mod.ts";

/** What counting needs. */
export interface UsageDeps {
  readonly registry: Registry;
  readonly clock: Clock;
}

/** The same runtime, with its calls counted by method and result, and timed. */
export function countCalls(runtime: Runtime, { registry, clock }: UsageDeps): Runtime {
  const calls = new Counter({
    name: "podstead_cri_calls_total",
    help:
      "Calls of the container runtime by method and result (ok, cancelled, or the kind of error)",
    labelNames: ["method", "result"] as const,
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "podstead_cri_call_duration_seconds",
    help: "How long the container runtime took to answer, by method; streams are not in it",
    labelNames: ["method"] as const,
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10],
    registers: [registry],
  });
  return {
    endpoint: runtime.endpoint,
    async call(method, request, options) {
      const { name } = method;
      const startMs = clock.monotonicMs();
      try {
        const answer = await runtime.call(method, request, options);
        calls.inc({ method: name, result: "ok" });
        return answer;
      } catch (error) {
        calls.inc({ method: name, result: resultOf(error, options?.signal) });
        throw error;
      } finally {
        seconds.observe({ method: name }, (clock.monotonicMs() - startMs) / 1000);
      }
    },
    async *stream(method, request, options) {
      const { name } = method;
      try {
        yield* runtime.stream(method, request, options);
        calls.inc({ method: name, result: "ok" });
      } catch (error) {
        calls.inc({ method: name, result: resultOf(error, options?.signal) });
        throw error;
      }
    },
    close: () => runtime.close(),
  };
}

/** A request that was cancelled is no error. */
function resultOf(error: unknown, signal: AbortSignal | undefined): string {
  if (signal?.aborted === true) return "cancelled";
  return error instanceof PodsteadError ? error.code : "failed";
}

/** The same node, with the log streams that are open through it counted. */
export function countLogStreams<Node extends NodeReader>(
  node: Node,
  { registry }: Pick<UsageDeps, "registry">,
): Node {
  const open = new Gauge({
    name: "podstead_log_streams",
    help: "Log streams that are open through the agent",
    registers: [registry],
  });
  const total = new Counter({
    name: "podstead_log_streams_total",
    help: "Log streams that were opened through the agent",
    registers: [registry],
  });
  async function* counted(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    open.inc();
    try {
      yield* chunks;
    } finally {
      open.dec();
    }
  }
  return {
    ...node,
    async logs(request, options) {
      const chunks = await node.logs(request, options);
      total.inc();
      return counted(chunks);
    },
  };
}

/** Which list is served, by the hash in its ETag: equal on nodes that serve the same. */
export function showManifestHash(
  hash: () => string | undefined,
  { registry }: Pick<UsageDeps, "registry">,
): void {
  new Gauge({
    name: "podstead_manifest_info",
    help: "The list that is served now, by its hash; always 1",
    labelNames: ["hash"] as const,
    registers: [registry],
    collect() {
      this.reset();
      const current = hash();
      if (current !== undefined) this.set({ hash: current }, 1);
    },
  });
}
