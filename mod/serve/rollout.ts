/** Connects the rollout with the runtime, the kubelet and the agent of this node. */
import type { Agent, AgentMetrics, ServedPod } from "../agent/mod.ts";
import type { PropagationTracker, StatusService } from "../observe/mod.ts";
import type { Clock } from "../core/mod.ts";
import type { Runtime } from "../cri/mod.ts";
import { minorOf } from "../pods/mod.ts";
import type { KubeletClient } from "../kubelet/mod.ts";
import type { Logger } from "../os/mod.ts";
import {
  type ImageStore,
  PrePull,
  QuickRollout,
  rolloutMetrics,
  type RolloutRecorder,
  runtimeImages,
  runtimeProbe,
} from "../rollout/mod.ts";
import type { LoginBook } from "../registry/mod.ts";
import type { CurrentSettings } from "./host/current_settings.ts";

/** What the rollout is put together from. */
export interface RolloutParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: AgentMetrics;
  readonly runtime: Runtime;
  readonly kubelet: () => KubeletClient;
  readonly settings: CurrentSettings;
  /** Of the pods. */
  readonly logins: Pick<LoginBook, "sources">;
  /** Of the node's kubelet; undefined if it is not known. */
  readonly kubeletVersion: () => string | undefined;
  /** Why the API server would keep showing an old spec of a pod that is changed in place. */
  readonly staleMirrors: () => string | undefined;
  /** Called with each pull before a replacement; runs it. */
  readonly pulling?: (image: string, pull: () => Promise<void>) => Promise<void>;
  /** Records the steps besides the metrics. */
  readonly record?: RolloutRecorder;
}

/** What the rollout follows, moves on and tells; all are made after it, so they join it later. */
export interface RolloutPartners {
  readonly agent: Agent;
  readonly status: StatusService;
  readonly changes: Pick<PropagationTracker, "replaced">;
}

/**
 * The rollout of a node. This is the one circle among the parts of the agent: the rollout moves
 * the agent on, by what the status shows, and both are made with it. What it calls before they
 * have joined waits for them.
 */
export interface NodeRollout {
  readonly quick: QuickRollout<ServedPod>;
  join(partners: RolloutPartners): void;
  /** Ends what is under way, as far as that is soon done. */
  close(): Promise<void>;
}

/** Builds the rollout of a node. */
export function createRollout(parts: RolloutParts): NodeRollout {
  const { promise: joined, resolve: join } = Promise.withResolvers<RolloutPartners>();
  const { clock, log } = parts;
  const settings = () => parts.settings.get();
  const count = rolloutMetrics(parts.metrics.registry);
  const quick = new QuickRollout<ServedPod>({
    clock,
    log,
    probe: runtimeProbe({
      runtime: () => parts.runtime,
      kubelet: parts.kubelet,
      podsDirectory: () => settings().kubelet.podsDirectory,
      monotonicMs: clock.monotonicMs,
    }),
    prePull: new PrePull({
      clock,
      log,
      images: watched(
        runtimeImages(
          () => parts.runtime,
          () => parts.logins.sources(settings().pull.credentialsFile),
        ),
        parts.pulling,
      ),
      timeoutMs: () => settings().pull.timeoutMs,
      changed: () => void joined.then(({ agent }) => agent.replan()),
    }),
    settings: () => ({
      nodeName: settings().node.name,
      replace: settings().replace,
      kubeletMinor: minorOf(parts.kubeletVersion() ?? ""),
      staleMirrors: parts.staleMirrors(),
      afterTimeoutMs: settings().afterTimeoutMs,
    }),
    async ready() {
      const rows = await (await joined).status.refresh();
      return new Set(
        rows.flatMap(({ ready, joined }) =>
          ready === "True" && joined.desired !== undefined
            ? [`${joined.desired.namespace}/${joined.desired.name}`]
            : []
        ),
      );
    },
    changed: async () => await (await joined).agent.followRollout(),
    replan: async () => await (await joined).agent.replan(),
    record(event) {
      count(event);
      if (event.step === "running") void joined.then(({ changes }) => changes.replaced(event));
      parts.record?.(event);
    },
  });
  return {
    quick,
    join,
    async close() {
      await quick.drain();
      await quick.close();
    },
  };
}

function watched(images: ImageStore, pulling: RolloutParts["pulling"]): ImageStore {
  if (pulling === undefined) return images;
  return {
    has: (name, signal) => images.has(name, signal),
    pull: (name, signal) => pulling(name, () => images.pull(name, signal)),
  };
}

/** What `/readyz` says besides "ok" while pods are changing; undefined if none is. */
export function underWay(agent: Agent): string | undefined {
  const held = [...agent.heldBack()].map(([key, { state, reason }]) =>
    `${state.toLowerCase()} ${key}: ${reason}`
  );
  return held.length === 0 ? undefined : held.join("\n");
}
