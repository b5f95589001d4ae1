/** A node on which a rollout is played through by hand. */
import { containerHash } from "../../mod/identity/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import {
  type ChangeVerdict,
  type PlannedChange,
  QuickRollout,
  type ReplaceMethod,
  type RolloutEvent,
  type RolloutPod,
  type SavedReplacement,
  type SavedRollout,
  type SeenPod,
} from "../../mod/rollout/mod.ts";
import type { ImageVerdict } from "../../mod/rollout/images/pre_pull.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

/** A pod in one version. */
export function pod(
  name: string,
  hash: string,
  annotations: Readonly<Record<string, string>> = {},
  namespace = "default",
): RolloutPod {
  return {
    namespace,
    name,
    hash,
    pod: {
      metadata: { name, annotations },
      spec: {
        containers: [{ name: "main", image: "a:1", env: [{ name: "VERSION", value: hash }] }],
        terminationGracePeriodSeconds: 3,
      },
    },
  };
}

/** A node with one kubelet, which a test moves; the rollout and its agent beside it. */
export class Scene {
  readonly clock = new FakeClock();
  readonly events: RolloutEvent[] = [];
  readonly ready = new Set<string>();
  rollout: QuickRollout<RolloutPod>;
  seen: SeenPod[] | undefined = [];
  directories = new Set<string>();
  images: ImageVerdict = { state: "present" };
  desired: readonly RolloutPod[] = [];
  /** What the agent has on disk. */
  state: SavedRollout = { replacing: [], incarnations: [] };
  listed: readonly string[] = [];
  /** The list itself. */
  list: readonly RolloutPod[] = [];
  /** Under which UIDs, by name. */
  uids: ReadonlyMap<string, string> = new Map();
  replace: ReplaceMethod = "quick";
  kubeletMinor: number | undefined = 36;
  staleMirrors: string | undefined;
  replans = 0;
  /** How long the agent takes to save and publish, in milliseconds. */
  publishMs = 0;
  #etag = 0;

  constructor() {
    this.rollout = this.#start();
  }

  /** A crash, and the start after it: what was on disk is all that is known. */
  async restart(): Promise<void> {
    await this.rollout.close();
    this.rollout = this.#start();
    await this.rollout.resume(this.state, this.desired);
    this.publish();
  }

  #start(): QuickRollout<RolloutPod> {
    return new QuickRollout<RolloutPod>({
      clock: this.clock,
      log: silentLogger,
      probe: {
        pods: () =>
          this.seen === undefined
            ? Promise.reject(new Error("no runtime"))
            : Promise.resolve(this.seen),
        directory: (uid) => Promise.resolve(this.directories.has(uid)),
        listed: () => Promise.resolve(undefined),
      },
      prePull: { check: () => Promise.resolve(this.images), close: () => undefined },
      settings: () => ({
        nodeName: "Node-1",
        replace: this.replace,
        kubeletMinor: this.kubeletMinor,
        staleMirrors: this.staleMirrors,
        afterTimeoutMs: 60_000,
      }),
      ready: () => Promise.resolve(this.ready),
      changed: async () => {
        this.state = this.rollout.saved();
        if (this.publishMs > 0) await this.clock.sleep(this.publishMs);
        this.publish();
      },
      replan: () => {
        this.replans += 1;
        return Promise.resolve();
      },
      record: (event) => this.events.push(event),
    });
  }

  /** What the agent does for a reload. */
  async plan(...desired: readonly RolloutPod[]): Promise<ReadonlyMap<string, ChangeVerdict>> {
    const before = this.desired;
    const changes = desired.map((after): PlannedChange => ({
      before: before.find(({ name }) => name === after.name),
      after,
    })).filter(({ before, after }) => before?.hash !== after.hash);
    const options = { dryRun: false, retry: true, replace: this.replace };
    const verdicts = await this.rollout.examine(changes, options);
    // As `planReload` does: what is gated keeps its version.
    this.desired = desired.map((after) =>
      verdicts.get(`${after.namespace}/${after.name}`)?.gate === undefined
        ? after
        : before.find(({ name }) => name === after.name) ?? after
    );
    this.rollout.planned(before, this.desired);
    this.state = this.rollout.saved();
    this.publish();
    return verdicts;
  }

  get saved(): readonly SavedReplacement[] {
    return this.state.replacing;
  }

  publish(): void {
    const pods = this.rollout.select(this.desired);
    this.list = pods;
    this.listed = pods.map(({ name, hash }) => `${name}@${hash}`);
    this.uids = new Map([
      ...this.uids,
      ...pods.flatMap(({ name, uid }) => uid === undefined ? [] : [[name, uid] as const]),
    ]);
    this.#etag += 1;
    this.rollout.published(pods, `"${this.#etag}"`);
  }

  /** The kubelet gets the list. */
  async fetch(): Promise<void> {
    this.rollout.onFetch(`"${this.#etag}"`);
    await settle();
  }

  /** Two polls, a second apart. */
  async poll(): Promise<void> {
    await this.fetch();
    await this.clock.advance(1_000);
    await this.fetch();
  }

  /** A version runs, under the UID that the list has now unless another is given. */
  run(
    name: string,
    hash: string,
    images: Readonly<Record<string, string>> = { main: "a:1" },
    uid: string = this.uids.get(name) ?? hash,
  ): void {
    this.directories.add(uid);
    const createdMs = this.clock.now();
    const containers = Object.entries(images).map(([container, image]) =>
      [container, {
        type: "container",
        running: true,
        hash: containerHash(container, image),
        attempt: 0,
        createdMs,
      }] as const
    );
    const { namespace = "default" } = this.desired.find((one) => one.name === name) ?? {};
    this.seen = [...this.seen?.filter((one) => one.uid !== uid) ?? [], {
      namespace,
      name: `${name}-node-1`,
      uid,
      specHash: this.seen?.find((one) => one.uid === uid)?.specHash ?? hash,
      alive: true,
      sandbox: true,
      busy: true,
      running: containers.length,
      containers: new Map(containers),
    }];
  }

  /** The pod has ended, and the kubelet has cleared its directory away. */
  end(name: string): void {
    this.seen = this.seen?.filter((one) => one.name !== `${name}-node-1`);
  }

  states(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.rollout.heldBack()].map(([key, held]) => [key, held.state]));
  }
}

/** A node where version 1 of the pod runs and the kubelet polls each second. */
export async function running(): Promise<Scene> {
  const scene = new Scene();
  await scene.plan(pod("web", "1"));
  scene.run("web", "1");
  await scene.poll();
  return scene;
}
