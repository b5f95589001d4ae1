import type { Clock } from "../core/mod.ts";
import type { Logger } from "../os/mod.ts";
import type { PrePull } from "./images/pre_pull.ts";
import type { RuntimeProbe } from "./sight/runtime_probe.ts";
import type { RolloutRecorder } from "./types.ts";
import type { ReplaceMethod } from "./annotations.ts";

/** What the roll-out needs of the world. */
export interface RolloutDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly probe: RuntimeProbe;
  readonly prePull: Pick<PrePull, "check" | "close">;
  /** The current settings. */
  readonly settings: () => RolloutSettings;
  /** Keys, as `namespace/name`, of the pods that are ready. */
  readonly ready: () => Promise<ReadonlySet<string>>;
  /** `select` gives something else than before: save what must be saved, then publish. */
  readonly changed: () => Promise<void>;
  /** `examine` gives something else than before: plan again. */
  readonly replan: () => Promise<void>;
  readonly record: RolloutRecorder;
}

/** The settings of a node that matter here. */
export interface RolloutSettings {
  readonly nodeName: string;
  readonly replace: ReplaceMethod;
  /** Of the node's kubelet, 1.x; undefined if it is not known. */
  readonly kubeletMinor: number | undefined;
  /** Why the API server would keep showing an old spec of a pod changed in place, if it would. */
  readonly staleMirrors: string | undefined;
  /** How long a first start may be held back, in milliseconds. */
  readonly afterTimeoutMs: number;
}
