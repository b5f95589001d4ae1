/**
 * Why a service of the node is down, asked of systemd and its journal while it is.
 *
 * That it is down is not asked of systemd, nor are its units watched: an open
 * connection ends in the moment in which its server dies, before systemd has
 * noticed, and does so on nodes without systemd too. To watch units over D-Bus
 * would tell nothing sooner, and needs a client of its own.
 */
import { type Clock, SerialQueue } from "../core/mod.ts";
import {
  endOf,
  kubeletLastWords,
  type NodeEvidenceView,
  type ServiceSight,
} from "../explain/mod.ts";
import type { NodeEvents } from "../observe/mod.ts";

/** What is asked. */
export interface DownReasonDeps {
  readonly clock: Clock;
  readonly nodeEvents: Pick<NodeEvents, "service" | "stillDown">;
  /** A unit as systemd has it; undefined if there is none, or no systemd. */
  readonly sight: (unit: string) => Promise<ServiceSight | undefined>;
  /** The last lines of a unit's journal. */
  readonly journal: (unit: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** Whether a kubelet has polled since it was last seen to go, and not long ago. */
  readonly polls: () => boolean;
  /** Called when the reason is known, or another one is. */
  readonly onReason: () => void;
}

/** What is known of a kubelet that is down. */
export type KubeletDownEvidence = Pick<
  NodeEvidenceView,
  "kubeletAlive" | "kubeletService" | "kubeletLastWords"
>;

/** How often the reason is asked for while the kubelet is down, in milliseconds: it may be another by then. */
const ASK_AGAIN_MS = 5_000;

/** For so long an event waits for its reason, in milliseconds. */
const PATIENCE_MS = 800;

/** Follows whether the kubelet is there, and asks why it is not. */
export class KubeletDownReason {
  readonly #deps: DownReasonDeps;
  readonly #signal: AbortSignal;
  readonly #queue = new SerialQueue();
  #known: KubeletDownEvidence | undefined;
  /** Ends the questions of the time that it is down. */
  #asking: AbortController | undefined;
  #wasUp = false;

  /** @param signal ends it */
  constructor(deps: DownReasonDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  /** Why the kubelet is down, as of the last question; empty while it is up. */
  get known(): KubeletDownEvidence {
    return this.#known ?? {};
  }

  /** It is there, or is not, from now on. Never throws, never waits. */
  changed(up: boolean): void {
    const { clock, nodeEvents } = this.#deps;
    const atMs = clock.now();
    this.#asking?.abort();
    this.#known = undefined;
    if (up) {
      this.#wasUp = true;
      void this.#queue.run(() => Promise.resolve(nodeEvents.service("kubelet", true, "", atMs)));
      return;
    }
    const asking = new AbortController();
    this.#asking = asking;
    const until = AbortSignal.any([asking.signal, this.#signal]);
    void this.#queue.run(async () => {
      const patience = clock.sleep(PATIENCE_MS, until).catch(() => undefined); // it is back, or all ends
      await Promise.race([this.#ask(until), patience]);
      this.#tell(atMs);
    }).then(() => this.#askAgain(until));
  }

  /** It has polled: wherever it listens, it runs. */
  polled(): void {
    const { clock, nodeEvents } = this.#deps;
    nodeEvents.service("kubelet", true, "", clock.now());
  }

  /** One that runs and was never seen has other ports, or is about to open them. */
  #tell(atMs?: number): void {
    const { nodeEvents, polls } = this.#deps;
    if (polls()) return;
    if (!this.#wasUp && runs(this.known.kubeletService)) return;
    const why = reasonOf(this.known);
    nodeEvents.service("kubelet", false, why, atMs);
    nodeEvents.stillDown("kubelet", why);
  }

  async #askAgain(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await this.#deps.clock.sleep(ASK_AGAIN_MS, until).catch(() => undefined); // the loop sees it
      if (until.aborted) return;
      await this.#ask(until);
      if (!until.aborted) this.#tell();
    }
  }

  async #ask(until: AbortSignal): Promise<void> {
    const { sight, journal, onReason } = this.#deps;
    const service = await sight("kubelet").catch(() => undefined); // a node need not have systemd
    const lines = service === undefined || runs(service)
      ? []
      : await journal("kubelet", until).catch(() => []); // nor a journal
    if (until.aborted) return;
    this.#known = {
      ...(service === undefined ? {} : { kubeletService: service }),
      kubeletLastWords: kubeletLastWords(lines),
    };
    onReason();
  }
}

function runs(service: ServiceSight | undefined): boolean {
  return service?.state === "active" && service.subState === "running";
}

function reasonOf(
  { kubeletService: service, kubeletLastWords: said }: KubeletDownEvidence,
): string {
  if (service === undefined || service.state === "active") return "";
  if (service.state === "inactive") return "its service is stopped";
  return said ?? endOf(service) ?? `its service is ${service.subState}`;
}
