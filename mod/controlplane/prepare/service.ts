/** The control plane over the life of an agent: prepared at each reload, watched in between. */
import type { Clock, Problem } from "../../core/mod.ts";
import type { ControlPlaneConfig } from "../config.ts";
import type { ControlPlaneNode } from "../context.ts";
import {
  type ControlPlanePods,
  declareControlPlane,
  entryIn,
  NO_CONTROL_PLANE,
} from "./declare.ts";
import type { PodEntry } from "../../pods/mod.ts";
import { fingerprint, watchedPaths } from "./fingerprint.ts";
import { type ControlPlaneFs, nodeFs } from "./node_fs.ts";
import type { EtcdAccess, PlaceOf } from "../plan.ts";
import { prepareControlPlane, type PreparedComponent } from "./prepare.ts";
import { renderControlPlane } from "../render/render.ts";
import { watchControlPlane, type WatchStart } from "./watch.ts";

/** What the service needs from outside. */
export interface ControlPlaneServiceDeps {
  readonly clock: Clock;
  /** Called when preparing again may give something else; a reload is what it should do. */
  readonly onChange: () => Promise<void> | void;
  /** Called when watching ends with a fault; a reload starts it again. */
  readonly onFault: (error: unknown) => void;
  /** Without it: the file system of this machine. */
  readonly fs?: ControlPlaneFs;
}

/** What a control plane is rendered from. */
export interface ControlPlaneSource {
  /** Null if the node runs none. */
  readonly config: ControlPlaneConfig | null;
  readonly node: ControlPlaneNode;
  /** The config's file, for problems. */
  readonly file: string;
  /** Where its settings stand; without it problems name the file alone. */
  readonly placeOf?: PlaceOf;
}

/** What is wrong with the settings of a control plane, whatever keys and files the node has. */
export function controlPlaneSettingsProblems(source: ControlPlaneSource): readonly Problem[] {
  if (source.config === null) return [];
  const plan = renderControlPlane(source.config, source.node);
  return declareControlPlane(plan, [], source.file, source.placeOf).problems;
}

/** The pods of a control plane as they would be rendered, whatever keys and files the node has. */
export function controlPlaneEntries(source: ControlPlaneSource): readonly PodEntry[] {
  if (source.config === null) return [];
  const { pods } = renderControlPlane(source.config, source.node);
  return pods.map(({ pod }) => entryIn(source.file, pod));
}

/** What preparing a control plane would give at a time; writes nothing. Never throws. */
export async function proposeControlPlane(
  source: ControlPlaneSource,
  nowMs: number,
  fs: ControlPlaneFs = nodeFs,
): Promise<ControlPlanePods> {
  if (source.config === null) return NO_CONTROL_PLANE;
  const plan = renderControlPlane(source.config, source.node);
  const prepared = await prepareControlPlane(plan, { fs, nowMs, write: false });
  return declareControlPlane(plan, prepared, source.file, source.placeOf);
}

/** Prepares the control plane and keeps watch over the files of what was prepared last. */
export class ControlPlaneService {
  readonly #deps: ControlPlaneServiceDeps;
  readonly #fs: ControlPlaneFs;
  #watch = new AbortController();
  #prepared: readonly PreparedComponent[] = [];
  #etcd: EtcdAccess | undefined;

  constructor(deps: ControlPlaneServiceDeps) {
    this.#deps = deps;
    this.#fs = deps.fs ?? nodeFs;
  }

  /** The components as they were prepared last, with findings and certificates, for `describe`. */
  get components(): readonly PreparedComponent[] {
    return this.#prepared;
  }

  /** Where etcd is; undefined without a control plane. */
  get etcd(): EtcdAccess | undefined {
    return this.#etcd;
  }

  /** Renders, checks and writes, and watches from now on what this needed. Never throws. */
  async prepare(source: ControlPlaneSource): Promise<ControlPlanePods> {
    this.#watch.abort();
    if (source.config === null) {
      this.#prepared = [];
      this.#etcd = undefined;
      return NO_CONTROL_PLANE;
    }
    const plan = renderControlPlane(source.config, source.node);
    const sourcesBefore = await fingerprint(watchedPaths(plan).sources, this.#fs);
    const prepared = await prepareControlPlane(plan, {
      fs: this.#fs,
      nowMs: this.#deps.clock.now(),
    });
    this.#prepared = prepared;
    this.#etcd = plan.etcd;
    this.#startWatch({ plan, prepared, sourcesBefore });
    return declareControlPlane(plan, prepared, source.file, source.placeOf);
  }

  /** What `prepare` would give; writes nothing and changes no watch. Never throws. */
  async propose(source: ControlPlaneSource): Promise<ControlPlanePods> {
    return await proposeControlPlane(source, this.#deps.clock.now(), this.#fs);
  }

  /** Ends the watch. */
  close(): void {
    this.#watch.abort();
  }

  #startWatch(start: WatchStart): void {
    this.#watch = new AbortController();
    const { clock, onChange, onFault } = this.#deps;
    watchControlPlane(start, { clock, fs: this.#fs, signal: this.#watch.signal }, onChange)
      .catch(onFault);
  }
}
