/** A node with a control plane on which changes are played through by hand. */
import assert from "node:assert/strict";
import type { ChangeVerdict, RolloutPod } from "../../mod/rollout/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { pod, Scene } from "./scene.ts";

/** The components, as their pods are named. */
export const COMPONENTS = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
] as const;
/** The components, and a pod that has nothing to do with them. */
const NAMES = [...COMPONENTS, "web"] as const;

/** The version of each pod; "1" where none is said. One that begins with "bad" never becomes ready. */
export type Versions = Readonly<Partial<Record<typeof NAMES[number], string>>>;

const namespaceOf = (name: string) => name === "web" ? "default" : "kube-system";

/** The key of a pod. */
export const keyOf = (name: string): string => `${namespaceOf(name)}/${name}`;

function podsOf(versions: Versions): readonly RolloutPod[] {
  return NAMES.map((name) => pod(name, versions[name] ?? "1", {}, namespaceOf(name)));
}

/** Its kubelet does what the list says, and its agent plans again when it is asked to. */
export class ControlPlaneNode {
  readonly scene = new Scene();
  /** What happened to the pods, in order: `-etcd` ended, `+etcd@2` runs, `=etcd` is ready. */
  readonly history: string[] = [];
  /** Pods that never become ready. */
  readonly stuck = new Set<string>();
  wanted: readonly RolloutPod[] = podsOf({});
  #replans = 0;

  async start(): Promise<void> {
    await this.scene.plan(...this.wanted);
    await this.steps(6);
    this.history.length = 0;
  }

  async change(versions: Versions): Promise<ReadonlyMap<string, ChangeVerdict>> {
    this.wanted = podsOf(versions);
    return await this.scene.plan(...this.wanted);
  }

  /** A crash of the agent, and its start. */
  async crash(): Promise<void> {
    await this.scene.restart();
    await this.scene.plan(...this.wanted);
  }

  async steps(count: number): Promise<void> {
    for (let step = 0; step < count; step += 1) await this.#step();
  }

  async #step(): Promise<void> {
    const { scene } = this;
    await scene.fetch();
    for (const name of NAMES) {
      const listed = scene.list.find((one) => one.name === name);
      const running = scene.seen?.find((one) => one.name === `${name}-node-1`);
      if (running !== undefined && running.uid !== listed?.uid) {
        scene.end(name);
        scene.directories.delete(running.uid);
        scene.ready.delete(keyOf(name));
        this.history.push(`-${name}`);
      } else if (running === undefined && listed !== undefined) {
        scene.run(name, listed.hash);
        this.history.push(`+${name}@${listed.hash}`);
      } else if (running !== undefined && !scene.ready.has(keyOf(name)) && this.#canBeReady(name)) {
        scene.ready.add(keyOf(name));
        this.history.push(`=${name}`);
      }
    }
    await scene.clock.advance(500);
    await settle();
    if (scene.replans === this.#replans) return;
    this.#replans = scene.replans;
    await scene.plan(...this.wanted);
  }

  #canBeReady(name: string): boolean {
    const running = this.scene.seen?.find((one) => one.name === `${name}-node-1`);
    if (this.stuck.has(name) || running?.specHash?.startsWith("bad") === true) return false;
    return name !== "kube-apiserver" || this.scene.ready.has(keyOf("etcd"));
  }

  /** How often something has happened. */
  count(event: string): number {
    return this.history.filter((one) => one === event).length;
  }

  /** When something happened, as an index of the history. */
  at(event: string): number {
    const index = this.history.indexOf(event);
    assert.notEqual(index, -1, `${event} is not in ${this.history.join(" ")}`);
    return index;
  }

  inOrder(...events: readonly string[]): void {
    const indexes = events.map((event) => this.at(event));
    const sorted = [...indexes].sort((left, right) => left - right);
    assert.deepEqual(indexes, sorted, this.history.join(" "));
  }
}
