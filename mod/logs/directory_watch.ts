import { type FSWatcher, watch } from "node:fs";

/** How often a directory is looked at where the system cannot tell of changes (no inotify left). */
const POLL_MS = 25;

/** What happened in a directory since it was asked the last time. */
export interface DirectoryChange {
  /** A file may have grown or shrunk. */
  readonly content: boolean;
  /** A file may have come, gone or got another name. */
  readonly names: boolean;
}

/** Reports changes in one directory. What happens between two waits is kept. */
export class DirectoryWatch {
  #watcher: FSWatcher | undefined;
  #content = true;
  #names = true;
  #wake: (() => void) | undefined;

  constructor(directory: string) {
    try {
      this.#watcher = watch(directory, { persistent: false }, (event) => {
        this.#content = true;
        if (event === "rename") this.#names = true;
        this.#wake?.();
      });
      this.#watcher.on("error", () => this.#giveUp());
    } catch {
      // No directory, or no watches left on this machine: changes are found by looking.
      this.#watcher = undefined;
    }
  }

  /** What was told since the last call. Without a watch names may always have changed. */
  take(): DirectoryChange {
    const unsure = this.#watcher === undefined;
    const change = { content: this.#content, names: this.#names || unsure };
    this.#content = this.#names = false;
    return change;
  }

  /** Resolves at the next change, after `timeoutMs`, or when a signal aborts; at once if it did. */
  async wait(timeoutMs: number, ...signals: (AbortSignal | undefined)[]): Promise<void> {
    if (this.#content || signals.some((signal) => signal?.aborted === true)) return;
    const limitMs = this.#watcher === undefined ? Math.min(timeoutMs, POLL_MS) : timeoutMs;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        for (const signal of signals) signal?.removeEventListener("abort", wake);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, limitMs);
      for (const signal of signals) signal?.addEventListener("abort", wake, { once: true });
      this.#wake = wake;
    });
  }

  /** Ends a wait as if something had changed. */
  poke(): void {
    this.#content = true;
    this.#wake?.();
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#wake?.();
  }

  #giveUp(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#content = this.#names = true;
    this.#wake?.();
  }
}
