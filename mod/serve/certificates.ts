/** Keeps an eye on the control plane's certificates while the agent runs, and renews them. */
import { Gauge } from "prom-client";
import type { Settings } from "../config/mod.ts";
import { type Clock, errorText, formatDuration, PodsteadError, type Scope } from "../core/mod.ts";
import type { AgentMetrics } from "../agent/mod.ts";
import type { CertificateEnd } from "../api/contract/mod.ts";
import type { Logger } from "../os/mod.ts";
import type { PkiOptions } from "../pki/mod.ts";

/** How often the certificates are looked at, in milliseconds. */
const LOOK_INTERVAL_MS = 10 * 60 * 1000;
/** How soon a renewal that failed is tried again, in milliseconds: each try keeps a copy of the files. */
const RETRY_MS = 24 * 60 * 60 * 1000;

/** What keeping needs. */
export interface CertificateDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: AgentMetrics;
  readonly settings: () => Settings;
}

/** When each certificate ends; none where the node has no control plane. */
export async function certificateEnds(
  { controlPlane, node }: Settings,
  nowMs: number,
): Promise<readonly CertificateEnd[]> {
  if (controlPlane === null) return [];
  const { checkPki, pkiPlaceOf } = await import("../pki/look.ts");
  const { certificates } = await checkPki({ ...pkiPlaceOf(controlPlane, node), nowMs });
  return certificates.map(({ path, toMs }) => ({ path, endsMs: toMs }));
}

/**
 * Looks at the certificates now and then: the metric says when each ends, and
 * with `agent.pki.renew: auto` they are renewed before. The agent's watch over
 * the files then rolls the components that read them only at their start.
 */
export function keepCertificates(deps: CertificateDeps, scope: Scope): void {
  const { clock, log, metrics } = deps;
  const ends = new Gauge({
    name: "podstead_certificate_expiry_timestamp_seconds",
    help: "End of each certificate of the control plane and of the kubelet's client, Unix seconds",
    labelNames: ["path"] as const,
    registers: [metrics.registry],
  });
  const closing = new AbortController();
  scope.defer(() => closing.abort());
  let notBeforeMs = 0;

  async function look(): Promise<void> {
    const { controlPlane, node, pki } = deps.settings();
    ends.reset();
    if (controlPlane === null) return;
    const { checkPki, pkiPlaceOf, renewalIsDue } = await import("../pki/look.ts");
    const nowMs = clock.now();
    const options = { ...pkiPlaceOf(controlPlane, node), keyType: "ECDSA-P256", nowMs } as const;
    const report = await checkPki(options);
    for (const { path, toMs } of report.certificates) ends.set({ path }, toMs / 1000);
    if (pki.renew !== "auto" || nowMs < notBeforeMs || !renewalIsDue(report, options)) return;
    notBeforeMs = nowMs + RETRY_MS;
    await renew(options);
  }

  async function renew(options: PkiOptions): Promise<void> {
    const { renewPki } = await import("../pki/mod.ts");
    try {
      const { written, keptDirectory } = await renewPki(options);
      log.info("Renewed the control plane's certificates", {
        files: written.length,
        kept: keptDirectory,
      });
    } catch (error) {
      log.error("Cannot renew the control plane's certificates", {
        error: errorText(error),
        hint: error instanceof PodsteadError ? error.hint : undefined,
        again: formatDuration(RETRY_MS),
      });
    }
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await look();
      } catch (error) {
        log.error("Cannot look at the control plane's certificates", { error: errorText(error) });
      }
      // Ends when the agent does.
      await clock.sleep(LOOK_INTERVAL_MS, closing.signal).catch(() => undefined);
    }
  }
  void run();
}
