/** The agent's metrics, in Prometheus' conventions; docs/metrics.md lists them for users. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { processUse } from "../os/mod.ts";
import { POD_STATES } from "../pods/mod.ts";
import type { ReloadOutcome } from "./outcome.ts";

/** What the agent counts, and how it is read. */
export interface AgentMetrics {
  /** A reload has ended. */
  reloaded(outcome: ReloadOutcome): void;
  /** A new list is served. */
  served(pods: number, sizeBytes: number): void;
  /** The list was requested. */
  fetched(status: number, byKubelet: boolean, nowMs: number): void;
  /** The registry, for other parts of the agent that count something. */
  readonly registry: Registry;
  /** Everything, in the text format. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Fresh metrics; one set for one agent. */
export function createMetrics(version: string): AgentMetrics {
  const registry = new Registry();
  new Gauge({
    name: "podstead_build_info",
    help: "Version of this executable",
    labelNames: ["version"] as const,
    registers: [registry],
  }).set({ version }, 1);
  registerProcess(registry);
  return {
    registry,
    reloaded: reloadMetrics(registry),
    ...listMetrics(registry),
    async render() {
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function reloadMetrics(registry: Registry): AgentMetrics["reloaded"] {
  const registers = [registry];
  const reloads = new Counter({
    name: "podstead_reloads_total",
    help: "Reloads by result (applied, unchanged, partial, rejected, failed)",
    labelNames: ["result"] as const,
    registers,
  });
  const lastReload = new Gauge({
    name: "podstead_last_reload_timestamp_seconds",
    help: "When the last reload ended",
    registers,
  });
  const lastReloadGood = new Gauge({
    name: "podstead_last_reload_successful",
    help: "1 when the last reload was applied or changed nothing, 0 otherwise",
    registers,
  });
  const reloadSeconds = new Histogram({
    name: "podstead_reload_duration_seconds",
    help: "From the beginning of a reload to the new list",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  const pods = new Gauge({
    name: "podstead_pods",
    help: "Pods by state after the last reload (Served, Replacing, Waiting, Rejected, Kept, Held)",
    labelNames: ["state"] as const,
    registers,
  });
  const revision = new Gauge({
    name: "podstead_revision",
    help: "The revision of the served pods",
    registers,
  });
  for (const result of ["applied", "unchanged", "partial", "rejected", "failed"]) {
    reloads.inc({ result }, 0);
  }
  return (outcome) => {
    reloads.inc({ result: outcome.result });
    lastReload.set(Date.parse(outcome.at) / 1000);
    lastReloadGood.set(outcome.result === "applied" || outcome.result === "unchanged" ? 1 : 0);
    reloadSeconds.observe(outcome.durationMs / 1000);
    revision.set(outcome.revision);
    for (const state of POD_STATES) {
      pods.set({ state }, outcome.pods.filter((pod) => pod.state === state).length);
    }
  };
}

function listMetrics(registry: Registry): Pick<AgentMetrics, "served" | "fetched"> {
  const registers = [registry];
  const servedPods = new Gauge({
    name: "podstead_manifest_pods",
    help: "Pods in the list that is served now",
    registers,
  });
  const servedBytes = new Gauge({
    name: "podstead_manifest_size_bytes",
    help: "Size of the list that is served now",
    registers,
  });
  const fetches = new Counter({
    name: "podstead_manifest_requests_total",
    help: "Requests for the list by HTTP status and client (kubelet, other)",
    labelNames: ["status", "client"] as const,
    registers,
  });
  const lastFetch = new Gauge({
    name: "podstead_kubelet_last_fetch_timestamp_seconds",
    help: "When a kubelet last got the list; 0 when never",
    registers,
  });
  return {
    served(count, sizeBytes) {
      servedPods.set(count);
      servedBytes.set(sizeBytes);
    },
    fetched(status, byKubelet, nowMs) {
      fetches.inc({ status: String(status), client: byKubelet ? "kubelet" : "other" });
      if (byKubelet && (status === 200 || status === 304)) lastFetch.set(nowMs / 1000);
    },
  };
}

/** The few process metrics that dashboards expect; they are read on request. */
function registerProcess(registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory",
    registers,
    collect() {
      this.set(processUse().residentBytes);
    },
  });
  new Gauge({
    name: "process_cpu_seconds_total",
    help: "User and system CPU time",
    registers,
    collect() {
      this.set(processUse().cpuSeconds);
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started",
    registers,
  }).set(processUse().startedMs / 1000);
}
