/**
 * Random histories of a node, with a model of a kubelet that knows what it was
 * given under each UID: no list may change a pod under its UID in a way that the
 * kubelet would panic at, or would apply late, in part or never.
 */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { JsonObject } from "../../mod/core/mod.ts";
import { expectedContainers, judgeChange, losesNoContainer } from "../../mod/identity/mod.ts";
import { specHash } from "../../mod/pods/mod.ts";
import type { RolloutPod } from "../../mod/rollout/mod.ts";
import { Scene } from "./scene.ts";

/** A kubelet's memory, and what it does to the runtime. */
class ModelKubelet {
  readonly #scene: Scene;
  #held: ReadonlyMap<string, RolloutPod> = new Map();
  changedInPlace = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Gets the list: whatever of it is under a UID that it knows is a change of that pod. */
  async fetch(): Promise<void> {
    const list = new Map(this.#scene.list.map((pod) => [pod.uid ?? pod.hash, pod]));
    assert.equal(list.size, this.#scene.list.length, "two pods have one UID");
    for (const [uid, pod] of list) {
      const before = this.#held.get(uid);
      if (before === undefined || before.hash === pod.hash) continue;
      const words = `${JSON.stringify(before.pod)} became ${JSON.stringify(pod.pod)} under ${uid}`;
      assert.ok(losesNoContainer(before.pod, pod.pod), `the kubelet panics: ${words}`);
      assert.ok(judgeChange(before.pod, pod.pod, 36).inPlace, `half applied: ${words}`);
      this.changedInPlace += 1;
    }
    this.#held = list;
    await this.#scene.fetch();
  }

  /** Ends what it does not hold, then starts what it holds, one version of a pod at a time. */
  work(): void {
    const seen = this.#scene.seen ?? [];
    for (const { uid, name } of seen) {
      if (!this.#held.has(uid)) {
        this.#scene.seen = this.#scene.seen?.filter((one) => one.uid !== uid);
        this.#scene.directories.delete(uid);
        if (name !== "") return;
      }
    }
    for (const [uid, pod] of this.#held) {
      const others = seen.some((one) => one.name === `${pod.name}-node-1` && one.uid !== uid);
      if (others) continue;
      const images = Object.fromEntries(
        expectedContainers(pod.pod).map(({ name, image }) => [name, image]),
      );
      this.#scene.run(pod.name, pod.hash, images, uid);
    }
  }

  /** A start of the kubelet: it knows of no pod what it was given before. */
  restart(): void {
    this.#held = new Map();
  }
}

const version = fc.record({
  image: fc.constantFrom("1", "2", "3"),
  label: fc.constantFrom("a", "b"),
  env: fc.constantFrom("x", "x", "x", "y"),
  names: fc.constantFrom(["main"], ["main", "side"], ["main", "side", "third"], ["side", "main"]),
  uid: fc.constantFrom(undefined, undefined, undefined, "declared"),
  replace: fc.constantFrom(undefined, undefined, undefined, "quick", "kubelet"),
});
type Version = typeof version extends fc.Arbitrary<infer T> ? T : never;

function podOf(name: string, { image, label, env, names, uid, replace }: Version): RolloutPod {
  const pod: JsonObject = {
    metadata: {
      name,
      labels: { label },
      ...(uid === undefined ? {} : { uid: `${name}-${uid}` }),
      ...(replace === undefined ? {} : { annotations: { "podstead.dev/replace": replace } }),
    },
    spec: {
      terminationGracePeriodSeconds: 2,
      containers: names.map((container) => ({
        name: container,
        image: `${container}:${container === "main" ? image : "1"}`,
        env: [{ name: "E", value: env }],
      })),
    },
  };
  return { namespace: "default", name, pod, hash: specHash(pod) };
}

const name = fc.constantFrom("a", "b");
/** Which field of a pod is changed. */
const field = fc.constantFrom(
  ...["image", "image", "image", "label", "names", "env", "uid", "replace"] as const,
);
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("declare" as const), name, version, field }),
  },
  { weight: 6, arbitrary: fc.constant({ kind: "settle" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), name }) },
  { weight: 5, arbitrary: fc.constant({ kind: "poll" as const }) },
  { weight: 6, arbitrary: fc.constant({ kind: "work" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "crash" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "forget" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "kubelet" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "blind" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.constantFrom(100, 2_000, 20_000),
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

async function happen(
  scene: Scene,
  kubelet: ModelKubelet,
  versions: Map<string, Version>,
  one: Happening,
): Promise<void> {
  const others = (name: string) => scene.desired.filter((pod) => pod.name !== name);
  switch (one.kind) {
    case "declare": {
      const { name, version, field } = one;
      const next = { ...versions.get(name) ?? version, [field]: version[field] };
      versions.set(name, next);
      return void await scene.plan(...others(name), podOf(name, next));
    }
    case "settle":
      for (let round = 0; round < 4; round += 1) {
        await kubelet.fetch();
        kubelet.work();
        await scene.clock.advance(500);
      }
      return;
    case "drop":
      return void await scene.plan(...others(one.name));
    case "poll":
      return await kubelet.fetch();
    case "work":
      return kubelet.work();
    case "crash":
      return await scene.restart();
    case "forget": {
      // The state is lost: the next plan is the first.
      const declared = scene.desired;
      scene.state = { replacing: [], incarnations: [] };
      scene.desired = [];
      await scene.restart();
      return void await scene.plan(...declared);
    }
    case "kubelet":
      return kubelet.restart();
    case "blind": {
      const seen = scene.seen;
      scene.seen = undefined;
      await scene.clock.advance(1_000);
      scene.seen = seen;
      return;
    }
    case "pass":
      await scene.clock.advance(one.ms);
  }
}

describe("PodsUnderWay, over random histories", () => {
  it("never gives a kubelet a change under a kept UID that it would not apply in full", async () => {
    let changedInPlace = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { minLength: 20, maxLength: 50, size: "max" }),
        async (story) => {
          const scene = new Scene();
          scene.replace = "in-place";
          const kubelet = new ModelKubelet(scene);
          const versions = new Map<string, Version>();
          await scene.poll();
          for (const one of story) await happen(scene, kubelet, versions, one);
          for (let round = 0; round < 120; round += 1) {
            await kubelet.fetch();
            kubelet.work();
            await scene.clock.advance(1_000);
          }
          assert.deepEqual(scene.states(), {});
          assert.deepEqual(
            scene.listed,
            scene.desired.map(({ name, hash }) => `${name}@${hash}`),
          );
          for (const pod of scene.desired) {
            const uid = scene.list.find((one) => one.name === pod.name)?.uid;
            const running = scene.seen?.filter((one) => one.name === `${pod.name}-node-1`) ?? [];
            assert.deepEqual(running.map((one) => one.uid), [uid]);
            for (const { name, hash } of expectedContainers(pod.pod)) {
              assert.equal(running[0]?.containers.get(name)?.hash, hash);
            }
          }
          changedInPlace += kubelet.changedInPlace;
          await scene.rollout.close();
        },
      ),
      { numRuns: 150 },
    );
    assert.ok(changedInPlace > 20, `${changedInPlace} changes in place`);
  });
});
