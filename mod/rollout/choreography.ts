/**
 * The order in which the pods of a control plane change, so that the API stays
 * up, or comes back soonest; pure.
 *
 * - What others depend on goes first: etcd → API server → controller manager and
 *   scheduler. Each waits for the ones before to be ready in their new version.
 * - Before etcd is replaced in two steps the API server leaves the list, and it
 *   comes back when etcd is ready. The kubelet posts a pod's mirror before it
 *   starts the pod's containers, and an API server without its etcd answers that
 *   only after 34 s; one that is not there refuses at once (measured on kubelet
 *   and kube-apiserver 1.36.2: 25 to 36 s without API, and 4 s this way).
 */
import type { Phase } from "./phase.ts";
import type { ChangeVerdict, Gate, RolloutPod } from "./types.ts";

const ETCD = "kube-system/etcd";
const API_SERVER = "kube-system/kube-apiserver";
const ORDER: readonly (readonly string[])[] = [
  [ETCD],
  [API_SERVER],
  ["kube-system/kube-controller-manager", "kube-system/kube-scheduler"],
];
const STAGES = new Map(ORDER.flatMap((keys, stage) => keys.map((key) => [key, stage] as const)));

/** What the order goes by. Pods are named by their keys. */
export interface ChoreographyFacts {
  /** The planned changes, each as it would be made on its own. */
  readonly verdicts: ReadonlyMap<string, ChangeVerdict>;
  readonly phases: ReadonlyMap<string, Pick<Phase<RolloutPod>, "step">>;
  /** Pods whose new version runs, and has not been seen ready yet. */
  readonly settling: ReadonlySet<string>;
  /** Pods that are leaving the list already for others, each with these. */
  readonly rooms: ReadonlyMap<string, readonly string[]>;
  /** Whether the runtime shows a pod alive. */
  readonly isAlive: (key: string) => boolean;
}

/** What the order adds to the changes. */
export interface Choreography {
  /** Changes that wait for their turn, each with the pods it waits for. */
  readonly turns: ReadonlyMap<string, readonly string[]>;
  /** Pods that leave the list until others are ready, each with these. */
  readonly out: ReadonlyMap<string, readonly string[]>;
}

/** Whether a pod belongs to a control plane. */
export function isInControlPlane(key: string): boolean {
  return STAGES.has(key);
}

/** Puts the changes of a control plane in order. */
export function choreograph(facts: ChoreographyFacts): Choreography {
  const { verdicts } = facts;
  const turns = new Map<string, readonly string[]>();
  const out = new Map<string, readonly string[]>();
  const makesRoom = apiServerMakesRoom(facts);
  const step = facts.phases.get(API_SERVER)?.step;
  // With its new image still on the way it would be out for longer than it must.
  if (makesRoom && verdicts.get(API_SERVER)?.gate?.state === "Replacing") {
    turns.set(ETCD, [API_SERVER]);
  } else if (makesRoom && step !== "waiting") {
    turns.set(ETCD, [API_SERVER]);
    // One that has only just been started is taken out once it runs.
    if (step !== "following") out.set(API_SERVER, [ETCD]);
  }
  // As after a restart, where etcd has been replaced or is on its way, and as after a change that
  // was taken back: it comes back when etcd is ready.
  if (isLeaving(step) && verdicts.get(ETCD)?.gate === undefined) {
    const others = facts.rooms.get(API_SERVER);
    if (others !== undefined) out.set(API_SERVER, others);
  }
  for (const key of verdicts.keys()) {
    const stage = STAGES.get(key);
    // While it is out, a change of the API server itself costs nothing more.
    if (stage === undefined || (key === API_SERVER && makesRoom)) continue;
    const before = ORDER.slice(0, stage).flat().filter((other) => isUnderWay(other, facts));
    if (before.length > 0) turns.set(key, before);
  }
  return { turns, out };
}

/** The verdict of a change that waits for its turn. */
export function turnGate(awaited: readonly string[]): Gate {
  const names = awaited.map((key) => key.slice(key.indexOf("/") + 1)).join(" and ");
  return { state: "Replacing", code: "not-its-turn", reason: `${names} changes first` };
}

/** Whether the API server has to be out of the way of etcd's change, or is so already. */
function apiServerMakesRoom({ verdicts, phases, isAlive }: ChoreographyFacts): boolean {
  const etcd = verdicts.get(ETCD);
  if (etcd === undefined || etcd.gate !== undefined || etcd.method !== "quick") return false;
  const step = phases.get(API_SERVER)?.step;
  return step === "waiting" || isLeaving(step) || isAlive(API_SERVER);
}

function isLeaving(step: Phase<RolloutPod>["step"] | undefined): boolean {
  return step === "removed" || step === "ending";
}

function isUnderWay(key: string, { verdicts, phases, settling }: ChoreographyFacts): boolean {
  return verdicts.has(key) || phases.has(key) || settling.has(key);
}
