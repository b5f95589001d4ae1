import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { SavedReplacement } from "../../mod/rollout/mod.ts";
import { settle } from "../support/fake_clock.ts";
import { pod, running, Scene } from "./scene.ts";

describe("QuickRollout", () => {
  it("serves a new pod at once, and one that does not run", async () => {
    const scene = new Scene();
    await scene.plan(pod("web", "1"));
    assert.deepEqual(scene.listed, ["web@1"]);
    await scene.poll();
    await scene.plan(pod("web", "2"));
    assert.deepEqual(scene.listed, ["web@2"]);
    assert.deepEqual(scene.saved, []);
    await scene.rollout.close();
  });

  it("replaces a running pod in two steps", async () => {
    const scene = await running();
    const verdicts = await scene.plan(pod("web", "2"), pod("other", "1"));
    assert.deepEqual(verdicts.get("default/web"), { method: "quick" });
    assert.deepEqual(scene.listed, ["other@1"]);
    assert.deepEqual(scene.states(), { "default/web": "Replacing" });
    const [first] = scene.saved;
    assert.deepEqual([first?.key, first?.step], ["default/web", "removed"]);
    const uids = [scene.uids.get("web")];
    assert.deepEqual([first?.old.hash, first?.old.uids, first?.old.graceMs], ["1", uids, 3_000]);
    await scene.clock.advance(500);
    await scene.fetch();
    assert.equal(scene.saved[0]?.step, "ending");
    await scene.clock.advance(300);
    scene.end("web");
    await scene.clock.advance(900);
    assert.deepEqual(scene.listed, ["other@1"]);
    scene.directories.clear();
    await scene.clock.advance(450);
    assert.deepEqual(scene.listed, ["web@2", "other@1"]);
    assert.deepEqual([scene.states(), scene.saved], [{}, []]);
    scene.run("web", "2");
    await scene.clock.advance(500);
    assert.deepEqual(scene.events.map(({ step }) => step), [
      "removed",
      "fetched",
      "ended",
      "served",
      "running",
    ]);
    const [, fetched, ended, served, ran] = scene.events;
    assert.equal(fetched?.sinceMs, 500);
    assert.ok((ended?.sinceMs ?? 0) >= 300 && (ended?.sinceMs ?? 0) <= 400);
    assert.ok((served?.sinceMs ?? 0) >= 1_150 && (served?.sinceMs ?? 0) <= 1_400);
    // From when it was asked to end, 300 ms before it did.
    assert.ok((ran?.downtimeMs ?? 0) >= 1_450 && (ran?.downtimeMs ?? 0) <= 1_900);
    await scene.rollout.close();
  });

  it("does not take a fetch of an older list for that of the one without the pod", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2"));
    scene.rollout.onFetch('"0"');
    assert.equal(scene.saved[0]?.step, "removed");
    await scene.rollout.close();
  });

  it("serves the new version when no kubelet fetches", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2"));
    await scene.clock.advance(3_900);
    assert.deepEqual(scene.listed, []);
    await scene.clock.advance(200);
    assert.deepEqual(scene.listed, ["web@2"]);
    await scene.rollout.close();
  });

  it("takes up a further change while the old version ends", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2"));
    await scene.fetch();
    await scene.plan(pod("web", "3"));
    assert.deepEqual(scene.listed, []);
    scene.end("web");
    scene.directories.clear();
    await scene.clock.advance(1_800);
    assert.deepEqual(scene.listed, ["web@3"]);
    await scene.rollout.close();
  });

  it("takes a change back before a kubelet knows of it, and not after", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2"));
    await scene.plan(pod("web", "1"));
    assert.deepEqual(scene.listed, ["web@1"]);
    await scene.plan(pod("web", "2"));
    await scene.fetch();
    await scene.plan(pod("web", "1"));
    assert.deepEqual(scene.listed, []);
    await scene.rollout.close();
  });

  it("forgets a pod that is removed in the middle", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2"));
    await scene.fetch();
    await scene.plan();
    assert.deepEqual([scene.listed, scene.saved, scene.states()], [[], [], {}]);
    await scene.rollout.close();
  });

  it("lets a version that is only just starting come up before it replaces it", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2"));
    await scene.fetch();
    scene.end("web");
    scene.directories.clear();
    await scene.clock.advance(1_800);
    assert.deepEqual(scene.listed, ["web@2"]);
    await scene.fetch();
    await scene.plan(pod("web", "3"));
    assert.deepEqual(scene.listed, ["web@2"]);
    assert.deepEqual(scene.states(), { "default/web": "Replacing" });
    scene.run("web", "2");
    await scene.clock.advance(500);
    assert.deepEqual(scene.listed, []);
    assert.deepEqual(scene.saved.map(({ old }) => old.hash), ["2"]);
    await scene.rollout.close();
  });

  it("does not wait for ever for a version that does not come up", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2"));
    await scene.fetch();
    scene.end("web");
    scene.directories.clear();
    await scene.clock.advance(1_600);
    await scene.plan(pod("web", "3"));
    await scene.clock.advance(5_500);
    assert.deepEqual(scene.listed, ["web@3"]);
    await scene.rollout.close();
  });

  it("undoes a plan that could not be saved", async () => {
    const scene = await running();
    const [before, next] = [[pod("web", "1")], [pod("web", "2")]];
    await scene.rollout.examine([{ before: before[0], after: next[0] ?? pod("web", "2") }], {
      dryRun: false,
      retry: true,
      replace: "quick",
    });
    scene.rollout.planned(before, next)();
    assert.deepEqual(scene.rollout.saved().replacing, []);
    const [kept] = scene.rollout.select(before);
    assert.deepEqual([kept?.hash, kept?.uid], ["1", scene.uids.get("web")]);
    await scene.rollout.close();
  });

  it("keeps the UID of a pod whose removal could not be saved, also where nothing can be seen", async () => {
    const scene = await running();
    const before = scene.uids.get("web");
    scene.seen = undefined;
    const options = { dryRun: false, retry: true, replace: "quick" } as const;
    await scene.rollout.examine([{ before: undefined, after: pod("x", "1") }], options);
    scene.rollout.planned([pod("web", "1")], [])();
    const [kept] = scene.rollout.select([pod("web", "1")]);
    assert.equal(kept?.uid, before);
    await scene.rollout.close();
  });

  it("keeps a pod on its way where the plan that ends it could not be saved", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2"));
    const { replacing } = scene.rollout.saved();
    scene.rollout.planned([pod("web", "2")], [])();
    assert.deepEqual(scene.rollout.saved().replacing, replacing);
    await scene.rollout.close();
  });

  it("begins a pod again in two steps as another one, and once only", async () => {
    const scene = await running();
    const before = scene.uids.get("web");
    assert.deepEqual(await scene.rollout.renew("default/web"), { method: "quick" });
    scene.publish();
    assert.deepEqual(scene.listed, []);
    await assert.rejects(scene.rollout.renew("default/web"), /on its way to another version/);
    // A plan that changes nothing does not take it back.
    await scene.plan(pod("web", "1"));
    assert.deepEqual(scene.listed, []);
    await scene.fetch();
    scene.end("web");
    scene.directories.clear();
    await scene.clock.advance(1_600);
    assert.deepEqual(scene.listed, ["web@1"]);
    assert.notEqual(scene.uids.get("web"), before);
    await scene.rollout.close();
  });

  it("begins no pod again that it cannot see, or that is not served", async () => {
    const scene = await running();
    await assert.rejects(scene.rollout.renew("default/none"), /default\/none is not served/);
    scene.seen = undefined;
    await assert.rejects(scene.rollout.renew("default/web"), /runtime does not answer/);
    await scene.rollout.close();
  });

  it("follows a pod that is replaced in the kubelet's own time", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2", { "podstead.dev/replace": "kubelet" }));
    assert.deepEqual(scene.listed, ["web@2"]);
    scene.end("web");
    await scene.clock.advance(12_000);
    scene.run("web", "2");
    await scene.clock.advance(500);
    const [event] = scene.events;
    assert.deepEqual([event?.step, event?.method], ["running", "kubelet"]);
    assert.ok((event?.downtimeMs ?? 0) > 11_000);
    await scene.rollout.close();
  });

  it("keeps the old version while its images are missing", async () => {
    const scene = await running();
    scene.images = { state: "pulling", reason: "it comes" };
    const verdicts = await scene.plan(pod("web", "2"));
    assert.deepEqual(verdicts.get("default/web")?.gate, {
      state: "Replacing",
      code: "image-pulling",
      reason: "it comes",
    });
    assert.deepEqual(scene.listed, ["web@1"]);
    scene.images = { state: "failed", reason: "it does not" };
    const failed = await scene.plan(pod("web", "2"));
    assert.deepEqual(failed.get("default/web")?.gate, {
      state: "Blocked",
      code: "image-unavailable",
      reason: "it does not",
    });
    const bold = await scene.plan(pod("web", "2", { "podstead.dev/pull": "continue" }));
    assert.equal(bold.get("default/web")?.gate, undefined);
    assert.deepEqual(scene.listed, []);
    await scene.rollout.close();
  });

  it("waits for an image of a new pod only if that has Secrets to pull it with", async () => {
    const scene = new Scene();
    scene.images = { state: "pulling", reason: "it comes" };
    const own = pod("own", "1");
    const spec = { imagePullSecrets: [{ name: "reg" }] };
    const verdicts = await scene.plan(pod("web", "1"), { ...own, declared: { spec } });
    assert.deepEqual([...verdicts.keys()], ["default/own"]);
    assert.equal(verdicts.get("default/own")?.gate?.code, "image-pulling");
    scene.images = { state: "failed", reason: "it does not" };
    const failed = await scene.plan(pod("web", "1"), { ...own, declared: { spec } });
    assert.equal(failed.size, 0, "the kubelet may have a login of its own");
    await scene.rollout.close();
  });

  it("waits for the kubelet's second poll after a start, and plans again then", async () => {
    const scene = new Scene();
    await scene.plan(pod("web", "1"));
    scene.run("web", "1");
    const verdicts = await scene.plan(pod("web", "2"));
    assert.equal(verdicts.get("default/web")?.gate?.state, "Replacing");
    assert.deepEqual(scene.listed, ["web@1"]);
    await scene.poll();
    assert.equal(scene.replans, 1);
    await scene.plan(pod("web", "2"));
    assert.deepEqual(scene.listed, []);
    await scene.rollout.close();
  });

  it("waits for the polls no longer than two of the kubelet's default intervals", async () => {
    const scene = new Scene();
    await scene.plan(pod("web", "1"));
    scene.run("web", "1");
    await scene.plan(pod("web", "2"));
    await scene.clock.advance(41_100);
    assert.equal(scene.replans, 1);
    const verdicts = await scene.plan(pod("web", "2"));
    assert.deepEqual(verdicts.get("default/web"), {
      method: "kubelet",
      why: "no kubelet polls the list",
    });
    assert.deepEqual(scene.listed, ["web@2"]);
    await scene.rollout.close();
  });

  it("changes nothing by a dry run", async () => {
    const scene = await running();
    const change = { before: pod("web", "1"), after: pod("web", "2") };
    const options = { dryRun: true, retry: true, replace: "quick" } as const;
    assert.deepEqual(
      await scene.rollout.examine([change], options),
      new Map([
        ["default/web", { method: "quick" }],
      ]),
    );
    assert.deepEqual(scene.rollout.saved().replacing, []);
    await scene.rollout.close();
  });
});

describe("QuickRollout.drain()", () => {
  it("does not wait where nothing is under way", async () => {
    const scene = await running();
    await scene.rollout.drain();
    await scene.rollout.close();
  });

  it("goes on with a step whose fetch is due, and waits until the new version is fetched", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2"));
    let drained = false;
    void scene.rollout.drain().then(() => drained = true);
    await scene.clock.advance(500);
    assert.deepEqual(scene.listed, []);
    await scene.fetch();
    scene.end("web");
    scene.directories.clear();
    await scene.clock.advance(2_000);
    assert.deepEqual([scene.listed, drained], [["web@2"], false]);
    await scene.fetch();
    await scene.clock.advance(100);
    assert.equal(drained, true);
    await scene.rollout.close();
  });

  it("takes back what a kubelet that polls slowly will not hear of", async () => {
    const scene = new Scene();
    await scene.plan(pod("web", "1"));
    scene.run("web", "1");
    await scene.fetch();
    await scene.clock.advance(6_000);
    await scene.fetch();
    await scene.plan(pod("web", "2"));
    let drained = false;
    void scene.rollout.drain().then(() => drained = true);
    await scene.clock.advance(500);
    assert.deepEqual(scene.listed, ["web@2"]);
    assert.equal(drained, false);
    await scene.fetch();
    await scene.clock.advance(100);
    assert.equal(drained, true);
    await scene.rollout.close();
  });

  it("waits for a version that ends, and leaves one that does not to the kubelet", async () => {
    for (const ends of [true, false]) {
      const scene = await running();
      await scene.plan(pod("web", "2"));
      await scene.fetch();
      let drained = false;
      void scene.rollout.drain().then(() => drained = true);
      if (ends) {
        scene.end("web");
        scene.directories.clear();
      }
      await scene.clock.advance(1_000);
      assert.deepEqual(scene.listed, []);
      await scene.clock.advance(ends ? 1_000 : 4_200);
      assert.deepEqual(scene.listed, ["web@2"]);
      await scene.clock.advance(100);
      assert.equal(drained, false);
      await scene.fetch();
      await scene.clock.advance(100);
      assert.equal(drained, true);
      await scene.rollout.close();
    }
  });

  it("does not take the list without the pod for the last one while the next is being saved", async () => {
    const scene = await running();
    scene.publishMs = 400;
    await scene.plan(pod("web", "2"));
    await scene.fetch();
    scene.end("web");
    scene.directories.clear();
    await scene.clock.advance(500);
    await scene.fetch();
    let drained = false;
    void scene.rollout.drain().then(() => drained = true);
    await scene.clock.advance(900);
    assert.deepEqual([scene.listed, drained], [[], false]);
    await scene.clock.advance(900);
    assert.deepEqual([scene.listed, drained], [["web@2"], false]);
    await scene.fetch();
    await scene.clock.advance(100);
    assert.equal(drained, true);
    await scene.rollout.close();
  });

  it("does not wait for ever for a kubelet that is away", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2"));
    let drained = false;
    void scene.rollout.drain().then(() => drained = true);
    await scene.clock.advance(5_100);
    assert.deepEqual([scene.listed, drained], [["web@2"], false]);
    await scene.clock.advance(5_000);
    assert.equal(drained, true);
    await scene.rollout.close();
  });
});

describe("QuickRollout.hold()", () => {
  it("holds a poll from the end of a pod until it is served again", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2"));
    assert.equal(scene.rollout.hold(), undefined);
    await scene.fetch();
    assert.equal(scene.rollout.hold(), undefined);
    scene.end("web");
    scene.directories.clear();
    await scene.clock.advance(200);
    let answered = false;
    void scene.rollout.hold()?.then(() => answered = true);
    await scene.clock.advance(600);
    assert.equal(answered, false);
    await scene.clock.advance(800);
    assert.equal(answered, true);
    assert.deepEqual(scene.listed, ["web@2"]);
    assert.equal(scene.rollout.hold(), undefined);
    await scene.rollout.close();
  });

  it("answers after a short limit, and at the end of the agent", async () => {
    const scene = await running();
    await scene.plan(pod("web", "2"));
    await scene.fetch();
    await scene.clock.advance(100);
    scene.end("web");
    // The directory stays: the kubelet is not done.
    await scene.clock.advance(200);
    let answered = 0;
    void scene.rollout.hold()?.then(() => answered += 1);
    await scene.clock.advance(1_600);
    assert.equal(answered, 1);
    void scene.rollout.hold()?.then(() => answered += 1);
    await scene.rollout.close();
    await settle();
    assert.equal(answered, 2);
  });
});

describe("QuickRollout, podstead.dev/after", () => {
  const chain = (hash: string) => [
    pod("a", hash, { "podstead.dev/after": "default/b" }),
    pod("b", hash, { "podstead.dev/after": "default/c" }),
    pod("c", hash),
  ];

  it("starts a chain in order", async () => {
    const scene = new Scene();
    await scene.plan(...chain("1"));
    assert.deepEqual(scene.listed, ["c@1"]);
    assert.deepEqual(scene.states(), { "default/a": "Waiting", "default/b": "Waiting" });
    scene.ready.add("default/c");
    await scene.clock.advance(600);
    assert.deepEqual(scene.listed, ["b@1", "c@1"]);
    scene.ready.add("default/b");
    await scene.clock.advance(600);
    assert.deepEqual(scene.listed, ["a@1", "b@1", "c@1"]);
    await scene.rollout.close();
  });

  it("starts a pod anyway after the limit", async () => {
    const scene = new Scene();
    await scene.plan(...chain("1"));
    await scene.clock.advance(61_000);
    assert.deepEqual(scene.listed, ["a@1", "b@1", "c@1"]);
    assert.match(scene.events.at(-1)?.reason ?? "", /not ready/);
    await scene.rollout.close();
  });

  it("never takes away what runs, nor anything when the runtime does not answer", async () => {
    const scene = new Scene();
    scene.run("a", "1");
    await scene.plan(...chain("1"));
    assert.deepEqual(scene.listed, ["a@1", "c@1"]);
    const blind = new Scene();
    blind.seen = undefined;
    // Nothing is remembered: the runtime is given some time to tell what runs.
    const planned = blind.plan(...chain("1"));
    await blind.clock.advance(5_500);
    await planned;
    assert.deepEqual(blind.listed, ["a@1", "b@1", "c@1"]);
    await scene.rollout.close();
    await blind.rollout.close();
  });

  it("lets a waiting pod be changed, freed and removed", async () => {
    const scene = new Scene();
    const [, b, c] = chain("1");
    if (b === undefined || c === undefined) throw new Error("three pods");
    await scene.plan(...chain("1"));
    await scene.plan(pod("a", "2", { "podstead.dev/after": "default/b" }), b, c);
    assert.deepEqual(scene.listed, ["c@1"]);
    await scene.plan(pod("a", "3"), b, c);
    await scene.clock.advance(600);
    assert.deepEqual(scene.listed, ["a@3", "c@1"]);
    await scene.plan(pod("a", "3"), b);
    await scene.clock.advance(600);
    assert.deepEqual(scene.listed, ["a@3", "b@1"]);
    await scene.rollout.close();
  });
});

describe("QuickRollout.resume()", () => {
  const saved = (scene: Scene, more: Partial<SavedReplacement> = {}): SavedReplacement => ({
    key: "default/web",
    step: "removed",
    startedMs: scene.clock.now() - 1_000,
    old: { hash: "1", uids: ["1"], graceMs: 3_000 },
    ...more,
  });
  const resumed = async (scene: Scene, one: SavedReplacement) => {
    scene.desired = [pod("web", "2")];
    await scene.rollout.resume({ replacing: [one], incarnations: [] }, scene.desired);
    scene.publish();
    return scene.listed;
  };

  it("goes on before the fetch", async () => {
    const scene = new Scene();
    scene.run("web", "1");
    assert.deepEqual(await resumed(scene, saved(scene)), []);
    await scene.fetch();
    scene.end("web");
    scene.directories.clear();
    await scene.clock.advance(1_700);
    assert.deepEqual(scene.listed, ["web@2"]);
    await scene.rollout.close();
  });

  it("goes on while the old version ends, and when it has ended meanwhile", async () => {
    for (const step of ["removed", "ending"] as const) {
      const scene = new Scene();
      assert.deepEqual(await resumed(scene, saved(scene, { step })), []);
      await scene.clock.advance(1_700);
      assert.deepEqual(scene.listed, ["web@2"], step);
      await scene.rollout.close();
    }
  });

  it("serves the new version at once when in doubt", async () => {
    const doubts: Readonly<Record<string, (scene: Scene) => Partial<SavedReplacement>>> = {
      "the runtime does not answer": (scene) => {
        scene.seen = undefined;
        return {};
      },
      "the new version runs": (scene) => {
        scene.run("web", "2");
        return {};
      },
      "it is long ago": (scene) => ({ startedMs: scene.clock.now() - 600_000 }),
      "the clock went back": (scene) => ({ startedMs: scene.clock.now() + 60_000 }),
      "it is about another pod": () => ({ key: "default/gone" }),
    };
    for (const [doubt, prepare] of Object.entries(doubts)) {
      const scene = new Scene();
      const more = prepare(scene);
      assert.deepEqual(await resumed(scene, saved(scene, more)), ["web@2"], doubt);
      await scene.rollout.close();
    }
  });

  it("waits for a runtime that comes up late only where an order depends on it", async () => {
    const scene = new Scene();
    scene.seen = undefined;
    scene.desired = [pod("a", "1", { "podstead.dev/after": "default/b" }), pod("b", "1")];
    const done = scene.rollout.resume({ replacing: [], incarnations: [] }, scene.desired);
    await scene.clock.advance(1_000);
    scene.seen = [];
    await scene.clock.advance(300);
    await done;
    scene.publish();
    assert.deepEqual(scene.listed, ["b@1"]);
    await scene.rollout.close();
  });
});
