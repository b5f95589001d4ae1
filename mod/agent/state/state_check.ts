/** Whether what was found on disk is what was written, and can be served. */
import * as v from "valibot";
import { getOwn, isJsonObject, type JsonValue } from "../../core/mod.ts";
import { type Incarnation, isBeginningOf } from "../../identity/mod.ts";
import { COMPONENTS } from "../../controlplane/mod.ts";
import { servedHash } from "../../materialize/mod.ts";
import { compareKeys, formatKey, judgeServed, podId, podKey, specHash } from "../../pods/mod.ts";
import { inList } from "./refused_now.ts";
import { type AgentState, EMPTY_STATE, type ServedPod } from "./state.ts";
import { FrameSchema, IncarnationSchema, ServedPodSchema } from "./state_schema.ts";

/** A state that was checked. */
export interface CheckedState {
  readonly state: AgentState;
  /** What did not fit, as sentences without their period; empty for a good state. */
  readonly damage: readonly string[];
  /** Whether the kubelet would take each pod that is in it. */
  readonly isServable: boolean;
}

/**
 * Checks a state that is JSON. Each pod stands for itself: it must be whole, hash to
 * what is noted next to it, and be one that the kubelet takes; one that is not is left
 * out. The rest of a state is believed only if its checksum was right; then a pod that
 * the kubelet would refuse is left for the next reload to decide on. If it was wrong, a
 * pod must be provably the one that runs under its UID: without it, it would be restarted.
 *
 * @param trusted whether the checksum was right
 */
export function checkState(value: JsonValue, trusted: boolean): CheckedState {
  const frame = v.safeParse(FrameSchema, value);
  const damage: string[] = [];
  if (!frame.success) {
    const issue = frame.issues[0];
    damage.push(`${v.getDotPath(issue) ?? "the state"}: ${issue.message}`);
  }
  // Checked member by member; what is inside of them is podstead's own writing.
  const rest = frame.success && trusted ? frame.output as unknown as AgentState : EMPTY_STATE;
  const stored = isJsonObject(value) ? getOwn(value, "pods") : undefined;
  if (!Array.isArray(stored)) {
    return {
      state: EMPTY_STATE,
      damage: damage.length > 0 ? damage : ["it has no pods"],
      isServable: false,
    };
  }
  const pods: ServedPod[] = [];
  const keys = new Set<string>();
  let isServable = true;
  const isListed = inList(rest.taken);
  // The last run served it although its kubelet refused it: the list that it is in is the last one.
  const isKnown = (pod: ServedPod) =>
    rest.taken?.refused.some(({ key, hash }) => key === formatKey(pod) && hash === pod.hash);
  for (const [at, one] of stored.entries()) {
    const pod = checkPod(one);
    // What is withheld hurts no other pod.
    const refusal = typeof pod === "string" || !isListed(pod) ? undefined : refusalOf(pod, rest);
    if (typeof pod !== "string" && refusal !== undefined && !isKnown(pod)) isServable = false;
    if (typeof pod === "string") damage.push(`pod ${at}: ${pod}`);
    else if (refusal !== undefined && !trusted) damage.push(`pod ${at}: ${refusal}`);
    else if (!trusted && provenIncarnation(value, pod) === undefined) {
      damage.push(`pod ${at}: its UID cannot be proved`);
    } else if (keys.has(formatKey(pod)) || keys.has(pod.id)) {
      damage.push(`pod ${at}: "${formatKey(pod)}" is there twice`);
    } else {
      pods.push(pod);
      keys.add(formatKey(pod)).add(pod.id);
    }
  }
  pods.sort(compareKeys);
  const incarnations = trusted
    ? rest.incarnations
    : pods.flatMap((pod) => provenIncarnation(value, pod) ?? []);
  const revision = Math.max(rest.revision, ...pods.map((pod) => pod.revision));
  return { state: { ...rest, revision, pods, incarnations }, damage, isServable };
}

/** @returns the pod, or what is wrong with it */
function checkPod(value: JsonValue): ServedPod | string {
  const shape = v.safeParse(ServedPodSchema, value);
  if (!shape.success) {
    return `${v.getDotPath(shape.issues[0]) ?? "it"}: ${shape.issues[0].message}`;
  }
  const served = shape.output as unknown as ServedPod; // its pod is JSON, as all of the file
  const key = podKey(served.pod);
  if (key === undefined || formatKey(key) !== formatKey(served)) {
    return "it has another name inside";
  }
  const isComponent = COMPONENTS.some((component) => component === served.id);
  if (served.id !== podId(key) && !isComponent) return `its ID is not that of ${formatKey(key)}`;
  const { declared, pod, hash } = served;
  if ((declared === undefined ? specHash(pod) : servedHash(declared, pod)) !== hash) {
    return `${formatKey(key)} is not what its hash says`;
  }
  const mounted = hostPathsOf(pod);
  if (served.volumes?.some(({ directory }) => !mounted.has(directory))) {
    return `${formatKey(key)} has files that it does not mount`;
  }
  return served;
}

/** What a pod mounts from the node. */
function hostPathsOf(pod: JsonValue): ReadonlySet<JsonValue | undefined> {
  const spec = isJsonObject(pod) ? getOwn(pod, "spec") : undefined;
  const volumes = isJsonObject(spec) ? getOwn(spec, "volumes") : undefined;
  if (!Array.isArray(volumes)) return new Set();
  return new Set(volumes.map((volume: JsonValue) => {
    const hostPath = isJsonObject(volume) ? getOwn(volume, "hostPath") : undefined;
    return isJsonObject(hostPath) ? getOwn(hostPath, "path") : undefined;
  }));
}

/** The life of a pod, where the pod itself proves that it is one. */
function provenIncarnation(state: JsonValue, pod: ServedPod): Incarnation | undefined {
  const stored = isJsonObject(state) ? getOwn(state, "incarnations") : undefined;
  if (!Array.isArray(stored)) return undefined;
  for (const one of stored) {
    const shape = v.safeParse(IncarnationSchema, one);
    if (!shape.success || shape.output.key !== formatKey(pod)) continue;
    const incarnation = shape.output as Incarnation; // its images are checked, as all of it
    if (isBeginningOf(incarnation, pod)) return incarnation;
  }
  return undefined;
}

function refusalOf({ pod, ...key }: ServedPod, { judgedBy }: AgentState): string | undefined {
  // One that a kubelet without an API server panics at is one that it takes, and may run already.
  const options = { ...judgedBy ?? { nodeName: "node" }, standAlone: false };
  const [error] = judgeServed(pod, options).errors;
  return error && `the kubelet would refuse ${formatKey(key)}: ${error.field} ${error.type}`;
}
