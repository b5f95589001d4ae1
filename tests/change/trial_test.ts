/** When a trial is kept, and when it is taken back. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type GoBack,
  type Trial,
  trialCause,
  TrialJudge,
  type TrialProgress,
} from "../../mod/change/mod.ts";

const TRIAL: Trial = {
  revision: 5,
  backTo: 4,
  startedMs: 0,
  timeoutMs: 60_000,
  settleMs: 30_000,
  confirm: "auto",
  pods: [{ namespace: "default", name: "web", hash: "h" }],
};

type State = TrialProgress["pods"][number]["state"];
const look = (state: State, whole: TrialProgress["state"] = "pending"): TrialProgress => ({
  state: whole,
  pods: [{ id: "default/web-n", state, reason: "a reason" }],
});
const SETTLED = look("settled", "settled");

describe("TrialJudge", () => {
  it("keeps the change when its pods are settled", () => {
    const judge = new TrialJudge(TRIAL);
    assert.deepEqual(judge.look(look("pending"), 0), { kind: "watch", awaitsConfirm: false });
    assert.deepEqual(judge.look(SETTLED, 30_000), { kind: "keep" });
  });

  it("waits for the confirmation of a settled change, and takes it back without one", () => {
    const judge = new TrialJudge({ ...TRIAL, confirm: "manual" });
    assert.deepEqual(judge.look(SETTLED, 30_000), { kind: "watch", awaitsConfirm: true });
    assert.deepEqual(judge.look(SETTLED, 60_000), {
      kind: "go-back",
      summary: "it was not confirmed within 60 s",
      pods: [],
    });
  });

  it("goes back at once for what has failed for good, and for what two looks show broken", () => {
    assert.deepEqual(new TrialJudge(TRIAL).look(look("failed", "failed"), 0), {
      kind: "go-back",
      pods: [{ id: "default/web-n", reason: "a reason" }],
    });
    const judge = new TrialJudge(TRIAL);
    assert.equal(judge.look(look("failed"), 0).kind, "watch");
    assert.equal(judge.look(look("pending"), 300).kind, "watch");
    assert.equal(judge.look(look("failed"), 600).kind, "watch");
    assert.deepEqual(judge.look(look("failed"), 900), {
      kind: "go-back",
      pods: [{ id: "default/web-n", reason: "a reason" }],
    });
  });

  it("gives a guarded pod half a minute to come up again, and no second more", () => {
    const guarded = { ...TRIAL, timeoutMs: 300_000, guards: ["default/web"] };
    const judge = new TrialJudge(guarded);
    const kinds = (states: readonly State[], fromMs: number) =>
      states.map((state, at) => judge.look(look(state), fromMs + at * 10_000).kind);
    // A scheduler that lost its lease: it restarts once.
    assert.deepEqual(kinds(["settling", "failed", "failed", "pending", "settling"], 0), [
      ...Array(5).fill("watch"),
    ]);
    // A wrong flag: it never becomes ready, also between two crashes.
    assert.deepEqual(kinds(["failed", "pending", "failed", "failed"], 50_000), [
      ...Array(3).fill("watch"),
      "go-back",
    ]);
    assert.equal(new TrialJudge(guarded).look(look("failed", "failed"), 0).kind, "go-back");
  });

  it("goes back when the time is up, and says what was not ready", () => {
    assert.deepEqual(new TrialJudge(TRIAL).look(look("settling"), 60_000), {
      kind: "go-back",
      summary: "it was not ready within 60 s",
      pods: [{ id: "default/web-n", reason: "a reason" }],
    });
  });

  it("says each reason once, also where an explanation has it in it", () => {
    const pods = [{ id: "default/web-n", reason: "its port is taken" }];
    const said = (more: Partial<GoBack>, why?: string) =>
      trialCause(
        { kind: "go-back", pods, ...more },
        new Map(why === undefined ? [] : [["default/web-n", why]]),
      );
    assert.equal(said({}), "default/web-n: its port is taken");
    assert.equal(said({}, "nginx has it"), "default/web-n: its port is taken; nginx has it");
    assert.equal(said({}, "its port is taken by nginx"), "its port is taken by nginx");
    assert.equal(said({ summary: "late" }), "late: default/web-n: its port is taken");
    assert.equal(said({ summary: "late", pods: [] }), "late");
    assert.equal(said({ pods: [] }), "a pod failed");
  });

  it("always ends, and keeps nothing that was not settled", () => {
    const states = fc.constantFrom<State>("pending", "settling", "settled", "failed");
    const confirm = fc.constantFrom<Trial["confirm"]>("auto", "manual");
    fc.assert(fc.property(fc.array(states, { minLength: 1 }), confirm, (history, confirm) => {
      const judge = new TrialJudge({ ...TRIAL, confirm });
      let ended = false;
      for (const [at, state] of [...history, "pending" as const].entries()) {
        const elapsedMs = at === history.length ? TRIAL.timeoutMs : at;
        const whole = state === "settled" ? "settled" : "pending";
        const step = judge.look(look(state, whole), elapsedMs);
        if (step.kind === "keep") assert.ok(state === "settled" && confirm === "auto");
        ended = step.kind !== "watch";
        if (ended) break;
      }
      assert.ok(ended);
    }));
  });
});
