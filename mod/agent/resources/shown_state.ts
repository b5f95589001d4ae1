import { allAtOnce, type JsonObject, type Steps } from "../../core/mod.ts";
import type { Settings } from "../../config/mod.ts";
import type { ReloadOutcome } from "../outcome.ts";
import type { HeldBack } from "../rollout.ts";
import type { AgentState } from "../state/state.ts";
import { configStatus, nodeObjects, serverStatus, staticPods } from "./contents.ts";
import type { Resource, ResourceContent, ResourceType } from "./resource.ts";
import type { ResourceStore } from "./resource_store.ts";

/** The resources that show the agent's state, by type. */
export type StateResources = ReadonlyMap<ResourceType, readonly Resource[]>;

/** What resources show. */
interface Showable {
  readonly state: AgentState;
  readonly settings: Settings;
  /** The last reload. */
  readonly outcome: ReloadOutcome;
}

/** Keeps the agent's state in the store, where `podstead get` reads it. */
export class ShownState {
  readonly #store: ResourceStore;
  readonly #heldBack: () => ReadonlyMap<string, HeldBack>;
  #trial: () => JsonObject | undefined = () => undefined;
  #declared: ReadonlyMap<string, JsonObject> = new Map();

  /** @param heldBack the pods, by key, that are not served as desired, and why */
  constructor(store: ResourceStore, heldBack: () => ReadonlyMap<string, HeldBack>) {
    this.#store = store;
    this.#heldBack = heldBack;
  }

  /**
   * What `show` would show. Changes nothing.
   *
   * @param declared pods as declared, by ID; default: those shown last
   */
  upcoming(
    now: Showable,
    declared: ReadonlyMap<string, JsonObject> = this.#declared,
  ): StateResources {
    return allAtOnce(this.upcomingSteps(now, declared));
  }

  /** The same in steps. */
  *upcomingSteps(
    now: Showable,
    declared: ReadonlyMap<string, JsonObject>,
  ): Steps<StateResources> {
    const resources = new Map<ResourceType, readonly Resource[]>();
    for (const [type, contents] of this.#contents(now, declared)) {
      yield;
      resources.set(type, yield* this.#store.upcomingSteps(type, contents));
    }
    return resources;
  }

  #contents(
    { state, settings, outcome }: Showable,
    declared: ReadonlyMap<string, JsonObject>,
  ): readonly (readonly [ResourceType, readonly ResourceContent[]])[] {
    return [
      ["StaticPod", staticPods(state, outcome, declared, this.#heldBack())],
      ["ConfigStatus", [configStatus(outcome, this.#trial())]],
      ["ConfigMap", nodeObjects("ConfigMap", state, outcome)],
      ["Secret", nodeObjects("Secret", state, outcome)],
      ["StaticPodServerStatus", [serverStatus(settings)]],
    ];
  }

  /** Shows what `upcoming` gave, of the pods that were declared then. */
  show(resources: StateResources, declared = this.#declared): void {
    this.#declared = declared;
    for (const [type, upcoming] of resources) this.#store.replace(type, upcoming);
  }

  /** Shows the pods alone: the rollout has moved on. */
  showPods(now: Showable): void {
    this.#store.replace("StaticPod", this.upcoming(now).get("StaticPod") ?? []);
  }

  /**
   * Shows a trial in the status of the config, from now on.
   *
   * @param outcome the last reload; without one there is no status yet
   * @param view gives the trial; default: the one given before
   */
  showTrial(outcome: ReloadOutcome | undefined, view = this.#trial): void {
    this.#trial = view;
    if (outcome === undefined) return;
    const content = configStatus(outcome, view());
    this.#store.replace("ConfigStatus", this.#store.upcoming("ConfigStatus", [content]));
  }
}
