/** The agent's state as the resources that `podstead get` shows. */
import type { JsonObject } from "../../core/mod.ts";
import type { Settings } from "../../config/mod.ts";
import { formatKey, objectKey, type ObjectKind, podId } from "../../pods/mod.ts";
import type { PodOutcome, ReloadOutcome } from "../outcome.ts";
import type { ResourceContent } from "./resource.ts";
import type { HeldBack } from "../rollout.ts";
import type { AgentState } from "../state/state.ts";

/** One `StaticPod` for each pod that is served or declared: its spec is the pod itself. */
export function staticPods(
  state: AgentState,
  outcome: ReloadOutcome,
  declared: ReadonlyMap<string, JsonObject>,
  heldBack: ReadonlyMap<string, HeldBack> = new Map(),
): readonly ResourceContent[] {
  const outcomes = new Map(outcome.pods.map((pod) => [pod.id, pod]));
  const served = state.pods.map((pod) => {
    const status = podStatus(outcomes.get(pod.id), pod.hash, pod.source.file, pod.source.line);
    const held = heldBack.get(formatKey(pod));
    return {
      id: pod.id,
      spec: pod.declared ?? pod.pod,
      // A refused change says more than that the version before it is on its way.
      status: held === undefined || status.state !== "Served"
        ? status
        : { ...status, state: held.state, reasonCode: held.code, reason: held.reason },
    };
  });
  const servedIds = new Set(state.pods.map((pod) => pod.id));
  const unserved = outcome.pods
    .filter((pod) => pod.state !== undefined && !servedIds.has(pod.id))
    .map((pod) => ({
      id: pod.id,
      spec: declared.get(pod.id) ?? { metadata: { namespace: pod.namespace, name: pod.name } },
      // A pod that waits for its files gets their hash only with them.
      ...(pod.state === "Held" ? { draft: true as const } : {}),
      status: podStatus(pod, pod.hash, pod.source.file, pod.source.line),
    }));
  return [...served, ...unserved];
}

/** What `-o wide` shows of a pod. */
function podStatus(
  outcome: PodOutcome | undefined,
  servedHash: string,
  file: string,
  line: number,
): JsonObject {
  return {
    state: outcome?.state ?? "Served",
    hash: servedHash,
    source: { file: outcome?.source.file ?? file, line: outcome?.source.line ?? line },
    ...(outcome?.servingRevision === undefined ? {} : { servingRevision: outcome.servingRevision }),
    ...(outcome?.reasonCode === undefined ? {} : { reasonCode: outcome.reasonCode }),
    ...(outcome?.reason === undefined ? {} : { reason: outcome.reason }),
    ...(outcome === undefined || outcome.errors.length === 0
      ? {}
      : { errors: outcome.errors.map((issue) => ({ ...issue })) }),
  };
}

/** One `ConfigMap` or `Secret` for each that the node has; with values. */
export function nodeObjects(
  kind: ObjectKind,
  { objects = [] }: Pick<AgentState, "objects">,
  outcome: ReloadOutcome,
): readonly ResourceContent[] {
  const outcomes = new Map(outcome.objects?.map((one) => [objectKey(one), one]));
  return objects.filter(({ object }) => object.kind === kind).map(({ object, source }) => {
    const { namespace, name, immutable, type, text, binary } = object;
    const { state = "Current", reason, usedBy = [] } = outcomes.get(objectKey(object)) ?? {};
    return {
      id: podId(object),
      spec: {
        namespace,
        name,
        ...(immutable ? { immutable } : {}),
        ...(type === undefined ? {} : { type }),
        data: kind === "Secret" ? binary : text,
        ...(kind === "Secret" || Object.keys(binary).length === 0 ? {} : { binaryData: binary }),
      },
      status: {
        state,
        source: { file: source.file, line: source.line },
        usedBy,
        ...(reason === undefined ? {} : { reason }),
      },
    };
  });
}

/** The one `ConfigStatus`; `trial` is shown as it is. */
export function configStatus(outcome: ReloadOutcome, trial?: JsonObject): ResourceContent {
  const { result, revision, problems, pods } = outcome;
  return {
    id: "config",
    spec: { revision, result },
    status: {
      at: outcome.at,
      trigger: outcome.trigger,
      problems: problems.map((problem) => ({ ...problem }) as unknown as JsonObject), // plain data
      rejected: pods.filter((pod) => pod.state === "Rejected").map((pod) => pod.id),
      blocked: pods.filter((pod) => pod.state === "Blocked").map((pod) => pod.id),
      needRestart: outcome.needRestart,
      ...(trial === undefined ? {} : { trial }),
    },
  };
}

/** The one `StaticPodServerStatus`. */
export function serverStatus(settings: Settings): ResourceContent {
  return { id: "static-pod-server-status", spec: { url: settings.manifest.url } };
}
