import type { Clock } from "../../../mod/core/mod.ts";
import { DEFAULT_MINOR, differs } from "./decode.ts";
import type { Klog } from "./klog.ts";
import { logName, type Pod } from "./pod.ts";
import type { ObservedPod, PodRuntime } from "./runtime.ts";
import type { Timings } from "./timings.ts";
import { PodWorker, type WorkerWorld } from "./worker.ts";

/** What the set of workers stands on. */
export interface PodWorkersOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly timings: Timings;
  readonly runtime: PodRuntime;
  readonly log: Klog;
  readonly nodeIp: string;
  /** The kubelet's version, 1.x. */
  readonly minor?: number;
  /** Ends the kubelet; whatever made it panic is a defect of what is tested. */
  readonly panic?: (message: string) => never;
}

/** The versions that panic at a container which is gone under a kept UID. */
const PANICKING_MINORS: readonly [oldest: number, newest: number] = [34, 36];

/**
 * The pods of a kubelet: turns each new set into beginnings, changes and ends,
 * lists the runtime to see what happened without it, and clears away what
 * belongs to no pod.
 *
 * Until the first set is there nothing is touched: containers that an earlier
 * kubelet left are adopted by their UID, or ended, only then.
 */
export class PodWorkers {
  readonly #options: PodWorkersOptions;
  readonly #world: WorkerWorld;
  readonly #workers = new Map<string, PodWorker>();
  readonly #runs = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  #desired: ReadonlyMap<string, Pod> | undefined;
  #signatures = new Map<string, string>();

  constructor(options: PodWorkersOptions) {
    this.#options = options;
    this.#world = {
      ...options,
      names: new Map(),
      gone: (worker) => this.#onGone(worker),
    };
  }

  /**
   * Whether every source beside the URL has been seen: false is a kubelet that was
   * started while its API server was away. It starts pods and ends none.
   */
  otherSourcesReady = true;

  /** Whether a good answer has come yet; until then `/pods` is empty. */
  get sourceReady(): boolean {
    return this.#desired !== undefined;
  }

  /** The pods of the current set with their workers, in the order in which they came. */
  configured(): readonly { readonly pod: Pod; readonly worker: PodWorker | undefined }[] {
    return [...(this.#desired ?? new Map<string, Pod>()).values()].map((pod) => ({
      pod,
      worker: this.#workers.get(pod.metadata.uid),
    }));
  }

  /** The pods whose containers run or are being cleared away. */
  inRunningPods(): readonly Pod[] {
    return [...this.#workers.values()].filter((one) => one.inRunningPods).map((one) => one.pod);
  }

  /** Takes a whole new set, by UID. */
  set(pods: ReadonlyMap<string, Pod>): void {
    for (const [uid, pod] of pods) this.#recordResizes(this.#desired?.get(uid), pod);
    this.#desired = pods;
    for (const [uid, worker] of this.#workers) {
      if (pods.has(uid)) continue;
      if (!this.otherSourcesReady) {
        // pkg/kubelet/kubelet.go, `deletePod`: no source may be missing when a pod is ended.
        // Said at `--v=2` alone, as every information of the stand-in's.
        this.#options.log.info("Failed to delete pod", {
          pod: logName(worker.pod),
          err: "skipping delete because sources aren't ready yet",
        });
        continue;
      }
      worker.successor = undefined;
      worker.end();
    }
    for (const [uid, pod] of pods) {
      const worker = this.#workers.get(uid);
      if (worker === undefined) this.#start(pod);
      else if (worker.stage === "ending" || worker.ending) worker.successor = pod;
      else if (differs(worker.pod, pod)) worker.update(pod);
    }
  }

  /**
   * The kubelet's own defect (pkg/kubelet/kubelet.go, `recordContainerResizeOperations`):
   * it looks each container of the old version up in the new one, and uses what it
   * finds without a look whether that is there.
   */
  #recordResizes(before: Pod | undefined, after: Pod): void {
    const { minor = DEFAULT_MINOR, panic = throwPanic } = this.#options;
    const [oldest, newest] = PANICKING_MINORS;
    if (before === undefined || minor < oldest || minor > newest || !differs(before, after)) return;
    const names = resizable(after);
    const gone = [...resizable(before)].filter((name) => !names.has(name));
    if (gone.length === 0) return;
    panic(
      "panic: runtime error: invalid memory address or nil pointer dereference: " +
        `${logName(after)} has lost ${gone.join(", ")} under the same UID`,
    );
  }

  /** Lists the runtime and looks for left-overs until `stop`. */
  async run(): Promise<void> {
    const { clock, timings } = this.#options;
    const { signal } = this.#stop;
    await Promise.all([
      every(clock, timings.relist, signal, this.#guard(() => this.#relist())),
      every(clock, timings.housekeeping, signal, this.#guard(() => this.#endOrphans())),
      every(clock, timings.garbage, signal, this.#guard(() => this.collectGarbage())),
    ]);
  }

  /** Stops looking after the pods and leaves them running, as a kubelet that exits does. */
  async stop(): Promise<void> {
    this.#stop.abort();
    for (const worker of this.#workers.values()) worker.abandon();
    await Promise.allSettled(this.#runs);
  }

  /** Resolves when no pod is left. */
  async drained(): Promise<void> {
    while (this.#runs.size > 0) await Promise.all(this.#runs);
  }

  /** Removes sandboxes and logs that no pod has any more. */
  async collectGarbage(): Promise<void> {
    if (this.#desired === undefined) return;
    const { runtime } = this.#options;
    for (const [uid, observed] of await this.#options.runtime.list()) {
      const worker = this.#workers.get(uid);
      if (worker === undefined && !isAlive(observed)) {
        for (const sandbox of observed.sandboxes) await runtime.removeSandbox(observed, sandbox.id);
      }
    }
  }

  #start(pod: Pod): void {
    this.#launch(new PodWorker(pod, this.#world));
  }

  #launch(worker: PodWorker): void {
    this.#workers.set(worker.uid, worker);
    const run = worker.run();
    this.#runs.add(run);
    void run.finally(() => this.#runs.delete(run));
  }

  /** A job that fails is logged and comes again: the runtime may just be away. */
  #guard(job: () => Promise<void>): () => Promise<void> {
    return async () => {
      try {
        await job();
      } catch (thrown) {
        if (this.#stop.signal.aborted) return;
        this.#options.log.error("Housekeeping failed", {
          err: thrown instanceof Error ? thrown.message : String(thrown),
        });
      }
    };
  }

  #onGone(worker: PodWorker): void {
    this.#workers.delete(worker.uid);
    const { successor } = worker;
    if (successor === undefined) return;
    // A pod that came back under its old UID is started by the housekeeping.
    const { clock, timings, random } = this.#options;
    void clock.sleep(timings.housekeeping * random(), this.#stop.signal).then(
      () => {
        const pod = this.#desired?.get(worker.uid);
        if (pod !== undefined && !this.#workers.has(worker.uid)) this.#start(pod);
      },
      () => undefined, // The kubelet stops.
    );
  }

  async #relist(): Promise<void> {
    const signatures = new Map<string, string>();
    for (const [uid, observed] of await this.#options.runtime.list()) {
      const text = [
        ...observed.sandboxes.map(({ id, ready }) => `${id} ${ready}`),
        ...observed.containers.map(({ id, state }) => `${id} ${state}`),
      ].join("\n");
      signatures.set(uid, text);
    }
    for (const [uid, worker] of this.#workers) {
      if (signatures.get(uid) !== this.#signatures.get(uid)) worker.poke();
    }
    this.#signatures = signatures;
  }

  async #endOrphans(): Promise<void> {
    if (this.#desired === undefined || !this.otherSourcesReady) return;
    for (const worker of this.#workers.values()) {
      if (!this.#desired.has(worker.uid) && !worker.ending) worker.end();
    }
    for (const [uid, observed] of await this.#options.runtime.list()) {
      if (this.#workers.has(uid) || this.#desired.has(uid) || !isAlive(observed)) continue;
      const pod = remains(observed, this.#options.nodeIp);
      this.#options.log.info("Clean up pod that is no longer configured", { pod: logName(pod) });
      const worker = new PodWorker(pod, { ...this.#world, names: new Map() });
      worker.adoptToEnd();
      this.#launch(worker);
    }
  }
}

/** What can be known of a pod from the runtime alone. */
function remains(observed: ObservedPod, nodeName: string): Pod {
  const { uid, name, namespace, graceSeconds } = observed;
  return {
    metadata: { uid, name, namespace, annotations: {} },
    spec: { nodeName, containers: [], terminationGracePeriodSeconds: graceSeconds },
  };
}

/** The names of the containers that can be resized: ordinary ones and sidecars. */
function resizable({ spec }: Pod): ReadonlySet<string> {
  const sidecars = (spec.initContainers ?? []).filter((one) => one.restartPolicy === "Always");
  return new Set([...sidecars, ...spec.containers].map(({ name }) => name));
}

function throwPanic(message: string): never {
  throw new Error(message);
}

function isAlive(observed: ObservedPod): boolean {
  return observed.sandboxes.some(({ ready }) => ready) ||
    observed.containers.some(({ state }) => state === "running");
}

async function every(
  clock: Clock,
  intervalMs: number,
  signal: AbortSignal,
  job: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(intervalMs, signal).catch((thrown: unknown) => {
      if (!signal.aborted) throw thrown;
    });
    if (!signal.aborted) await job();
  }
}
