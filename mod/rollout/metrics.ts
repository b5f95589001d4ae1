import { Counter, Histogram, type Registry } from "prom-client";
import type { RolloutRecorder } from "./types.ts";

/** Counts replacements in a registry. */
export function rolloutMetrics(registry: Registry): RolloutRecorder {
  const registers = [registry];
  const downtime = new Histogram({
    name: "podstead_pod_replacement_seconds",
    help:
      "From a changed pod's old version being asked to end to its new one running (in-place, quick, kubelet)",
    labelNames: ["method"] as const,
    buckets: [0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 15, 20, 30, 60],
    registers,
  });
  const steps = new Histogram({
    name: "podstead_pod_replacement_step_seconds",
    help: "Duration of each step of a replacement (fetched, ended, served, running)",
    labelNames: ["step"] as const,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 5, 10, 30, 60],
    registers,
  });
  const replacements = new Counter({
    name: "podstead_pod_replacements_total",
    help:
      "Changes of running pods by method (in-place, quick, kubelet) and result (done, given-up)",
    labelNames: ["method", "result"] as const,
    registers,
  });
  for (const method of ["in-place", "quick"]) {
    for (const result of ["done", "given-up"]) replacements.inc({ method, result }, 0);
  }
  replacements.inc({ method: "kubelet", result: "done" }, 0);
  return ({ step, method, sinceMs, downtimeMs, reason }) => {
    if (step === "waiting" || step === "released") return;
    if (step === "fallen-back") replacements.inc({ method, result: "given-up" });
    if (step === "running" && method === "in-place") replacements.inc({ method, result: "done" });
    if (step === "served") {
      replacements.inc({ method, result: reason === undefined ? "done" : "given-up" });
    }
    if (sinceMs !== undefined && method === "quick") steps.observe({ step }, sinceMs / 1000);
    if (downtimeMs !== undefined) downtime.observe({ method }, downtimeMs / 1000);
  };
}
