import type { KnownSources, LoadedConfig, Settings, WhileSettling } from "../config/mod.ts";
import type { ControlPlanePods } from "../controlplane/mod.ts";
import type { JudgeOptions } from "../pods/mod.ts";
import type { Clock, JsonObject } from "../core/mod.ts";
import type { PodCredentials } from "../registry/mod.ts";
import type { Unseal, VolumeStore } from "../materialize/mod.ts";
import type { Logger } from "../os/mod.ts";
import type { AgentMetrics } from "./metrics.ts";
import type { PodVerdict } from "./judged_pod.ts";
import type { KubeletNow } from "./state/refused_now.ts";
import type { Rollout } from "./rollout.ts";

/** What the agent needs of the world. */
export interface AgentDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: AgentMetrics;
  readonly stateDir: string;
  /**
   * Reads the config and its drop-ins again; reports problems, does not throw for them.
   *
   * @param known the sources of what is served now
   * @param whileSettling may be called with what is not certain yet
   */
  readonly load: (known: KnownSources, whileSettling?: WhileSettling) => Promise<LoadedConfig>;
  /** The files that `load` is at, for the error when it takes too long. */
  readonly filesNow?: () => readonly string[];
  /** The kubelet's verdicts on the pods of this node, as declared and in their order. */
  readonly judge: (pods: readonly JsonObject[], settings: Settings) => readonly PodVerdict[];
  /** Gives what judges one pod, so that `judge` has less to do at once; default: it does all of it. */
  readonly judgeAhead?: (settings: Settings) => (pod: JsonObject) => void;
  /** By which kubelet `judge` goes. */
  readonly judgedBy?: (settings: Settings) => JudgeOptions;
  /** The kubelet that fetches the list; default: nothing is known of it. */
  readonly kubelet?: (settings: Settings) => KubeletNow;
  /** Renders the control plane that settings ask for, and writes the files of its pods. */
  readonly controlPlane?: ControlPlaneSource;
  /** Writes the files of pods' volumes; default: they are not written. */
  readonly volumes?: Pick<VolumeStore, "write">;
  /** Takes in the registry logins of pods, before images are pulled; by default they are ignored. */
  readonly logins?: (pods: readonly PodCredentials[], settings: Settings) => Promise<void>;
  /** Opens sealed values; by default they cannot be opened. */
  readonly secrets?: SealedValues;
  /** Whether the kubelet shows its pods to an API server; default: it does not. */
  readonly hasApiServer?: () => boolean;
  /** Guards the list as new settings want it, before a list is served under them; never rejects. */
  readonly guard?: (settings: Settings) => Promise<void>;
  /** Decides which version of each pod the list holds right now. */
  readonly rollout?: Rollout;
}

/** The node's sealed values. */
export interface SealedValues {
  /** Opens these, and forgets others. @param keep whether a restart is to find them opened */
  prepare(values: Iterable<string>, settings: Settings, keep: boolean): Promise<void>;
  /** As they can be opened now: by it a new version is judged. */
  readonly check: Unseal;
  /** As they were opened last: by it a version is served. */
  readonly open: Unseal;
}

/** The config that settings come from, and where in it they stand. */
export type ConfigOrigin = Pick<LoadedConfig, "path" | "placeOf">;

/** Where control plane pods come from. */
export interface ControlPlaneSource {
  /** Renders, checks and writes; later changes of the files lead to a further reload. */
  prepare(settings: Settings, from: ConfigOrigin): Promise<ControlPlanePods>;
  /** The same, but writes nothing. */
  propose(settings: Settings, from: ConfigOrigin): Promise<ControlPlanePods>;
}
