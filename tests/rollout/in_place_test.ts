import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject } from "../../mod/core/mod.ts";
import type { RolloutPod } from "../../mod/rollout/mod.ts";
import { specHash } from "../../mod/pods/mod.ts";
import { Scene } from "./scene.ts";

interface Version {
  readonly image?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly env?: string;
  readonly more?: readonly string[];
  readonly uid?: string;
}

/** A pod of two containers, of which the first has the image. */
function web(
  { image = "1", labels = {}, annotations = {}, env, more = [], uid }: Version = {},
): RolloutPod {
  const containers: JsonObject[] = [
    {
      name: "main",
      image: `main:${image}`,
      ...(env === undefined ? {} : { env: [{ name: "E", value: env }] }),
    },
    ...["side", ...more].map((name) => ({ name, image: `${name}:1` })),
  ];
  const pod: JsonObject = {
    metadata: { name: "web", labels, annotations, ...(uid === undefined ? {} : { uid }) },
    spec: { containers, terminationGracePeriodSeconds: 2 },
  };
  return { namespace: "default", name: "web", pod, hash: specHash(pod) };
}

const images = ({ image = "1", more = [] }: Version = {}) =>
  Object.fromEntries([
    ["main", `main:${image}`],
    ...["side", ...more].map((name) => [name, `${name}:1`]),
  ]);

/** A node where the pod runs, with what a test moves it by. */
async function node(version: Version = {}) {
  const scene = new Scene();
  scene.replace = "in-place";
  await scene.plan(web(version));
  if (version.uid !== undefined) {
    // Nothing is remembered: a kubelet might have another version under that UID.
    assert.deepEqual(scene.listed, []);
    await scene.poll();
    await scene.clock.advance(1_000);
  }
  scene.run("web", web(version).hash, images(version));
  await scene.poll();
  return {
    scene,
    uid: () => scene.list.find(({ name }) => name === "web")?.uid,
    /** Declares a version. @returns how it is done, and why so */
    async declare(next: Version) {
      const verdict = (await scene.plan(web(next))).get("default/web");
      return [verdict?.method, verdict?.why] as const;
    },
    run: (now: Version) => scene.run("web", web(now).hash, images(now)),
    steps: () => scene.events.map(({ step, method }) => `${step} ${method}`),
  };
}

describe("QuickRollout, in place", () => {
  for (
    const [change, next] of Object.entries<Version>({
      "another image": { image: "2" },
      "labels": { labels: { x: "1" } },
      "another container": { more: ["third"] },
    })
  ) {
    it(`keeps the pod through ${change}`, async () => {
      const { scene, uid, declare, run, steps } = await node();
      const before = uid();
      assert.deepEqual(await declare(next), ["in-place", undefined]);
      assert.deepEqual([scene.listed, uid()], [[`web@${web(next).hash}`], before]);
      assert.deepEqual(scene.states(), {});
      await scene.fetch();
      run(next);
      await scene.clock.advance(200);
      assert.deepEqual(steps(), ["running in-place"]);
      assert.equal(scene.saved.length, 0);
      await scene.rollout.close();
    });
  }

  it("begins another pod for anything else, and says which field makes it so", async () => {
    const { scene, uid, declare } = await node();
    const before = uid();
    const [method, why] = await declare({ image: "2", env: "x" });
    assert.equal(method, "quick");
    assert.match(why ?? "", /^spec\.containers\[0\]\.env: /);
    assert.deepEqual(scene.listed, []);
    await scene.fetch();
    scene.end("web");
    scene.directories.clear();
    await scene.clock.advance(1_800);
    assert.deepEqual(scene.listed, [`web@${web({ image: "2", env: "x" }).hash}`]);
    assert.notEqual(uid(), before);
    await scene.rollout.close();
  });

  it("measures how long a container was down", async () => {
    const { scene, declare, run } = await node();
    await declare({ image: "2" });
    await scene.fetch();
    run({});
    const [pod] = scene.seen ?? [];
    assert.ok(pod !== undefined);
    const main = pod.containers.get("main");
    assert.ok(main !== undefined);
    scene.seen = [{
      ...pod,
      containers: new Map(pod.containers).set("main", { ...main, running: false }),
    }];
    await scene.clock.advance(300);
    run({ image: "2" });
    await scene.clock.advance(100);
    const { downtimeMs = 0 } = scene.events.at(-1) ?? {};
    assert.ok(downtimeMs >= 200 && downtimeMs <= 400, `${downtimeMs}`);
    await scene.rollout.close();
  });

  it("has the image first", async () => {
    const { scene, declare } = await node();
    scene.images = { state: "pulling", reason: "it comes" };
    assert.deepEqual((await declare({ image: "2" }))[0], "in-place");
    assert.deepEqual(scene.listed, [`web@${web().hash}`]);
    await scene.rollout.close();
  });

  it("falls back to two steps when a container does not come up", async () => {
    const { scene, uid, declare, steps } = await node();
    const before = uid();
    await declare({ image: "2" });
    await scene.clock.advance(30_000);
    assert.equal(scene.listed.length, 1, "no kubelet has fetched it yet");
    await polls(scene, 9);
    assert.equal(scene.listed.length, 1, "its grace period and the limit are not over");
    await polls(scene, 2);
    assert.deepEqual(scene.listed, []);
    assert.deepEqual(steps(), ["fallen-back in-place", "removed quick"]);
    // Nor does a reload take it back: the same version comes as another pod.
    await declare({ image: "2" });
    assert.deepEqual(scene.listed, []);
    await scene.fetch();
    scene.end("web");
    scene.directories.clear();
    await scene.clock.advance(1_800);
    assert.deepEqual(scene.listed, [`web@${web({ image: "2" }).hash}`]);
    assert.notEqual(uid(), before);
    await scene.rollout.close();
  });

  it("holds a further change back until the one before has come up", async () => {
    const { scene, uid, declare, run } = await node();
    const before = uid();
    await declare({ image: "2" });
    await scene.fetch();
    await declare({ image: "3" });
    assert.deepEqual([scene.listed, uid()], [[`web@${web({ image: "2" }).hash}`], before]);
    run({ image: "2" });
    await scene.clock.advance(200);
    assert.deepEqual([scene.listed, uid()], [[`web@${web({ image: "3" }).hash}`], before]);
    await scene.rollout.close();
  });

  it("takes back a change that could not be saved, and keeps the pod", async () => {
    const { scene, uid } = await node();
    const before = uid();
    const change = { before: web(), after: web({ image: "2" }) };
    const options = { dryRun: false, retry: true, replace: "in-place" } as const;
    await scene.rollout.examine([change], options);
    scene.rollout.planned([change.before], [change.after])();
    const [kept] = scene.rollout.select([change.before]);
    assert.deepEqual([kept?.hash, kept?.uid], [web().hash, before]);
    await scene.rollout.close();
  });

  it("says of two versions that are compared what the change is, whichever is served", async () => {
    const { scene } = await node();
    const change = { before: web({ image: "7" }), after: web({ image: "8" }) };
    const options = { dryRun: true, retry: true, replace: "in-place" } as const;
    const methods = async (
      supposed: boolean,
    ) => [...(await scene.rollout.examine([change], { ...options, supposed })).values()];
    assert.deepEqual(await methods(true), [{ method: "in-place" }]);
    assert.deepEqual(await methods(false), [{
      method: "quick",
      why: "it runs under a UID that podstead did not give it",
    }]);
    await scene.rollout.close();
  });

  const inTwoSteps: Readonly<
    Record<string, readonly [(all: Awaited<ReturnType<typeof node>>) => void, RegExp]>
  > = {
    "a kubelet that is not known": [
      ({ scene }) => scene.kubeletMinor = undefined,
      /version is not known/,
    ],
    "an API server that would show the old version": [
      ({ scene }) => scene.staleMirrors = "the file cannot be read",
      /API server would keep showing the old version: the file cannot be read/,
    ],
    "a container that does not run": [
      ({ scene }) => change(scene, { running: false }),
      /main does not run/,
    ],
    "a container that was restarted recently": [
      ({ scene }) => change(scene, { attempt: 1 }),
      /restarted recently/,
    ],
    "a container with another image": [
      ({ scene }) => change(scene, { hash: "0" }),
      /does not run the image/,
    ],
    "a pod that runs under another UID": [
      ({ scene }) => scene.seen = scene.seen?.map((pod) => ({ ...pod, uid: "other" })),
      /not seen running under the UID/,
    ],
  };
  for (const [name, [arrange, why]] of Object.entries(inTwoSteps)) {
    it(`does not change in place: ${name}`, async () => {
      const all = await node();
      arrange(all);
      const verdict = await all.declare({ image: "2" });
      assert.equal(verdict[0], "quick");
      assert.match(verdict[1] ?? "", why);
      await all.scene.rollout.close();
    });
  }

  it("lets a pod ask for a change in place whatever the API server shows", async () => {
    const annotations = { "podstead.dev/replace": "in-place" };
    const { scene, declare } = await node({ annotations });
    scene.staleMirrors = "the file cannot be read";
    assert.deepEqual(await declare({ annotations, image: "2" }), ["in-place", undefined]);
    await scene.rollout.close();
  });

  it("returns to an image in place once within ten minutes, and not a second time", async () => {
    const { scene, declare, run } = await node();
    const change = async (image: string, waitMs: number) => {
      await polls(scene, waitMs / 1_000);
      const [method] = await declare({ image });
      await scene.fetch();
      run({ image });
      await scene.clock.advance(200);
      return method;
    };
    assert.equal(await change("2", 0), "in-place");
    assert.equal(await change("1", 1_000), "quick", "just left");
    const again = await node();
    const other = async (image: string, waitMs: number) => {
      await polls(again.scene, waitMs / 1_000);
      const verdict = await again.declare({ image });
      await again.scene.fetch();
      again.run({ image });
      await again.scene.clock.advance(200);
      return verdict;
    };
    assert.equal((await other("2", 0))[0], "in-place");
    assert.equal((await other("1", 20_000))[0], "in-place");
    const [method, why] = await other("2", 20_000);
    assert.equal(method, "quick");
    assert.match(why ?? "", /container main wait before it returns to main:2/);
    await scene.rollout.close();
    await again.scene.rollout.close();
  });

  it("gives another UID to a pod that is removed and declared again", async () => {
    const { scene, uid } = await node();
    const before = uid();
    await scene.plan();
    scene.end("web");
    await scene.plan(web());
    assert.notEqual(uid(), before);
    await scene.rollout.close();
  });

  it("takes no container from a pod of a declared UID before a kubelet has ended it", async () => {
    const declared = { uid: "mine", more: ["third"] };
    const { scene, uid, declare } = await node(declared);
    assert.equal(uid(), "mine");
    // Not even where nothing runs, and no kubelet polls.
    scene.end("web");
    await declare({ uid: "mine" });
    assert.deepEqual(scene.listed, []);
    await scene.clock.advance(600_000);
    assert.deepEqual(scene.listed, []);
    await scene.fetch();
    scene.directories.clear();
    await scene.clock.advance(2_000);
    assert.deepEqual([scene.listed, uid()], [[`web@${web({ uid: "mine" }).hash}`], "mine"]);
    await scene.rollout.close();
  });
});

/** The kubelet polls each second. */
async function polls(scene: Scene, count: number): Promise<void> {
  for (let poll = 0; poll < count; poll += 1) {
    await scene.fetch();
    await scene.clock.advance(1_000);
  }
}

function change(scene: Scene, more: Readonly<Record<string, unknown>>): void {
  scene.seen = scene.seen?.map((pod) => {
    const main = pod.containers.get("main");
    if (main === undefined) return pod;
    return { ...pod, containers: new Map(pod.containers).set("main", { ...main, ...more }) };
  });
}

describe("QuickRollout.resume(), with identities", () => {
  it("adopts what an older podstead served without a UID", async () => {
    const scene = new Scene();
    scene.replace = "in-place";
    scene.desired = [web()];
    scene.run("web", web().hash, images());
    scene.seen = scene.seen?.map((pod) => ({ ...pod, uid: "by-the-kubelet" }));
    await scene.rollout.resume({ replacing: [], incarnations: [] }, scene.desired);
    scene.publish();
    assert.equal(scene.list[0]?.uid, "by-the-kubelet");
    assert.equal(scene.rollout.saved().incarnations[0]?.uid, "by-the-kubelet");
    await scene.rollout.close();
  });

  it("adopts it later where the runtime does not answer at first", async () => {
    const scene = new Scene();
    scene.desired = [web()];
    scene.seen = undefined;
    await scene.rollout.resume({ replacing: [], incarnations: [] }, scene.desired);
    scene.publish();
    assert.equal(scene.list[0]?.uid, undefined);
    scene.run("web", web().hash, images());
    await scene.clock.advance(6_000);
    // Where nothing is listed under a UID, the scene runs it under its hash.
    assert.equal(scene.list[0]?.uid, web().hash);
    assert.equal(scene.state.incarnations[0]?.uid, web().hash);
    await scene.rollout.close();
  });

  it("gives way to what an older podstead has served since, and to nothing else", async () => {
    const { scene } = await node();
    const incarnations = scene.rollout.saved().incarnations;
    await scene.rollout.close();
    for (const [hash, uid] of [[web().hash, "older"], ["other", incarnations[0]?.uid]] as const) {
      const next = new Scene();
      next.desired = [web()];
      next.run("web", hash, images());
      next.seen = next.seen?.map((pod) => ({ ...pod, uid: "older" }));
      await next.rollout.resume({ replacing: [], incarnations }, next.desired);
      next.publish();
      assert.equal(next.list[0]?.uid, uid);
      await next.rollout.close();
    }
  });

  it("knows its pods again after a loss of state, changed in place or not", async () => {
    for (const changed of [{}, { image: "2" }, { labels: { x: "1" }, more: ["third"] }]) {
      const all = await node();
      const before = all.uid();
      await all.declare(changed);
      all.run(changed);
      const next = new Scene();
      next.seen = all.scene.seen;
      await next.plan(web(changed));
      assert.equal(next.list[0]?.uid, before);
      await all.scene.rollout.close();
      await next.rollout.close();
    }
  });

  it("begins again after a loss of state where the config has changed since", async () => {
    const all = await node();
    const next = new Scene();
    next.seen = all.scene.seen;
    await next.plan(web({ env: "x" }));
    assert.notEqual(next.list[0]?.uid, all.uid());
    await all.scene.rollout.close();
    await next.rollout.close();
  });

  it("goes on with a change in place that a crash has cut short", async () => {
    const all = await node();
    await all.declare({ image: "2" });
    const next = new Scene();
    next.replace = "in-place";
    next.desired = all.scene.desired;
    next.seen = all.scene.seen;
    await next.poll();
    await next.rollout.resume(all.scene.rollout.saved(), next.desired);
    next.publish();
    assert.equal(next.list[0]?.uid, all.uid());
    await next.poll();
    await next.clock.advance(12_000);
    assert.deepEqual(next.events.map(({ step }) => step).slice(0, 1), ["fallen-back"]);
    await all.scene.rollout.close();
    await next.rollout.close();
  });
});
