import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { beginFollowing } from "../../mod/rollout/following.ts";
import {
  heldBackBy,
  isAboutToBeServed,
  isMoot,
  type Phase,
  versionInList,
} from "../../mod/rollout/phase.ts";
import { beginReplacement, type Ending, fetched } from "../../mod/rollout/replacement.ts";
import type { RolloutPod } from "../../mod/rollout/mod.ts";
import { pod, Scene } from "./scene.ts";

const OLD = { hash: "1", uids: ["u"], graceMs: 3_000 };
const removed = beginReplacement(OLD, 0);
const ending = fetched(removed, 0) as Ending; // that is what becomes of `removed`
const following = beginFollowing<RolloutPod>(pod("web", "2"), "quick", {
  incarnation: undefined,
  oldUids: ["u"],
  nowMs: 0,
});

/** What is said of a pod that is wanted in version 3, at the beginning of each phase. */
const PHASES: Readonly<Record<string, readonly [Phase<RolloutPod>, unknown]>> = {
  waiting: [{ step: "waiting", sinceMs: 0, missing: ["default/b"] }, {
    listed: undefined,
    held: "Waiting",
    about: false,
  }],
  removed: [removed, { listed: undefined, held: "Replacing", about: false }],
  ending: [ending, { listed: undefined, held: "Replacing", about: false }],
  ended: [{ ...ending, endedMs: 1 }, { listed: undefined, held: "Replacing", about: true }],
  following: [following, { listed: "2", held: "Replacing", about: true }],
  "following what is wanted": [{ ...following, pod: pod("web", "3") }, {
    listed: "3",
    held: undefined,
    about: true,
  }],
  "following in the kubelet's own time": [{ ...following, method: "kubelet" }, {
    listed: "3",
    held: "Replacing",
    about: true,
  }],
};

describe("Phase", () => {
  for (const [name, [phase, expected]] of Object.entries(PHASES)) {
    it(`says what the list holds: ${name}`, () => {
      const wanted = pod("web", "3");
      assert.deepEqual({
        listed: versionInList(phase, wanted, undefined)?.pod.hash,
        held: heldBackBy(phase, wanted)?.state,
        about: isAboutToBeServed(phase),
      }, expected);
    });
  }

  it("is moot where a change is taken back in time, or never came into force", () => {
    const moot = (phase: Phase<RolloutPod>, hash: string, listed?: string) =>
      isMoot(phase, pod("web", hash), listed);
    assert.deepEqual([moot(removed, "1"), moot(removed, "2"), moot(ending, "1")], [
      true,
      false,
      false,
    ]);
    assert.deepEqual(
      [moot(following, "3"), moot(following, "3", "2"), moot(following, "2")],
      [true, false, false],
    );
  });
});

const ANNOTATIONS: readonly Readonly<Record<string, string>>[] = [
  {},
  {},
  { "podstead.dev/replace": "kubelet" },
  { "podstead.dev/after": "default/a" },
  { "podstead.dev/after": "default/b, default/gone" },
];

const name = fc.constantFrom("a", "b");

/** What may happen on a node: a number chooses of what there is. */
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("declare" as const),
      name,
      hash: fc.constantFrom("1", "2", "3"),
      annotations: fc.constantFrom(...ANNOTATIONS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), name }) },
  { weight: 4, arbitrary: fc.constant({ kind: "poll" as const }) },
  { weight: 5, arbitrary: fc.constant({ kind: "start" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      at: fc.nat(2),
      swept: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("ready" as const), name }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.constantFrom(100, 1_000, 3_000),
    }),
  },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

async function happen(scene: Scene, one: Happening): Promise<void> {
  const alive = scene.seen ?? [];
  const others = (name: string) => scene.desired.filter((pod) => pod.name !== name);
  switch (one.kind) {
    case "declare":
      await scene.plan(...others(one.name), pod(one.name, one.hash, one.annotations));
      break;
    case "drop":
      await scene.plan(...others(one.name));
      break;
    case "poll":
      return await scene.poll();
    case "start":
      // A kubelet starts what is in the list, one version of a pod at a time.
      for (const [name = "", hash = ""] of scene.listed.map((version) => version.split("@"))) {
        if (!alive.some((pod) => pod.name === `${name}-node-1`)) {
          scene.run(name, hash);
        }
      }
      break;
    case "end": {
      const pod = alive[one.at % (alive.length || 1)];
      if (pod === undefined) break;
      scene.end(pod.name.replace(/-node-1$/, ""));
      if (one.swept) scene.directories.delete(pod.uid);
      break;
    }
    case "ready":
      scene.ready.add(`default/${one.name}`);
      break;
    case "pass":
      await scene.clock.advance(one.ms);
  }
}

/** What holds of the phases at any moment, as `phase.ts` says it. */
function check(scene: Scene): void {
  const key = ({ name }: RolloutPod) => `default/${name}`;
  const wanted = new Map(scene.desired.map((pod) => [key(pod), pod]));
  const selected = new Map(scene.rollout.select(scene.desired).map((pod) => [key(pod), pod]));
  const held = scene.rollout.heldBack();
  const saved = new Set(scene.rollout.saved().replacing.map((one) => one.key));
  for (const one of [...held.keys(), ...saved]) {
    assert.ok(wanted.has(one), `${one} is under way, but not wanted`);
  }
  for (const one of saved) assert.ok(!selected.has(one), `${one} is replaced, but in the list`);
  for (const [one, pod] of wanted) {
    if (selected.get(one)?.hash !== pod.hash) assert.ok(held.has(one), `${one} has no reason`);
    const alive = scene.seen?.some(({ name }) => name === `${pod.name}-node-1`) === true;
    if (alive && !selected.has(one)) assert.ok(saved.has(one), `${one} runs, and left the list`);
  }
}

describe("PodsUnderWay", () => {
  it("keeps its promises whatever happens, and comes to an end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { minLength: 30, maxLength: 60, size: "max" }),
        async (story) => {
          const scene = new Scene();
          await scene.poll();
          for (const one of story) {
            await happen(scene, one);
            check(scene);
          }
          await scene.clock.advance(180_000);
          check(scene);
          assert.deepEqual(
            [scene.states(), scene.rollout.saved().replacing, scene.listed],
            [{}, [], scene.desired.map(({ name, hash }) => `${name}@${hash}`)],
          );
          await scene.rollout.close();
        },
      ),
      { numRuns: 100 },
    );
  });
});
