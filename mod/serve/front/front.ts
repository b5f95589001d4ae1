/** The manifest endpoint from the first moment on: the stored list answers, then the agent. */
import process from "node:process";
import type { Manifest } from "../../agent/mod.ts";
import type { Settings } from "../../config/mod.ts";
import {
  createHttpServer,
  createManifestApp,
  type HttpServer,
  type ManifestDeps,
  type ManifestFetch,
} from "../../http/mod.ts";
import { type AddressDeps, listenForKubelet } from "../address.ts";
import type { Governor } from "../connections.ts";

/** What answers requests: all but what belongs to the listener. */
export type FrontSource = Omit<ManifestDeps, "path" | "trustedUids" | "monotonicMs">;

/** What a listener is made with. */
export interface FrontDeps extends AddressDeps {
  readonly governor: Governor;
  readonly monotonicMs: () => number;
}

type Place = Pick<Settings["manifest"], "address" | "port" | "path">;

/** Listens on one address for what answers at the time. */
export class ManifestFront {
  readonly #server: HttpServer;
  readonly #place: Place;
  readonly #deps: FrontDeps;
  #app: ReturnType<typeof createManifestApp>;
  /** Whether systemd holds the address. */
  #isHeld = false;

  private constructor(place: Place, source: FrontSource, deps: FrontDeps) {
    this.#deps = deps;
    this.#place = place;
    this.#app = this.#appOf(place.path, source);
    this.#server = createHttpServer(
      { fetch: (request, env) => this.#app.fetch(request, env) },
      deps.governor.options("manifest"),
    );
  }

  /** @throws {PodsteadError} if the address cannot be listened on */
  static async open(place: Place, source: FrontSource, deps: FrontDeps): Promise<ManifestFront> {
    const front = new ManifestFront(place, source, deps);
    front.#isHeld = await listenForKubelet(front.#server, place, deps);
    deps.governor.watch("manifest", front.#server);
    return front;
  }

  /** Whether systemd holds the address. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Whether it listens on this address. */
  isAt({ address, port }: Place): boolean {
    return address === this.#place.address && port === this.#place.port;
  }

  /** Lets another source answer from now on, at this path. */
  hand(path: string, source: FrontSource): void {
    this.#app = this.#appOf(path, source);
  }

  /** Stops accepting, and lets running requests end for `graceMs`. */
  async close(graceMs: number): Promise<void> {
    await this.#server.close(graceMs);
  }

  #appOf(path: string, source: FrontSource) {
    return createManifestApp({
      ...source,
      path,
      trustedUids: new Set([0, process.getuid?.() ?? 0]),
      monotonicMs: this.#deps.monotonicMs,
    });
  }
}

/** The endpoint that is open already, or another one where the config wants it elsewhere now. */
export async function frontAt(
  place: Place,
  open: ManifestFront | undefined,
  source: FrontSource,
  deps: FrontDeps,
): Promise<ManifestFront> {
  if (open?.isAt(place)) {
    open.hand(place.path, source);
    return open;
  }
  await open?.close(0);
  return await ManifestFront.open(place, source, deps);
}

/** Answers with a list that was stored, until there is an agent. */
export function storedSource(
  stored: {
    readonly manifest: Manifest | undefined;
    readonly hosts: ReadonlySet<string>;
    readonly token: () => string | undefined;
    /** Resolves when the token was read: an answer of before would refuse a kubelet that brings it. */
    readonly tokenKnown: Promise<void>;
  },
  onFetch: (fetch: ManifestFetch) => void,
): FrontSource {
  const starting = "The agent is starting";
  return {
    hosts: () => stored.hosts,
    token: stored.token,
    tokenKnown: () => stored.tokenKnown,
    manifest: () => stored.manifest,
    onFetch,
    notReady: () => starting,
    full: () => Promise.resolve({ ok: false, text: starting }),
    metrics: () => Promise.resolve({ contentType: "text/plain; charset=utf-8", text: "" }),
  };
}
