import { errorText } from "../../core/mod.ts";
import type { RolloutDeps } from "../deps.ts";
import { lookAtOld, type SeenPod } from "./runtime_probe.ts";
import type { OldPod, OldSight } from "../old_pod.ts";

/** How long one look may take, in milliseconds: reloads wait for it. */
const LOOK_TIMEOUT_MS = 1_000;

/** Looks at the node, not longer than a moment. */
export class Lookout {
  readonly #deps: Pick<RolloutDeps, "probe" | "log">;
  readonly #stop: AbortSignal;

  constructor(deps: Pick<RolloutDeps, "probe" | "log">, stop: AbortSignal) {
    this.#deps = deps;
    this.#stop = stop;
  }

  /** What the runtime has; undefined if it does not answer. */
  async pods(): Promise<readonly SeenPod[] | undefined> {
    try {
      return await this.#deps.probe.pods(this.#limit());
    } catch (error) {
      this.#deps.log.debug("Cannot see the pods", { error: errorText(error) });
      return undefined;
    }
  }

  /** The UIDs in `/runningpods/`; undefined if they cannot be read. */
  listed(): Promise<ReadonlySet<string> | undefined> {
    return this.#deps.probe.listed(this.#limit());
  }

  /** An old version, after a look at the pods and the UIDs. */
  old(
    { uids }: OldPod,
    pods: readonly SeenPod[] | undefined,
    listed: ReadonlySet<string> | undefined,
  ): Promise<OldSight> {
    return lookAtOld(uids, pods, listed, this.#deps.probe);
  }

  #limit(): AbortSignal {
    return AbortSignal.any([AbortSignal.timeout(LOOK_TIMEOUT_MS), this.#stop]);
  }
}
