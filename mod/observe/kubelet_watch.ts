/** Whether the kubelet is there, and what it tells by itself through its local pods API. */
import type { Clock } from "../core/mod.ts";
import type { PodsApi } from "../kubelet/mod.ts";

/** By what it is seen: its port of the network, or its own socket. */
type Sight = "port" | "pods-api";

/**
 * Joins what is seen of the kubelet: it is there for as long as one sight says so.
 * A port may be another than podstead was told, and only newer kubelets have a socket.
 */
export class KubeletPresence {
  readonly #onChange: (up: boolean) => void;
  readonly #seen = new Map<Sight, boolean>();
  #up: boolean | undefined;

  /** @param onChange called with the first state, and after each change */
  constructor(onChange: (up: boolean) => void) {
    this.#onChange = onChange;
  }

  /** What one sight says now. */
  told(by: Sight, up: boolean): void {
    this.#seen.set(by, up);
    const now = [...this.#seen.values()].some(Boolean);
    if (now === this.#up) return;
    this.#up = now;
    this.#onChange(now);
  }
}

/** What is watched, and what is called. */
export interface KubeletWatchOptions {
  readonly clock: Clock;
  readonly api: Pick<PodsApi, "watch" | "exists">;
  readonly signal: AbortSignal;
  /** Whether its socket answers; not called before it has for the first time. */
  readonly onPresence: (up: boolean) => void;
  /** A static pod has changed: the list is worth a look. */
  readonly onChange: () => void;
}

/** How often a missing socket is looked for, in milliseconds: one question to the file system. */
const ABSENT_MS = 5_000;

/** How long after a failed attempt the next one comes, in milliseconds. */
const RETRY_MS = 1_000;

/** Watches the kubelet's pods until `signal` aborts; never throws. */
export async function watchKubelet(options: KubeletWatchOptions): Promise<void> {
  const { clock, api, signal, onPresence, onChange } = options;
  let known = false;
  while (!signal.aborted) {
    const begunMs = clock.monotonicMs();
    let synced = false;
    try {
      for await (const news of api.exists() ? api.watch(signal) : []) {
        if (news === "synced") {
          synced = known = true;
          onPresence(true);
        }
        onChange();
      }
    } catch {
      // It is away, or has no such API: the looks find out what it answers.
    }
    // A stream that has ended may have been too slow: only a kubelet that does not answer is away.
    if (synced && clock.monotonicMs() - begunMs > RETRY_MS) continue;
    if (known && !synced) onPresence(false);
    await clock.sleep(api.exists() ? RETRY_MS : ABSENT_MS, signal).catch(() => undefined); // the loop sees it
  }
}
