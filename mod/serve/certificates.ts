/** Keeps an eye on the control plane's certificates while the agent runs, and renews them. */
import { Gauge } from "prom-client";
import type { Settings } from "../config/mod.ts";
import { type Clock, errorText, formatDuration, PodsteadError, type Scope } from "../core/mod.ts";
import type { AgentMetrics } from "../agent/mod.ts";
import type { CertificateEnd } from "../api/contract/mod.ts";
import type { ControlPlaneFs } from "../controlplane/mod.ts";
import type { Logger } from "../os/mod.ts";
import type { PkiOptions } from "../pki/mod.ts";

/** How often the certificates are looked at, in milliseconds. */
const LOOK_INTERVAL_MS = 10 * 60 * 1000;
/** How soon a renewal that failed is tried again, in milliseconds. */
const RETRY_MS = 24 * 60 * 60 * 1000;
/** The same where the first certificate ends soon. */
const SOON_RETRY_MS = 60 * 60 * 1000;

/** What keeping needs. */
export interface CertificateDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: AgentMetrics;
  readonly settings: () => Settings;
  /** Without it: the file system of this machine. */
  readonly fs?: ControlPlaneFs;
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
  let tried = false;

  async function look(): Promise<void> {
    const { controlPlane, node, pki } = deps.settings();
    ends.reset();
    if (controlPlane === null) return;
    const { checkPki, pkiPlaceOf, renewalIsDue } = await import("../pki/look.ts");
    const nowMs = clock.now();
    const options: PkiOptions = {
      ...pkiPlaceOf(controlPlane, node),
      ...{ keyType: "ECDSA-P256", nowMs },
      ...(deps.fs === undefined ? {} : { fs: deps.fs }),
    };
    const report = await checkPki(options);
    for (const { path, toMs } of report.certificates) ends.set({ path }, toMs / 1000);
    if (pki.renew !== "auto") {
      tried = false;
      return;
    }
    if (!renewalIsDue(report, options)) {
      if (!tried && report.certificates.length > 0) await tryOut(options);
      tried ||= report.certificates.length > 0;
      return;
    }
    if (nowMs < notBeforeMs) return;
    const leftMs = Math.min(...report.certificates.map(({ toMs }) => toMs)) - nowMs;
    const retryMs = leftMs < 4 * RETRY_MS ? SOON_RETRY_MS : RETRY_MS;
    notBeforeMs = nowMs + retryMs;
    await renew(options, retryMs);
  }

  /** Says at once that a renewal would fail, and not months later. */
  async function tryOut(options: PkiOptions): Promise<void> {
    const { trySwap } = await import("../pki/look.ts");
    try {
      await trySwap(options);
    } catch (error) {
      log.error("agent.pki.renew is auto, and the certificates could not be renewed", {
        error: errorText(error),
        hint: error instanceof PodsteadError ? error.hint : undefined,
      });
    }
  }

  async function renew(options: PkiOptions, retryMs: number): Promise<void> {
    const { renewPki } = await import("../pki/mod.ts");
    try {
      const { written, keptDirectory } = await renewPki(options);
      log.info("Renewed the control plane's certificates", {
        files: written.length,
        kept: keptDirectory,
        ...(written.some(({ path }) => path.endsWith("/kubelet.conf"))
          ? { next: "systemctl restart kubelet, before its old certificate ends" }
          : {}),
      });
    } catch (error) {
      log.error("Cannot renew the control plane's certificates", {
        error: errorText(error),
        hint: error instanceof PodsteadError ? error.hint : undefined,
        again: formatDuration(retryMs),
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
