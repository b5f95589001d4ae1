/** The two ends of a trial, whatever comes at the same time, and from every step on disk. */
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Trial, TrialProgress } from "../../mod/change/mod.ts";
import { SerialQueue } from "../../mod/core/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { loadTrials, TrialRunner, type TrialState } from "../../mod/transaction/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { ODD_FILES, putOddFile } from "../support/odd_file.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

const TRIAL: Trial = {
  revision: 5,
  backTo: 4,
  startedMs: new FakeClock().now(),
  timeoutMs: 60_000,
  settleMs: 30_000,
  confirm: "auto",
  pods: [{ namespace: "default", name: "web", hash: "new" }],
};
const OLD = [{ namespace: "default", name: "web", hash: "old" }];

type State = TrialProgress["pods"][number]["state"];
const progress = (state: State): TrialProgress => ({
  state: state === "failed" || state === "settled" ? state : "pending",
  pods: [{ id: "default/web", state, reason: "it crashes" }],
});

describe("TrialRunner", () => {
  let directory: TempDir;
  let clock: FakeClock;
  let queue: SerialQueue;
  /** What a look shows, by the version that it is after. */
  let seen: Record<string, TrialProgress>;
  let news: string[];
  /** The revision on trial after each change of the state. */
  let states: (number | undefined)[];
  let wentBack: number;
  let goBack: () => Promise<void>;
  let explain: (id: string) => Promise<string | undefined>;

  const make = (state: TrialState = {}) => {
    const trials: TrialRunner = new TrialRunner({
      clock,
      log: silentLogger,
      stateDir: directory.path,
      follow: ({ pods }) => () => Promise.resolve(seen[pods[0]?.hash ?? ""] ?? progress("pending")),
      explain: (id) => explain(id),
      exclusively: (step) => queue.run(step),
      goBack: async () => {
        wentBack += 1;
        await goBack();
        return OLD;
      },
      changed: () => states.push(trials.state.running?.revision),
      told: (what, { revision }, why) => news.push(`${what} ${revision}: ${why}`),
    }, state);
    return trials;
  };
  const onDisk = async () => (await loadTrials(directory.path)).state;
  /** Until nothing is left to do at this moment. */
  const pass = async (ms: number) => {
    await clock.advance(ms);
    await queue.run(() => settle());
    await settle();
  };

  beforeEach(async () => {
    directory = await makeTempDir("trial");
    await mkdir(directory.path, { recursive: true });
    clock = new FakeClock();
    queue = new SerialQueue();
    seen = {};
    news = [];
    states = [];
    wentBack = 0;
    goBack = () => Promise.resolve();
    explain = () => Promise.resolve(undefined);
  });
  afterEach(() => directory.remove());

  /** Until the end is told: then it is on disk, and nothing of it is being written any more. */
  const untilEnd = async (trials: TrialRunner) => {
    const ends = () => news.filter((one) => /^(kept|reverted|failed) /.test(one)).length;
    const before = ends();
    assert.ok(trials.state.running !== undefined, "no trial is running");
    for (let round = 0; ends() === before; round++) {
      assert.ok(round < 20_000, "the trial does not end");
      await pass(500);
      await new Promise((resolve) => setTimeout(resolve, 1)); // the disk
    }
  };

  it("goes back once for a pod that fails, and says so", async () => {
    const trials = make();
    await trials.watch(TRIAL);
    seen.new = progress("failed");
    await untilEnd(trials);
    assert.equal(wentBack, 1);
    const { result, cause } = (await onDisk()).last ?? {};
    assert.deepEqual([result, cause], ["reverted", "default/web: it crashes"]);
    await trials.close();
  });

  it("adds to the cause what describe says, and does not wait for it long", async () => {
    const trials = make();
    explain = (id) => Promise.resolve(`the port of ${id} is taken`);
    await trials.watch(TRIAL);
    seen.new = progress("failed");
    await untilEnd(trials);
    assert.equal(
      (await onDisk()).last?.cause,
      "default/web: it crashes; the port of default/web is taken",
    );
    explain = () => new Promise(() => undefined); // the runtime hangs
    await trials.watch(TRIAL);
    await untilEnd(trials);
    assert.equal((await onDisk()).last?.cause, "default/web: it crashes");
    await trials.close();
  });

  it("tells once that the version before does not come up either, and changes nothing more", async () => {
    const trials = make();
    await trials.watch(TRIAL);
    seen = { new: progress("failed"), old: progress("failed") };
    await untilEnd(trials);
    for (let second = 0; second < 10; second++) await pass(1_000);
    assert.equal(wentBack, 1);
    assert.deepEqual(news.map((one) => one.split(" ")[0]), ["started", "reverted", "back-failed"]);
    await trials.close();
  });

  it("names the pods that are still coming back, also after a change that begins no trial", async () => {
    const trials = make();
    await trials.watch(TRIAL);
    assert.deepEqual(trials.comingBack, []);
    seen = { new: progress("failed"), old: progress("pending") };
    await untilEnd(trials);
    assert.deepEqual(trials.comingBack, OLD);
    await trials.prepare({ ...TRIAL, revision: 7, pods: [] });
    await trials.unprepare(undefined);
    await pass(1_000);
    assert.deepEqual(trials.comingBack, OLD);
    assert.equal(await trials.confirm(), undefined);
    seen.old = progress("failed");
    await pass(1_000);
    await pass(1_000);
    assert.equal(news.at(-1)?.split(" ")[0], "back-failed");
    assert.deepEqual(trials.comingBack, []);
    await trials.close();
  });

  it("names no pod as coming back once it is there", async () => {
    const trials = make();
    await trials.watch(TRIAL);
    seen = { new: progress("failed"), old: progress("settled") };
    await untilEnd(trials);
    await pass(1_000);
    assert.deepEqual(trials.comingBack, []);
    await trials.close();
  });

  it("never waits for itself: a change that replaces a trial meets it going back", async () => {
    const trials = make();
    await trials.watch(TRIAL);
    const next = { ...TRIAL, revision: 6 };
    const replaced = queue.run(async () => {
      seen.new = progress("failed");
      // It has decided to go back, and waits until this change is made.
      for (let round = 0; round < 20; round++) await clock.advance(500);
      await trials.prepare(next);
      seen.new = progress("pending");
      await trials.watch(next);
    });
    await replaced;
    await pass(0);
    assert.equal(wentBack, 0, "what was replaced has gone back");
    assert.equal(trials.state.running, next);
    await trials.close();
  });

  it("is confirmed or goes back, never both", async () => {
    const trials = make();
    await trials.watch({ ...TRIAL, confirm: "manual" });
    const held = Promise.withResolvers<void>();
    goBack = () => held.promise;
    const cancelled = trials.cancel("it was cancelled");
    await settle();
    for (let round = 0; wentBack === 0; round++) {
      assert.ok(round < 20_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await assert.rejects(trials.confirm(), /going back already: it was cancelled/);
    held.resolve();
    assert.equal((await cancelled)?.result, "reverted");
    assert.equal(await trials.confirm(), undefined);
    await trials.close();
  });

  /** Lets time pass until something that was asked for is done. */
  const passing = async <T>(asked: Promise<T>): Promise<T> => {
    let isDone = false;
    const done = asked.finally(() => isDone = true);
    for (let round = 0; !isDone; round++) {
      assert.ok(round < 20_000, "it is not done");
      await pass(500);
      await new Promise((resolve) => setTimeout(resolve, 1)); // the disk
    }
    return await done;
  };

  it("tries again to go back, after a pause, and says at last that it cannot", async () => {
    const trials = make();
    await trials.watch(TRIAL);
    goBack = () =>
      wentBack < 3 ? Promise.reject(new Error("in this very moment")) : Promise.resolve();
    let startMs = clock.monotonicMs();
    assert.equal((await passing(trials.cancel("a")))?.result, "reverted");
    assert.ok(clock.monotonicMs() - startMs >= 1_500, "it did not wait between its tries");
    await trials.watch(TRIAL);
    wentBack = 0;
    goBack = () => Promise.reject(new Error("disk full"));
    startMs = clock.monotonicMs();
    const end = await passing(trials.cancel("b"));
    assert.deepEqual([end?.result, wentBack], ["failed", 7]);
    assert.ok(clock.monotonicMs() - startMs >= 30_000, "it gave up within 30 s");
    assert.match(end?.cause ?? "", /^b; and going back failed: disk full$/);
    await trials.close();
  });

  it("goes on going back after a restart between two tries, and holds nothing up meanwhile", async () => {
    const trials = make();
    await trials.watch(TRIAL);
    goBack = () => Promise.reject(new Error("disk full"));
    const cancelled = trials.cancel("it crashed");
    for (let round = 0; wentBack === 0; round++) {
      assert.ok(round < 20_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.equal(await queue.run(() => Promise.resolve("free")), "free");
    await trials.close();
    assert.equal(await cancelled, undefined);
    assert.equal((await onDisk()).running?.goingBack, "it crashed");
    goBack = () => Promise.resolve();
    const next = make(await onDisk());
    assert.equal((await next.cancel("another cause"))?.result, "reverted");
    await next.close();
  });

  it("knows after a crash that it was going back, and why", async () => {
    const trials = make();
    await trials.watch(TRIAL);
    goBack = () => new Promise(() => undefined); // podstead is killed in it
    void trials.cancel("it crashed");
    for (let round = 0; wentBack === 0; round++) {
      assert.ok(round < 20_000);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assert.equal((await onDisk()).running?.goingBack, "it crashed");
    queue = new SerialQueue();
    goBack = () => Promise.resolve();
    const next = make(await onDisk());
    const end = await next.cancel("another cause");
    assert.deepEqual([end?.result, end?.cause], ["reverted", "it crashed"]);
    await next.close();
  });

  it("leaves the trial before as it was where another could not be written", async () => {
    const trials = make();
    await trials.watch(TRIAL);
    await trials.prepare({ ...TRIAL, revision: 6, pods: [] });
    await trials.unprepare(TRIAL);
    assert.deepEqual(trials.state.running, TRIAL);
    assert.deepEqual((await onDisk()).running, TRIAL);
    await trials.unprepare(undefined);
    assert.deepEqual(states, [5, 6, 5, undefined], "who shows the state is told of each");
    await trials.close();
  });

  for (const act of ["confirm", "cancel"] as const) {
    it(`does not ${act} a trial that is just beginning before it is watched`, async () => {
      const trials = make();
      await trials.prepare(TRIAL);
      let end: string | undefined;
      const asked = act === "confirm" ? trials.confirm() : trials.cancel("asked");
      const acting = asked.then((told) => end = told?.result);
      await settle();
      assert.equal(end, undefined);
      await trials.watch(TRIAL);
      await acting;
      assert.equal(end, act === "confirm" ? "kept" : "reverted");
      assert.equal(trials.state.running, undefined);
      await trials.close();
    });
  }

  it("says that there is none if one that was beginning is not served", async () => {
    const trials = make();
    await trials.prepare(TRIAL);
    const confirming = trials.confirm();
    await trials.unprepare(undefined);
    assert.equal(await confirming, undefined);
  });
});

describe("loadTrials()", () => {
  for (const what of ODD_FILES) {
    it(`puts a ${what} at the place of the file aside`, async () => {
      await using directory = await makeTempDir("trials");
      putOddFile(join(directory.path, "trial.json"), what);
      assert.deepEqual(await loadTrials(directory.path), { state: {}, damaged: true });
      assert.deepEqual(await loadTrials(directory.path), { state: {}, damaged: false });
    });
  }
});
