import type { AgentDeps } from "./agent_deps.ts";
import type { ServedList } from "./commit.ts";
import { isOpen, type ListRenderer, type Manifest } from "./list.ts";
import type { Rollout } from "./rollout.ts";
import { inList } from "./state/refused_now.ts";
import type { AgentState } from "./state/state.ts";

/** Holds the list that is served, and makes the next one. */
export class Publisher {
  readonly #deps: Pick<AgentDeps, "metrics" | "secrets">;
  readonly #rollout: Rollout;
  readonly #lists: ListRenderer;
  #manifest: Manifest | undefined;
  #isAllowed: boolean;

  /** @param isAllowed false until the pods of the state are all that should be served */
  constructor(
    deps: Pick<AgentDeps, "metrics" | "secrets">,
    { rollout, lists, isAllowed }: {
      readonly rollout: Rollout;
      readonly lists: ListRenderer;
      readonly isAllowed: boolean;
    },
  ) {
    this.#deps = deps;
    this.#rollout = rollout;
    this.#lists = lists;
    this.#isAllowed = isAllowed;
  }

  /** The served list; undefined until there is a first one. */
  get manifest(): Manifest | undefined {
    return this.#manifest;
  }

  /** Allows a list from now on: the state has every pod that should be served. */
  allow(): void {
    this.#isAllowed = true;
  }

  /**
   * Renders the list again from the desired pods, as the rollout allows them now.
   *
   * @returns the list if it differs from the one before
   */
  publish({ pods: desired, taken }: AgentState): ServedList | undefined {
    if (!this.#isAllowed) return undefined;
    const unseal = this.#deps.secrets?.open;
    const pods = this.#rollout.select(desired)
      .filter((pod) => unseal === undefined || isOpen(pod, unseal))
      .filter(inList(taken));
    const manifest = this.#lists.render(pods);
    const same = manifest.etag === this.#manifest?.etag;
    this.#manifest = manifest;
    this.#rollout.published(pods, manifest.etag);
    if (same) return undefined;
    this.#deps.metrics.served(manifest.pods, manifest.bytes.byteLength);
    return { pods, etag: manifest.etag };
  }
}
