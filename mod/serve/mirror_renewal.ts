import type { AgentState } from "../agent/mod.ts";
import { type Clock, errorText, type Scope } from "../core/mod.ts";
import {
  type ApiServerOfKubelet,
  type MirroredPod,
  type MirrorResult,
  readIdentity,
  renewMirrorPod,
} from "../kubelet/mod.ts";
import type { Logger } from "../os/mod.ts";
import { formatKey, SPEC_HASH_ANNOTATION } from "../pods/mod.ts";
import type { Sources } from "./sources.ts";

/** What the renewal of mirror pods needs of the world. */
export interface MirrorRenewalDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: () => string;
  /** Called when a mirror pod was deleted, so that the kubelet makes another. */
  readonly renewed: (pod: ChangedPod) => void;
  /** For tests. */
  readonly renew?: (kubeconfig: string, pod: MirroredPod) => Promise<MirrorResult>;
}

/** A pod in the version that its mirror is to show. */
export interface ChangedPod {
  readonly namespace: string;
  /** As declared. */
  readonly name: string;
  readonly hash: string;
}

/** Opens the renewal of a node's mirror pods; `scope` ends it. */
export async function openMirrors(
  apiServer: ApiServerOfKubelet | undefined,
  { clock, log, settings, events }: Pick<Sources, "clock" | "log" | "settings" | "events">,
  scope: Scope,
): Promise<MirrorRenewal> {
  const renewal = new MirrorRenewal({
    clock,
    log,
    nodeName: () => settings.get().node.name,
    renewed: ({ namespace, name, hash }) => {
      const message = "Its mirror pod was deleted, so that the API server shows the new version";
      events.record({ namespace, name, hash, type: "replacing", message });
    },
  });
  scope.defer(() => renewal.close());
  await renewal.look(apiServer);
  return renewal;
}

/** The pods of a state that are in another version than the one they began with. */
export function changedInPlace({ pods, incarnations }: AgentState): readonly ChangedPod[] {
  const known = new Map(incarnations.map((one) => [one.key, one]));
  return pods.filter((pod) => {
    const incarnation = known.get(formatKey(pod));
    return incarnation?.version === pod.hash && incarnation.hash !== pod.hash;
  });
}

/** The waits before the API server is asked again, in milliseconds; the last one repeats. */
const RETRY_MS: readonly number[] = [2_000, 5_000, 15_000, 60_000];

/** Has the API server show pods as they are after a change in place: at once, or when it can be reached. */
export class MirrorRenewal {
  readonly #deps: MirrorRenewalDeps;
  readonly #stop = new AbortController();
  /** The version that each pod's mirror is to show, by key. */
  readonly #due = new Map<string, ChangedPod>();
  readonly #running = new Set<string>();
  #apiServer: ApiServerOfKubelet = { kind: "none" };
  #unusable: string | undefined;
  #refused: string | undefined;

  constructor(deps: MirrorRenewalDeps) {
    this.#deps = deps;
  }

  /** Why mirror pods would keep showing an old spec; undefined if not, or if there are none. */
  get obstacle(): string | undefined {
    return this.#apiServer.kind === "none" ? undefined : this.#unusable ?? this.#refused;
  }

  /** Takes in which API server the kubelet has, if that is known. Never throws. */
  async look(apiServer: ApiServerOfKubelet = { kind: "none" }): Promise<void> {
    this.#apiServer = apiServer;
    this.#unusable = await whyUnusable(apiServer);
  }

  /** A pod has been changed in place. Waits for nothing. */
  changed(pod: ChangedPod): void {
    if (this.#apiServer.kind !== "kubeconfig") return;
    const key = `${pod.namespace}/${pod.name}`;
    this.#due.set(key, pod);
    if (!this.#running.has(key)) void this.#renew(key);
  }

  close(): void {
    this.#stop.abort();
  }

  async #renew(key: string): Promise<void> {
    const { clock, log } = this.#deps;
    this.#running.add(key);
    try {
      for (let failures = 0; !this.#stop.signal.aborted;) {
        const pod = this.#due.get(key);
        if (pod === undefined || this.#apiServer.kind !== "kubeconfig") return;
        try {
          this.#take(pod, await this.#ask(this.#apiServer.path, pod));
          if (this.#due.get(key) === pod) this.#due.delete(key);
        } catch (error) {
          if (failures === 0) {
            log.warn("The API server shows an old version of a pod until it can be reached", {
              pod: key,
              error: errorText(error),
            });
          }
          failures += 1;
          const delayMs = RETRY_MS[Math.min(failures, RETRY_MS.length) - 1] ?? 0;
          await clock.sleep(delayMs, this.#stop.signal);
        }
      }
    } catch {
      // Only the sleep throws here, when the agent stops: its next start looks at the mirror again.
    } finally {
      this.#running.delete(key);
    }
  }

  #ask(kubeconfig: string, { namespace, name, hash }: ChangedPod): Promise<MirrorResult> {
    const { nodeName, renew = renewMirrorPod } = this.#deps;
    return renew(kubeconfig, {
      namespace,
      name: `${name}-${nodeName().toLowerCase()}`,
      annotation: { name: SPEC_HASH_ANNOTATION, value: hash },
    });
  }

  #take(pod: ChangedPod, result: MirrorResult): void {
    const { log, renewed } = this.#deps;
    const key = `${pod.namespace}/${pod.name}`;
    if (result.kind === "deleted") {
      log.info("Mirror pod deleted, so that the API server shows the new version", { pod: key });
      renewed(pod);
    }
    if (result.kind !== "refused") return;
    this.#refused = `the kubelet's user ${result.why}`;
    log.warn("The API server keeps showing an old version of a pod", {
      pod: key,
      reason: result.why,
      hint: "Later changes replace pods in two steps, or set podstead.dev/replace: in-place",
    });
  }
}

async function whyUnusable(apiServer: ApiServerOfKubelet): Promise<string | undefined> {
  if (apiServer.kind === "none") return undefined;
  if (apiServer.kind === "unknown") return apiServer.why;
  try {
    await readIdentity(apiServer.path);
    return undefined;
  } catch (error) {
    return `podstead cannot use the kubelet's kubeconfig: ${errorText(error)}`;
  }
}
