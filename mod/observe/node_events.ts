/** What happens to the node itself: the kubelet, the runtime, the config, images. */
import { type Clock, errorText, formatDuration } from "../core/mod.ts";
import type { EventLog, NewPodEvent, PodEventType } from "./event_log.ts";

/** An event about no pod: its namespace and name are empty. */
const NODE = { namespace: "", name: "" };

type Service = "kubelet" | "runtime";

const NAMES: Readonly<Record<Service, string>> = {
  kubelet: "The kubelet",
  runtime: "The container runtime",
};

interface ServiceState {
  readonly up: boolean;
  readonly sinceMs: number;
  /** Why it is down, as last reported; empty if that is not known. */
  readonly why: string;
}

/** Records each change once, however often it is reported. */
export class NodeEvents {
  readonly #clock: Clock;
  readonly #events: Pick<EventLog, "record">;
  readonly #state = new Map<Service, ServiceState>();
  #refused: boolean;

  constructor(clock: Clock, events: Pick<EventLog, "record" | "list">) {
    this.#clock = clock;
    this.#events = events;
    const nodeEvents = events.list(({ name }) => name === "");
    for (const service of ["kubelet", "runtime"] as const) {
      const last = nodeEvents.findLast(({ type }) =>
        type === `${service}-up` || type === `${service}-down`
      );
      // That it went down is remembered across a restart, so that its return is reported.
      if (last?.type === `${service}-down`) {
        this.#state.set(service, { up: false, sinceMs: Date.parse(last.at), why: "" });
      }
    }
    this.#refused =
      nodeEvents.findLast(({ type }) => type === "config-refused" || type === "config-applied")
        ?.type === "config-refused";
  }

  /**
   * A service of the node is there, or is not.
   *
   * @param atMs when that was noticed, in Unix milliseconds
   */
  service(service: Service, up: boolean, why = "", atMs = this.#clock.now()): void {
    const before = this.#state.get(service);
    if (before?.up === up) return;
    this.#state.set(service, { up, sinceMs: atMs, why });
    // That it runs when podstead begins to look is no news.
    if (before === undefined && up) return;
    const downMs = before === undefined ? 0 : atMs - before.sinceMs;
    this.#record(
      up ? `${service}-up` : `${service}-down`,
      up
        ? `${NAMES[service]} is back after ${formatDuration(downMs)}`
        : `${NAMES[service]} is gone${why === "" ? "" : `: ${why}`}`,
      atMs,
    );
  }

  /** It is still down; reported only if the reason has changed. */
  stillDown(service: Service, why: string): void {
    const before = this.#state.get(service);
    if (before === undefined || before.up || why === "" || before.why === why) return;
    this.#state.set(service, { ...before, why });
    this.#record(`${service}-down`, `${NAMES[service]} does not come back: ${why}`);
  }

  /** A file of the config has changed, and no reload has read it yet. */
  configChanged(file: string): void {
    this.#record("config-changed", `"${file}" has changed; a reload takes it into use`);
  }

  /**
   * A reload has ended.
   *
   * @param refusal why not all of it is in use; undefined if it is
   */
  reloaded(result: string, revision: number, refusal: string | undefined): void {
    if (refusal !== undefined) {
      this.#refused = true;
      this.#record("config-refused", `Reload ${result}: ${refusal}`);
      return;
    }
    if (result === "unchanged" && !this.#refused) return;
    this.#refused = false;
    this.#record("config-applied", `The config is in use, as revision ${revision}`);
  }

  /** An image was pulled before its pod is replaced, or could not be. */
  async pulling(image: string, pull: () => Promise<void>): Promise<void> {
    const startMs = this.#clock.monotonicMs();
    try {
      await pull();
    } catch (error) {
      this.#record("image-failed", `Image "${image}" cannot be pulled: ${errorText(error)}`);
      throw error;
    }
    const took = formatDuration(this.#clock.monotonicMs() - startMs);
    this.#record("image-pulled", `Image "${image}" was pulled in ${took}`);
  }

  #record(type: PodEventType, message: string, atMs?: number): void {
    const event: NewPodEvent = { ...NODE, type, message, ...(atMs === undefined ? {} : { atMs }) };
    this.#events.record(event);
  }
}
