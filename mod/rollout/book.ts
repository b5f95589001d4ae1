/** Tells the log and the recorder which steps the pods take. */
import { formatDuration } from "../core/mod.ts";
import type { RolloutDeps } from "./deps.ts";
import type { FirstStartDecision } from "./first_start.ts";
import type { Replacement, ServeReason } from "./replacement.ts";
import type { RolloutEvent } from "./types.ts";

/** What an event says besides its pod and its step. */
export type EventDetails = Partial<
  Pick<RolloutEvent, "sinceMs" | "downtimeMs" | "reason" | "method">
>;

const REASONS: Readonly<Record<Exclude<ServeReason, "done">, string>> = {
  "not-fetched": "no kubelet fetched the list without it",
  "not-ending": "its old version does not end",
  "no-sign": "nothing shows that the kubelet is done",
};

/** Writes the steps down. */
export class RolloutBook {
  readonly #deps: Pick<RolloutDeps, "clock" | "log" | "record">;

  constructor(deps: Pick<RolloutDeps, "clock" | "log" | "record">) {
    this.#deps = deps;
  }

  /** A pod has taken a step. */
  step(key: string, step: RolloutEvent["step"], hash: string, details: EventDetails = {}): void {
    const [namespace = "", name = ""] = key.split("/");
    const event: RolloutEvent = { namespace, name, step, hash, method: "quick", ...details };
    const { sinceMs, downtimeMs, reason, method } = event;
    this.#deps.log.info(`Roll-out: ${step}`, {
      pod: key,
      method,
      hash,
      durationMs: sinceMs === undefined ? undefined : Math.round(sinceMs),
      downtimeMs: downtimeMs === undefined ? undefined : Math.round(downtimeMs),
      reason,
    });
    this.#deps.record(event);
  }

  /** The old version may have been seen to end by this look. */
  looked(key: string, before: Replacement, after: Replacement): void {
    if (after.step !== "ending" || after.endedMs === undefined) return;
    if (before.step === "ending" && before.endedMs !== undefined) return;
    this.step(key, "ended", after.old.hash, { sinceMs: after.endedMs - after.fetchedMs });
  }

  /** The new version should be served. */
  served(key: string, hash: string, last: Replacement, reason: ServeReason): void {
    const { log, clock } = this.#deps;
    const endedMs = last.step === "ending" ? last.endedMs : undefined;
    const sinceMs = endedMs === undefined ? {} : { sinceMs: clock.monotonicMs() - endedMs };
    if (reason === "done") return this.step(key, "served", hash, sinceMs);
    log.warn("A pod is served before the kubelet is known to be done with its old version", {
      pod: key,
      reason: REASONS[reason],
    });
    this.step(key, "served", hash, { ...sinceMs, reason: REASONS[reason] });
  }

  /** A pod need not wait any longer. */
  released(
    key: string,
    hash: string,
    { waitedMs, missing }: Extract<FirstStartDecision, { readonly kind: "release" }>,
  ): void {
    const details = { sinceMs: waitedMs };
    if (missing.length === 0) return this.step(key, "released", hash, details);
    this.#deps.log.error("A pod is started although the pods before it are not ready", {
      pod: key,
      missing: missing.join(", "),
      waited: formatDuration(waitedMs),
      hint: "See agent.afterTimeout",
    });
    this.step(key, "released", hash, { ...details, reason: `${missing.join(", ")} not ready` });
  }
}
