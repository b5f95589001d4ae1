import type { Clock } from "../../../mod/core/mod.ts";
import type { ContainerSpec, ProbeSpec } from "./pod.ts";

/** The three probes of a container. */
export type ProbeKind = "startup" | "readiness" | "liveness";

/** What a prober stands on. */
export interface ProberOptions {
  readonly clock: Clock;
  /** Milliseconds of a declared second. */
  readonly secondMs: number;
  /** Runs a probe once; rejects when it fails. */
  readonly run: (
    containerId: string,
    spec: ProbeSpec,
    container: ContainerSpec,
    timeoutMs: number,
  ) => Promise<void>;
  /** Told when a probe's verdict changes, and each time a liveness probe has failed for good. */
  readonly changed: (containerId: string, kind: ProbeKind, passes: boolean) => void;
  /** Told of each answer. */
  readonly answered?: (container: string, kind: ProbeKind, passes: boolean) => void;
}

/**
 * Runs the probes of one pod's containers: the verdict is that of the kubelet,
 * with its thresholds and defaults. Readiness begins as false, liveness as
 * true, and both wait for startup.
 */
export class Prober {
  readonly #options: ProberOptions;
  readonly #verdicts = new Map<string, boolean>();
  readonly #loops = new Map<string, AbortController>();

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** Makes sure that exactly the probes of these running containers are run. */
  watch(running: readonly { readonly id: string; readonly spec: ContainerSpec }[]): void {
    const wanted = new Set<string>();
    for (const { id, spec } of running) {
      for (const kind of ["startup", "readiness", "liveness"] as const) {
        const probe = spec[`${kind}Probe`];
        if (probe === undefined) continue;
        const key = `${id}/${kind}`;
        wanted.add(key);
        if (this.#loops.has(key)) continue;
        const stop = new AbortController();
        this.#loops.set(key, stop);
        void this.#loop(id, kind, probe, spec, stop.signal);
      }
    }
    for (const [key, stop] of this.#loops) {
      if (wanted.has(key)) continue;
      stop.abort();
      this.#loops.delete(key);
      this.#verdicts.delete(key);
    }
  }

  /** Stops them all. */
  close(): void {
    this.watch([]);
  }

  /** Whether the container has got past its startup probe; true without one. */
  started(id: string, spec: ContainerSpec): boolean {
    return spec.startupProbe === undefined || this.#verdicts.get(`${id}/startup`) === true;
  }

  /** Whether a running container is ready: started, and its readiness probe passes. */
  ready(id: string, spec: ContainerSpec): boolean {
    if (!this.started(id, spec)) return false;
    return spec.readinessProbe === undefined || this.#verdicts.get(`${id}/readiness`) === true;
  }

  async #loop(
    id: string,
    kind: ProbeKind,
    probe: ProbeSpec,
    container: ContainerSpec,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, secondMs, run, changed } = this.#options;
    let passed = 0;
    let failed = 0;
    try {
      await clock.sleep((probe.initialDelaySeconds ?? 0) * secondMs, signal);
      while (!signal.aborted) {
        if (kind === "startup" || this.started(id, container)) {
          // A probe's own time limit is not scaled: the thing it asks is real.
          const fails = await run(id, probe, container, (probe.timeoutSeconds ?? 1) * 1000)
            .then(() => false, () => true);
          if (signal.aborted) return;
          this.#options.answered?.(container.name, kind, !fails);
          passed = fails ? 0 : passed + 1;
          failed = fails ? failed + 1 : 0;
          const before = this.#verdicts.get(`${id}/${kind}`);
          if (passed >= (probe.successThreshold ?? 1)) {
            this.#verdicts.set(`${id}/${kind}`, true);
            if (before !== true) changed(id, kind, true);
            if (kind === "startup") return;
          } else if (failed >= (probe.failureThreshold ?? 3)) {
            this.#verdicts.set(`${id}/${kind}`, false);
            if (before !== false || kind !== "readiness") changed(id, kind, false);
            if (kind !== "readiness") return;
          }
        }
        await clock.sleep((probe.periodSeconds ?? 10) * secondMs, signal);
      }
    } catch (thrown) {
      // Only the sleep rejects, and only because the container is gone.
      if (!signal.aborted) throw thrown;
    }
  }
}
