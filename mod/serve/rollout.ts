/** Gives the rollout its eyes and hands on this node. */
import type { Agent, AgentMetrics, ServedPod } from "../agent/mod.ts";
import type { StatusService } from "../observe/mod.ts";
import type { Settings } from "../config/mod.ts";
import type { Clock } from "../core/mod.ts";
import type { Runtime } from "../cri/mod.ts";
import { minorOf } from "../pods/mod.ts";
import type { KubeletClient } from "../kubelet/mod.ts";
import type { Logger } from "../os/mod.ts";
import {
  type ImageStore,
  nodeEyes,
  PrePull,
  QuickRollout,
  rolloutMetrics,
  type RolloutRecorder,
  runtimeImages,
} from "../rollout/mod.ts";

/** What the rollout is put together from; agent and status exist only after it. */
export interface RolloutParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: AgentMetrics;
  readonly runtime: Runtime;
  readonly kubelet: () => KubeletClient;
  readonly settings: () => Settings;
  /** Of the node's kubelet; undefined where it is not known. */
  readonly kubeletVersion: () => string | undefined;
  readonly agent: () => Agent;
  readonly status: () => StatusService;
  /** Told of each pull before a replacement; runs it. */
  readonly pulling?: (image: string, pull: () => Promise<void>) => Promise<void>;
  /** Keeps book of the steps beside the metrics. */
  readonly record?: RolloutRecorder;
}

/** Builds the rollout of a node. */
export function createRollout(parts: RolloutParts): QuickRollout<ServedPod> {
  const { clock, log, settings } = parts;
  const count = rolloutMetrics(parts.metrics.registry);
  return new QuickRollout<ServedPod>({
    clock,
    log,
    eyes: nodeEyes({
      runtime: () => parts.runtime,
      kubelet: parts.kubelet,
      podsDirectory: () => settings().kubelet.podsDirectory,
      monotonicMs: clock.monotonicMs,
    }),
    prePull: new PrePull({
      clock,
      log,
      images: watched(
        runtimeImages(() => parts.runtime, () => settings().pull.credentialsFile),
        parts.pulling,
      ),
      timeoutMs: () => settings().pull.timeoutMs,
      changed: () => void parts.agent().replan(),
    }),
    settings: () => ({
      nodeName: settings().node.name,
      replace: settings().replace,
      kubeletMinor: minorOf(parts.kubeletVersion() ?? ""),
      afterTimeoutMs: settings().afterTimeoutMs,
    }),
    async ready() {
      const rows = await parts.status().refresh();
      return new Set(
        rows.flatMap(({ ready, joined }) =>
          ready === "True" && joined.desired !== undefined
            ? [`${joined.desired.namespace}/${joined.desired.name}`]
            : []
        ),
      );
    },
    changed: () => parts.agent().followRollout(),
    replan: () => parts.agent().replan(),
    record(event) {
      count(event);
      parts.record?.(event);
    },
  });
}

function watched(images: ImageStore, pulling: RolloutParts["pulling"]): ImageStore {
  if (pulling === undefined) return images;
  return {
    has: (name, signal) => images.has(name, signal),
    pull: (name, signal) => pulling(name, () => images.pull(name, signal)),
  };
}

/** What `/readyz` says beside "ok" while pods are on their way; undefined where none is. */
export function underWay(agent: Agent): string | undefined {
  const held = [...agent.heldBack()].map(([key, { state, reason }]) =>
    `${state.toLowerCase()} ${key}: ${reason}`
  );
  return held.length === 0 ? undefined : held.join("\n");
}
