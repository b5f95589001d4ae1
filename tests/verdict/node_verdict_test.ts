import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { PodView } from "../../mod/cri/mod.ts";
import type { KubeletPod } from "../../mod/kubelet/mod.ts";
import {
  DEFAULT_LIMITS,
  joinStatus,
  NEVER_READ,
  type Reading,
  type StatusInput,
} from "../../mod/status/mod.ts";
import type { ReloadOutcome } from "../../mod/agent/mod.ts";
import { nodeCauses } from "../../mod/explain/mod.ts";
import { judgeNode, pollLimitMs } from "../../mod/verdict/mod.ts";
import {
  desired,
  exited,
  input,
  kubeletContainer,
  kubeletPod,
  NOW,
  sandbox,
} from "../status/samples.ts";

const RELOAD = { revision: 3, result: "applied", atMs: NOW - 60_000 };
const URL = "http://127.0.0.1:10261/manifests";

const outcome = (result: ReloadOutcome["result"]): ReloadOutcome => ({
  result,
  trigger: "signal",
  revision: 3,
  at: new Date(NOW - 60_000).toISOString(),
  durationMs: 1,
  pods: [],
  problems: [],
  needRestart: [],
  served: { pods: 1, bytes: 100, etag: "" },
});

/** The verdict as the agent makes it, from what it has without asking for more. */
function verdictOf(status: StatusInput, reload: typeof RELOAD | undefined = RELOAD) {
  const { nowMs, fetches, limits, runtime, kubelet } = status;
  const causes = nodeCauses({
    nowMs,
    fetches,
    limits,
    url: URL,
    runtimeFailure: runtime.failure,
    kubeletFailure: kubelet.failure,
  });
  return judgeNode({ nowMs, input: status, rows: joinStatus(status), reload, causes });
}

const at = <T>(value: T, agoMs = 1_000): Reading<T> => ({ value, atMs: NOW - agoMs });

describe("judgeNode()", () => {
  it("takes no poll of before the kubelet went away for one of the kubelet that is there now", () => {
    const status = input();
    const fetches = { ...status.fetches, intervalMs: 20_000, goneMs: NOW - 500 };
    const verdict = (polledMs: number) => {
      const lastGood = { atMs: polledMs, status: 200, userAgent: "" };
      return verdictOf({ ...status, fetches: { ...fetches, lastGood } });
    };
    assert.equal(verdict(NOW - 400).state, "well");
    const before = verdict(NOW - 600);
    assert.equal(before.state, "unconfirmed");
    assert.match(before.causes[0]?.cause ?? "", /no poll since the kubelet went away/);
  });

  it("bears with a pod that a take-over holds for as long as one takes, not with a person's stop", () => {
    const state = (reasonCode: "stopped" | "held-for-take-over", agoMs: number) => {
      const pod = desired({
        state: "Stopped",
        reasonCode,
        servedHash: undefined,
        servedSinceMs: NOW - agoMs,
      });
      const nothing = { runtime: at([]), kubelet: at([]) };
      return verdictOf(input({ desired: [pod], ...nothing })).pods[0]?.state;
    };
    assert.equal(state("held-for-take-over", 10_000), "changing");
    assert.equal(state("held-for-take-over", 180_000), "broken");
    assert.equal(state("stopped", 180_000), "holds");
  });

  it("calls a node well of which every link and every pod was seen to hold", () => {
    const { state, causes, links } = verdictOf(input());
    assert.equal(state, "well");
    assert.deepEqual(causes, []);
    assert.ok(links.every((link) => link.state === "holds"));
  });

  const silence = (agoMs: number) => ({
    fetches: {
      ...input().fetches,
      lastGood: { atMs: NOW - agoMs, status: 200, userAgent: "Go-http-client/1.1" },
    },
  });
  const failure = { atMs: NOW, message: "connection refused" };
  for (
    const [what, status, state, code] of [
      [
        "a kubelet that has not polled for three of its polls",
        silence(4_500),
        "unconfirmed",
        "polls-unconfirmed",
      ],
      ["a kubelet that polls no more", silence(20_000), "unwell", "kubelet-not-polling"],
      [
        "a kubelet that has not polled since podstead serves",
        { fetches: { listeningSinceMs: NOW - 5_000 } },
        "unconfirmed",
        "polls-unconfirmed",
      ],
      [
        "a runtime that does not answer, while the kubelet answers from its memory",
        { runtime: { ...at([sandbox()], 4_000), failure } },
        "unwell",
        "runtime-down",
      ],
      [
        "a container that has ended, before the kubelet knows",
        { runtime: at([sandbox({ containers: [exited(137)] })], 0) },
        "unwell",
        "broken: Error (137)",
      ],
      [
        "a pod that is refused, though its last good version runs",
        { desired: [desired({ state: "Rejected", reason: "spec.x" })] },
        "unwell",
        "broken: spec.x",
      ],
      [
        "a pod of which an older version still runs",
        {
          runtime: at([sandbox(), sandbox({ sandboxId: "s0", specHash: "h0" })]),
        },
        "unwell",
        "broken: two versions of it run at once",
      ],
      [
        "a pod that has just been started again",
        {
          kubelet: at([
            kubeletPod({
              containers: [kubeletContainer({
                restartCount: 1,
                lastTermination: {
                  kind: "terminated",
                  exitCode: 3,
                  signal: 0,
                  reason: "Error",
                  message: "",
                  startedAt: undefined,
                  finishedAt: new Date(NOW - 3_000).toISOString(),
                },
              })],
            }),
          ]),
        },
        "changing",
        "ready, but restarted 3 s ago",
      ],
      [
        "a pod that is starting",
        { desired: [desired({ servedSinceMs: NOW - 2_000 })], kubelet: at([]), runtime: at([]) },
        "changing",
        "Pending",
      ],
      [
        "a removed pod that is ending in time",
        {
          desired: [],
          removed: [{
            namespace: "default",
            name: "web",
            graceMs: 30_000,
            sinceMs: NOW - 17_000,
            fetchedAtMs: NOW - 16_000,
          }],
        },
        "changing",
        "Terminating, 14 s of 30 s left",
      ],
    ] as const satisfies readonly (readonly [string, Partial<StatusInput>, string, string])[]
  ) {
    it(`says "${state}" of ${what}`, () => {
      const verdict = verdictOf(input(status as Partial<StatusInput>));
      assert.equal(verdict.state, state);
      assert.equal(verdict.causes[0]?.code, code);
    });
  }

  it("says nothing good before the config was read", () => {
    const verdict = judgeNode({
      nowMs: NOW,
      input: input(),
      rows: [],
      reload: undefined,
      causes: [],
    });
    assert.equal(verdict.state, "unconfirmed");
  });

  it("tells a cause of several pods once, and what explains others first", () => {
    const pods = ["a", "b", "c"].map((name) => desired({ id: `default-${name}`, name }));
    const status = input({ desired: pods, kubelet: at([]), runtime: at([]) });
    const explanation = { code: "image-pull", cause: "No image", nextStep: "Load it" };
    const rows = joinStatus(status);
    const { causes } = judgeNode({
      nowMs: NOW,
      input: status,
      rows,
      reload: RELOAD,
      causes: [{ link: "kubelet", code: "kubelet-down", cause: "Down", nextStep: "Start it" }],
      explanations: new Map([
        ...rows.slice(0, 2).map(({ id }) => [id, explanation] as const),
        ...rows.slice(2).map(({ id }) =>
          [id, { code: "kubelet-down", cause: "Down", nextStep: "" }] as const
        ),
      ]),
    });
    assert.deepEqual(causes.map(({ code, pods }) => [code, pods.length]), [
      ["kubelet-down", 1],
      ["image-pull", 2],
    ]);
  });

  it("never says well while a link is not confirmed within its interval (any outages and lies)", () => {
    type Step = { readonly kind: string; readonly good: boolean; readonly lies: boolean };
    const step: fc.Arbitrary<Step> = fc.record({
      kind: fc.constantFrom(
        ...["kubelet", "kubelet", "runtime", "runtime", "poll", "poll", "look", "look", "look"],
        ...["config", "pod", "version", "rival"],
      ),
      good: fc.nat(4).map((number) => number > 0),
      /** The kubelet goes on calling a dead pod ready. */
      lies: fc.nat(3).map((number) => number === 0),
    });
    const life = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 2_000 })), {
      minLength: 10,
      maxLength: 60,
      size: "max",
    });
    let looks = 0;
    let wells = 0;
    fc.assert(
      fc.property(life, (steps) => {
        let nowMs = NOW;
        let up = true;
        let kubelet: Reading<readonly KubeletPod[]> = NEVER_READ;
        let runtime: Reading<readonly PodView[]> = NEVER_READ;
        let polledMs: number | undefined;
        /** Undefined before the first reload. */
        let config: ReloadOutcome["result"] | undefined;
        /** Which version runs, and whether a second one runs beside it. */
        let hash = "h1";
        let rival = false;
        /** When the runtime last saw the pod up. */
        let upSeenMs = -Infinity;
        for (const [{ kind, good, lies }, waitMs] of steps) {
          nowMs += waitMs;
          const failure = { atMs: nowMs, message: "away" };
          if (kind === "pod") up = good;
          if (kind === "config") config = good ? "applied" : lies ? "failed" : "rejected";
          if (kind === "version") hash = good ? "h1" : "h0";
          if (kind === "rival") rival = !good;
          if (kind === "poll" && good) polledMs = nowMs;
          if (kind === "kubelet") {
            const ready = up || lies;
            kubelet = good
              ? {
                value: [kubeletPod({ containers: [kubeletContainer({ ready })] })],
                atMs: nowMs,
              }
              : { ...kubelet, failure };
          }
          if (kind === "runtime") {
            const alone = up && hash === "h1" && !rival;
            // What it saw last is what counts: a bad sight makes an earlier good one worthless.
            if (good) upSeenMs = alone ? nowMs : -Infinity;
            const main = sandbox({ specHash: hash, ...(up ? {} : { containers: [exited(1)] }) });
            const other = sandbox({ sandboxId: "s0", specHash: "h0" });
            runtime = good
              ? { value: rival ? [main, other] : [main], atMs: nowMs }
              : { ...runtime, failure };
          }
          if (kind !== "look") continue;
          looks += 1;
          const fetches: StatusInput["fetches"] = {
            listeningSinceMs: NOW - 10_000,
            intervalMs: 1_000,
            ...(polledMs === undefined
              ? {}
              : { lastGood: { atMs: polledMs, status: 200, userAgent: "Go-http-client/1.1" } }),
          };
          const status = input({ nowMs, fetches, kubelet, runtime });
          const reload = config === undefined ? undefined : { ...RELOAD, result: config };
          const verdict = judgeNode({
            nowMs,
            input: status,
            rows: joinStatus(status),
            reload,
            causes: nodeCauses({
              nowMs,
              fetches,
              limits: DEFAULT_LIMITS,
              url: URL,
              runtimeFailure: runtime.failure,
              kubeletFailure: kubelet.failure,
            }, reload && outcome(reload.result)),
          });
          if (verdict.state !== "well") continue;
          wells += 1;
          assert.equal(config, "applied", "the config was not confirmed");
          assert.ok(polledMs !== undefined && nowMs - polledMs <= pollLimitMs(fetches), "no poll");
          assert.ok(runtime.failure === undefined, "the runtime did not answer last time");
          assert.ok(
            nowMs - upSeenMs <= DEFAULT_LIMITS.runtimeFreshMs,
            "its version was not seen to run, alone",
          );
        }
      }),
      { numRuns: 400 },
    );
    assert.ok(wells > looks / 20, `${wells} of ${looks} looks said well`);
  });
});
