/** Moves the manifests of a folder out of it one after another, each when the one before runs from podstead. */
import { errorText } from "../../core/mod.ts";

/** A pod that comes from a folder to podstead. */
export interface TakenPod {
  /** Undefined if an attempt before has moved its manifest away; podstead holds the pod then. */
  readonly file?: string;
  /** `namespace/name` */
  readonly key: string;
}

/** One whose manifest is in the folder. */
type FolderPod = TakenPod & { readonly file: string };

/** What taking over does on the node. */
export interface TakeOverDeps {
  /** Moves a manifest out of the folder. */
  readonly moveAway: (file: string) => Promise<void>;
  /** Moves it back to where it was. */
  readonly putBack: (file: string) => Promise<void>;
  /** Waits for the pods as podstead serves them. @returns why they are not ready; undefined if they are */
  readonly waitReady: (keys: readonly string[]) => Promise<string | undefined>;
  /** Takes pods off podstead's list, and puts them onto it again. */
  readonly hold: (keys: readonly string[]) => Promise<void>;
  readonly release: (keys: readonly string[]) => Promise<void>;
  /** Waits until nothing of a pod that is held runs. @returns why it does; undefined if it does not */
  readonly waitGone: (key: string) => Promise<string | undefined>;
  /** Waits until a pod of the folder runs, or for as long as one usually needs. */
  readonly waitRuns: (key: string) => Promise<void>;
  /** Waits until a pod is so far that the next may begin, or for as long as one usually needs. */
  readonly waitBriefly: (key: string) => Promise<void>;
  /** Called before each step. */
  readonly onStep: (step: readonly TakenPod[]) => void;
}

/** How far it came. */
export type TakeOverResult =
  | { readonly kind: "done" }
  | {
    readonly kind: "stopped";
    /** The step that failed; its manifests are back. */
    readonly step: readonly TakenPod[];
    readonly reason: string;
    /** Pods that podstead holds, so that those of the folder can start again. */
    readonly held: readonly string[];
    /** Pods that podstead should hold for that and could not, and why; absent if there are none. */
    readonly unheld?: { readonly keys: readonly string[]; readonly reason: string };
    /** Manifests that could not be put back. */
    readonly lost: readonly string[];
  };

const TOGETHER: readonly string[] = ["kube-system/etcd", "kube-system/kube-apiserver"];
const FIRST: readonly string[] = [
  "kube-system/kube-scheduler",
  "kube-system/kube-controller-manager",
];

/**
 * The order: first what nothing else lives on, then etcd and the API server as
 * one step, then the rest. See `takeCoreOver`.
 */
export function takeOverSteps(pods: readonly TakenPod[]): readonly (readonly TakenPod[])[] {
  const rank = ({ key }: TakenPod) =>
    FIRST.includes(key) ? FIRST.indexOf(key) : TOGETHER.includes(key) ? FIRST.length : Infinity;
  const core = pods.filter(({ key }) => TOGETHER.includes(key));
  const others = pods.filter(({ key }) => !TOGETHER.includes(key)).map((one) => [one]);
  return [...others, ...(core.length === 0 ? [] : [core])]
    .sort(([left], [right]) => {
      const [a, b] = [rank(left!), rank(right!)];
      return a === b ? 0 : a - b;
    });
}

/** Takes over step by step; a step whose pods do not become ready is taken back, and it stops there. */
export async function takeOverManifests(
  steps: readonly (readonly TakenPod[])[],
  deps: TakeOverDeps,
): Promise<TakeOverResult> {
  for (const step of steps) {
    deps.onStep(step);
    const moved: FolderPod[] = [];
    let reason: string | undefined;
    try {
      const move = async (pod: TakenPod) => {
        if (pod.file === undefined) return;
        await deps.moveAway(pod.file);
        moved.push({ ...pod, file: pod.file });
      };
      const [only] = step;
      if (step.length > 1) reason = await takeCoreOver(step, move, deps);
      else if (only !== undefined) {
        await move(only);
        if (only.file === undefined) await deps.release([only.key]);
        reason = await deps.waitReady([only.key]);
      }
    } catch (error) {
      reason = errorText(error);
    }
    if (reason === undefined) continue;
    return { kind: "stopped", step, reason, ...await undo(moved.reverse(), deps) };
  }
  return { kind: "done" };
}

/**
 * Puts manifests back. podstead holds their pods first: the kubelet starts no pod of the folder
 * while another of its name runs, even one that only crashes.
 */
async function undo(
  moved: readonly FolderPod[],
  deps: TakeOverDeps,
): Promise<Pick<Extract<TakeOverResult, { kind: "stopped" }>, "held" | "unheld" | "lost">> {
  const keys = moved.map(({ key }) => key);
  const failure = keys.length === 0
    ? undefined
    : await deps.hold(keys).then(() => undefined, (error: unknown) => errorText(error));
  // Without an agent that answers, the manifests still belong in the folder.
  const held = failure === undefined ? keys : [];
  for (const key of held.toReversed()) await deps.waitGone(key).catch(() => undefined);
  const lost: string[] = [];
  for (const [at, { file, key }] of moved.entries()) {
    await deps.putBack(file).catch(() => lost.push(file));
    // Before an API server without etcd runs; see `takeCoreOver`.
    if (at < moved.length - 1) await deps.waitRuns(key).catch(() => undefined);
  }
  return { held, lost, ...(failure === undefined ? {} : { unheld: { keys, reason: failure } }) };
}

/**
 * Takes over etcd and the API server: the API server goes first and comes back last.
 *
 * Moved at one moment, they ended together: an API server without its etcd takes half a minute to
 * stop, and the kubelet, which asks it about etcd's mirror pod first, starts no etcd meanwhile; a
 * new API server without etcd then keeps it busy again (kubelet 1.36.2: more than 3 minutes).
 */
async function takeCoreOver(
  step: readonly TakenPod[],
  move: (pod: TakenPod) => Promise<void>,
  { hold, release, waitGone, waitBriefly, waitReady }: TakeOverDeps,
): Promise<string | undefined> {
  const upwards = TOGETHER.flatMap((key) => step.filter((pod) => pod.key === key));
  let held = upwards.map(({ key }) => key);
  const moved = new Set<string>();
  await hold(held);
  try {
    for (const pod of upwards.toReversed()) {
      await move(pod);
      if (pod.file !== undefined) moved.add(pod.key);
      const reason = await waitGone(pod.key);
      if (reason !== undefined) return reason;
    }
    for (const { key } of upwards) {
      await release([key]);
      held = held.filter((one) => one !== key);
      // Without an API server a kubelet may not say whether etcd is ready: both are judged below.
      if (held.length > 0) await waitBriefly(key);
    }
    return await waitReady(upwards.map(({ key }) => key));
  } finally {
    // What was moved stays held: its manifest is put back, and no pod of ours may start before that.
    const untouched = held.filter((key) => !moved.has(key));
    if (untouched.length > 0) await release(untouched);
  }
}
