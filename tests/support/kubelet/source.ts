import type { Klog } from "./klog.ts";
import type { ManifestAnswer } from "./fetch_manifest.ts";
import type { Pod } from "./pod.ts";

/** What the poller stands on. */
export interface UrlSourceOptions {
  readonly url: string;
  /** One poll; throws in the words that are logged. */
  readonly fetch: () => Promise<ManifestAnswer>;
  /** Reads a body; throws in the words that are logged. */
  readonly decode: (body: Uint8Array) => readonly Pod[];
  /** Takes each new set of pods, the empty one of a zero-length body too. */
  readonly update: (pods: readonly Pod[]) => void;
  readonly log: Klog;
}

/** Failures in a row that the kubelet logs in full before it falls silent. */
const LOGGED_FAILURES = 3;

/**
 * The kubelet's poller of a manifest URL (pkg/kubelet/config/http.go).
 *
 * Any error keeps what was read before. The bytes of a body are remembered
 * before they are decoded, so a bad one is reported once and passes for
 * unchanged afterwards. A zero-length 200 is an empty set and an error, and
 * does not touch what is remembered: the same bytes again stay ignored.
 */
export class UrlSource {
  readonly #options: UrlSourceOptions;
  #remembered: Uint8Array | undefined;
  #failures = 0;

  constructor(options: UrlSourceOptions) {
    this.#options = options;
  }

  /** Polls once. Never throws: what went wrong is logged, and returned. */
  async poll(): Promise<Error | undefined> {
    const { log } = this.#options;
    try {
      await this.#extract();
      if (this.#failures > 0) log.info("Successfully read pods from URL");
      this.#failures = 0;
      return undefined;
    } catch (thrown) {
      const failure = thrown instanceof Error ? thrown : new Error(String(thrown));
      if (this.#failures < LOGGED_FAILURES) {
        log.info("Failed to read pods from URL", { err: failure.message });
      } else if (this.#failures === LOGGED_FAILURES) {
        log.info(
          "Failed to read pods from URL. Dropping verbosity of this message to V(4)",
          { err: failure.message },
        );
      }
      this.#failures += 1;
      return failure;
    }
  }

  async #extract(): Promise<void> {
    const { url, fetch, decode, update } = this.#options;
    const { status, statusText, body } = await fetch();
    if (status !== 200) throw new Error(`${url}: ${status} ${statusText}`.trimEnd());
    if (body.byteLength === 0) {
      update([]);
      throw new Error(`zero-length data received from ${url}`);
    }
    if (this.#remembered !== undefined && Buffer.compare(this.#remembered, body) === 0) return;
    this.#remembered = body;
    update(decode(body));
  }
}
