import type { LoadedConfig, Settings } from "../config/mod.ts";
import { Breath, isJsonObject, stepByStep } from "../core/mod.ts";
import { NO_CONTROL_PLANE } from "../controlplane/mod.ts";
import {
  currentVolumes,
  judgeResolvedSteps,
  objectSource,
  podCredentials,
  sealedInEntries,
  sealedInObjects,
  sealedInPod,
} from "../materialize/mod.ts";
import { identifyAhead } from "../identity/mod.ts";
import { formatKey, podKey, specHash } from "../pods/mod.ts";
import type { AgentDeps } from "./agent_deps.ts";
import { settingsAfter } from "./live_settings.ts";
import { listedBytes, type ListRenderer } from "./list.ts";
import { judgeReload } from "./judged_reload.ts";
import { changesOf, type Proposal, type ProposalInput, proposeReload } from "./proposal.ts";
import type { Rollout } from "./rollout.ts";
import type { AgentState, ServedObject } from "./state/state.ts";

/** What a reload begins with. */
export interface ReloadBasis {
  readonly state: AgentState;
  /** The current ones. */
  readonly settings: Settings;
}

type ProposerDeps = Pick<
  AgentDeps,
  | "clock"
  | "judge"
  | "judgeAhead"
  | "controlPlane"
  | "volumes"
  | "logins"
  | "secrets"
  | "hasApiServer"
  | "kubelet"
>;

/** Finds out what a loaded config would change, and how each change will be made. */
export class Proposer {
  readonly #deps: ProposerDeps;
  readonly #rollout: Rollout;
  readonly #lists: ListRenderer;

  constructor(
    deps: ProposerDeps,
    rollout: Rollout,
    lists: ListRenderer,
  ) {
    this.#deps = deps;
    this.#rollout = rollout;
    this.#lists = lists;
  }

  /**
   * What the reload should do. Apart from the files of the control plane, which
   * are written, nothing has changed then; by a dry run, nothing at all.
   *
   * @param options.retry whether images that could not be pulled are tried again
   * @param options.supposed whether `state` is only supposed to be served
   * @throws what judging or rendering the control plane may throw
   */
  async propose(
    loaded: LoadedConfig,
    basis: ReloadBasis,
    options: {
      readonly dryRun: boolean;
      readonly retry: boolean;
      readonly supposed?: boolean;
      readonly allowRemovals?: boolean;
      readonly written?: ReadonlySet<string>;
    },
  ): Promise<Proposal> {
    const { state, settings: running } = basis;
    const controlPlane = await this.#controlPlane(loaded, options.dryRun ? "propose" : "prepare");
    const { settings } = settingsAfter(running, loaded.settings);
    await this.#deps.secrets?.prepare(sealedIn(loaded, state), settings, !options.dryRun);
    const unseal = this.#deps.secrets?.check;
    await this.judgeAhead(loaded, basis);
    const resolving = (objects: readonly ServedObject[]) => ({
      objects: objectSource(objects.map(({ object }) => object)),
      nodeName: settings.node.name,
      volumesDirectory: settings.volumesDir,
      hasApiServer: this.#deps.hasApiServer?.() ?? false,
      ...(unseal === undefined ? {} : { unseal }),
    });
    const input: ProposalInput = {
      loaded,
      controlPlane,
      render: (pods) => this.#lists.renderAhead(this.#rollout.complete(pods)),
      previous: state.pods,
      lastOutcomes: state.lastReload?.pods ?? [],
      ...(state.taken === undefined ? {} : { taken: state.taken }),
      judgedBy: state.judgedBy?.kubeletVersion,
      ...(this.#deps.kubelet === undefined ? {} : { kubelet: this.#deps.kubelet(settings) }),
      revision: state.revision,
      nowMs: this.#deps.clock.now(),
      // A dry run shows the final outcome of the reload.
      absence: options.allowRemovals ? "allowed" : options.dryRun ? "settled" : "as-found",
      ...(options.written === undefined ? {} : { written: options.written }),
      judge: (pods, objects) =>
        stepByStep(
          judgeResolvedSteps(
            pods,
            resolving(objects),
            (resolved) => this.#deps.judge(resolved, settings),
          ),
          this.#deps.clock,
        ),
      previousObjects: state.objects ?? [],
      previousStops: state.stops ?? [],
      volumesOf: (pod, objects) =>
        pod.declared && currentVolumes(pod.declared, pod, resolving(objects)),
    };
    const breath = new Breath(this.#deps.clock);
    const rest = async () => {
      if (breath.isDue) await breath.take();
    };
    // Planned twice: once to see what changes, once more with what the rollout says.
    const judged = await judgeReload(input, rest);
    const proposal = await proposeReload(input, rest, judged);
    await rest();
    const changes = changesOf(state.pods, proposal.plan);
    const changing = new Set(changes.map(({ after }) => formatKey(after)));
    const unchanged = proposal.plan.pods.filter((pod) => !changing.has(formatKey(pod)));
    await rest();
    // First: what is examined may be pulled at once.
    const loginsTaken = options.dryRun ? undefined : this.#takeLogins(proposal, state, settings);
    const [verdicts] = await Promise.all([
      this.#rollout.examine(
        changes,
        { ...options, replace: settings.replace },
        unchanged,
      ),
      loginsTaken,
    ]);
    const decided = { ...input, nowMs: this.#deps.clock.now(), verdicts };
    const planned = verdicts.size === 0 ? proposal : await proposeReload(decided, rest, judged);
    if (options.dryRun) return planned;
    // Before the list that mounts them; pods whose files cannot be written are held.
    const unwritten = await this.#deps.volumes?.write(planned.plan.pods);
    return unwritten === undefined || unwritten.size === 0
      ? planned
      : await proposeReload({ ...decided, unwritten }, rest);
  }

  /** Of the pods as declared and as served: both may be pulled. */
  async #takeLogins(
    { declared, objects }: Proposal,
    { pods }: AgentState,
    settings: Settings,
  ): Promise<void> {
    const all = [...declared.values(), ...pods.map((pod) => pod.declared ?? pod.pod)];
    const source = objectSource(objects.objects.map(({ object }) => object));
    await this.#deps.logins?.(podCredentials(all, source, this.#deps.secrets?.open), settings);
  }

  /**
   * Judges pod by pod, with pauses for other work, so that `propose` finds the verdicts: what it
   * does with them has none. Nothing else comes of it.
   *
   * @param stop ends it early
   */
  async judgeAhead(
    loaded: LoadedConfig,
    { state, settings: running }: ReloadBasis,
    stop?: AbortSignal,
  ): Promise<void> {
    const { judgeAhead, clock } = this.#deps;
    if (judgeAhead === undefined) return;
    const judge = judgeAhead(settingsAfter(running, loaded.settings).settings);
    const breath = new Breath(clock);
    const served = new Set(state.pods.map(({ hash }) => hash));
    for (const { pod } of loaded.entries) {
      if (stop?.aborted) return;
      if (isJsonObject(pod)) {
        judge(pod);
        const hash = specHash(pod);
        // A pod that is served already stays the same object.
        if (!served.has(hash)) {
          listedBytes({ pod, hash });
          const key = podKey(pod);
          if (key !== undefined) identifyAhead({ ...key, pod, hash });
        }
      }
      if (breath.isDue) await breath.take();
    }
  }

  async #controlPlane(loaded: LoadedConfig, step: "propose" | "prepare") {
    const { settings } = loaded;
    if (settings === undefined) return NO_CONTROL_PLANE;
    return await this.#deps.controlPlane?.[step](settings, loaded) ?? NO_CONTROL_PLANE;
  }
}

/** The sealed values that are declared, that the node has, and that its pods have. */
function* sealedIn(loaded: LoadedConfig, { objects = [], pods }: AgentState): Generator<string> {
  yield* sealedInEntries(loaded.objects);
  yield* sealedInObjects(objects.map(({ object }) => object));
  for (const pod of pods) yield* sealedInPod(pod);
}
