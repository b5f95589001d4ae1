import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { joinStatus, type StatusInput } from "../../mod/status/mod.ts";
import { ChangeFollower, type PodProgress } from "../../mod/verdict/mod.ts";
import {
  ago,
  container,
  desired,
  exited,
  input,
  kubeletContainer,
  kubeletPod,
  NOW,
  sandbox,
} from "../status/samples.ts";

const WEB = { namespace: "default", name: "web", hash: "h1" };

/** A follower and its looks, a second of both clocks apart unless told otherwise. */
function following(pods: ConstructorParameters<typeof ChangeFollower>[0]["pods"] = [WEB]) {
  const follower = new ChangeFollower({ pods, settleMs: 5_000 });
  let monotonicMs = 0;
  return (change: Partial<StatusInput> = {}, laterMs = 1_000) => {
    monotonicMs += laterMs;
    const nowMs = NOW + monotonicMs;
    const fresh = {
      nowMs,
      kubelet: { value: [kubeletPod()], atMs: nowMs },
      runtime: { value: [sandbox()], atMs: nowMs },
    };
    const rows = joinStatus(input({ ...fresh, ...change }));
    return follower.look({ rows, nowMs, monotonicMs });
  };
}

/** Both sources show these containers, whose pod is as new as they are. */
const shows = (kubelet: Parameters<typeof kubeletPod>[0], runtime = sandbox()) => ({
  kubelet: { value: [kubeletPod(kubelet)], atMs: NOW + 1e9 },
  runtime: { value: [runtime], atMs: NOW + 1e9 },
});

const first = ({ pods: [pod] }: { readonly pods: readonly PodProgress[] }): PodProgress => {
  assert.ok(pod !== undefined);
  return pod;
};

describe("ChangeFollower", () => {
  it("calls a pod settled once it has been ready in its new version for the whole time", () => {
    const look = following();
    const states = Array.from({ length: 6 }, () => first(look()).state);
    assert.deepEqual(states, [...Array(5).fill("settling"), "settled"]);
    assert.equal(look().state, "settled");
  });

  it("fails for good where the new version's image cannot be pulled, and says so", () => {
    const look = following();
    const reason = 'image "nowhere/app:2": no such host';
    const progress = look({ desired: [desired({ state: "Rejected", reason })] });
    assert.equal(progress.state, "failed");
    assert.deepEqual(first(progress), {
      id: "default/web-node-1",
      state: "failed",
      final: true,
      reason,
    });
  });

  it("does not take the old version for the new one", () => {
    const look = following([{ ...WEB, hash: "h2" }]);
    const old = { desired: [desired({ servedHash: "h2", servedSinceMs: NOW })] };
    for (let second = 0; second < 8; second += 1) {
      const progress = look(old);
      assert.equal(progress.state, "pending");
      assert.equal(first(progress).state, "pending");
    }
    assert.match(first(look()).reason, /another version has replaced it/);
  });

  it("does not take the end of the version before for a failure of the next one", () => {
    const look = following([{ ...WEB, hash: "h2" }]);
    const ended = sandbox({
      ...{ uid: "old", specHash: "h0", state: "SANDBOX_NOTREADY" },
      containers: [exited(137)],
    });
    const between = {
      desired: [desired({
        servedHash: "h2",
        servedSinceMs: NOW,
        servedAs: { uid: "new", hash: "h2" },
      })],
      kubelet: { value: [], atMs: NOW + 1e9 },
      runtime: { value: [ended], atMs: NOW + 1e9 },
    };
    for (let second = 0; second < 3; second += 1) {
      assert.equal(first(look(between)).state, "pending");
    }
  });

  it("begins the settle time again with each restart, however quickly the pod is ready again", () => {
    const look = following();
    for (let second = 0; second < 4; second += 1) look();
    const again = shows(
      { containers: [kubeletContainer({ restartCount: 1, containerId: "c2" })] },
      sandbox({ containers: [exited(1), container({ id: "c2", attempt: 1, restartCount: 1 })] }),
    );
    const states = Array.from({ length: 6 }, () => first(look(again)));
    assert.deepEqual(states.map(({ state }) => state), [...Array(5).fill("settling"), "settled"]);
    assert.equal(states[0]?.reason, "it was ready, and restarted");
  });

  it("says of a version that crashes after a second that it was ready, and is not any more", () => {
    const look = following();
    look();
    const crashed = first(look(shows({
      containers: [kubeletContainer({
        ready: false,
        restartCount: 1,
        state: { kind: "waiting", reason: "CrashLoopBackOff", message: "" },
      })],
    }, sandbox({ containers: [exited(3)] }))));
    assert.ok(crashed.state === "failed" && !crashed.final);
    assert.match(crashed.reason, /was ready, and is not any more: CrashLoopBackOff/);
  });

  it("does not take for a failure that podstead takes a pod away for a moment", () => {
    const look = following();
    look();
    const out = {
      desired: [desired({ state: "Replacing", reason: "etcd changes first" })],
      kubelet: { value: [], atMs: NOW + 1e9 },
      runtime: { value: [], atMs: NOW + 1e9 },
    };
    assert.equal(first(look(out)).state, "pending");
    assert.equal(first(look()).state, "settling");
  });

  it("settles no pod of which two versions run at once", () => {
    const look = following();
    const old = sandbox({ sandboxId: "s0", specHash: "h0", createdAt: ago(900_000) });
    const both = { runtime: { value: [sandbox(), old], atMs: NOW + 1e9 } };
    for (let second = 0; second < 8; second += 1) look(both);
    assert.match(first(look(both)).reason, /two versions/);
  });

  it("settles no pod whose readiness nobody can confirm", () => {
    const look = following();
    const pod = { spec: { containers: [{ name: "main", readinessProbe: {} }] } };
    const away = {
      desired: [desired({ pod })],
      kubelet: { value: undefined, atMs: undefined, failure: { atMs: NOW + 1e9, message: "away" } },
    };
    for (let second = 0; second < 8; second += 1) look(away);
    assert.equal(first(look(away)).state, "pending");
  });

  it("waits for a removed pod until it is gone", () => {
    const look = following([{ namespace: "default", name: "web" }]);
    const removed = [{
      namespace: "default",
      name: "web",
      graceMs: 30_000,
      sinceMs: NOW,
      fetchedAtMs: NOW,
    }];
    const ending = look({ desired: [], removed });
    assert.equal(first(ending).reason, "it is still ending");
    const gone = {
      kubelet: { value: [], atMs: NOW + 1e9 },
      runtime: { value: [], atMs: NOW + 1e9 },
    };
    assert.equal(look({ desired: [], removed, ...gone }).state, "settled");
  });

  it("is content with a pod that has done its work", () => {
    const ended = kubeletContainer({
      ready: false,
      state: {
        kind: "terminated",
        exitCode: 0,
        signal: 0,
        reason: "Completed",
        message: "",
        startedAt: ago(2_000),
        finishedAt: ago(1_000),
      },
    });
    const done = shows(
      { phase: "Succeeded", containers: [ended] },
      sandbox({ containers: [exited(0)] }),
    );
    assert.equal(following()(done).state, "settled");
  });

  it("asks no settle time again of what is not part of the change", () => {
    assert.equal(following([])().state, "settled");
  });

  it("never calls settled what was not ready, in one piece, for the settle time (any life)", () => {
    const life = fc.array(
      fc.record({
        up: fc.nat(6).map((number) => number > 0),
        restart: fc.nat(8).map((number) => number === 0),
        laterMs: fc.integer({ min: 100, max: 2_500 }),
      }),
      { minLength: 5, maxLength: 40, size: "max" },
    );
    let settled = 0;
    fc.assert(
      fc.property(life, (steps) => {
        const look = following();
        let restarts = 0;
        let atMs = 0;
        /** Since when it has been up in one piece, as far as the looks can tell. */
        let upSinceMs: number | undefined;
        for (const { up, restart, laterMs } of steps) {
          atMs += laterMs;
          if (restart) restarts += 1;
          if (!up) upSinceMs = undefined;
          else if (upSinceMs === undefined || restart) upSinceMs = atMs;
          const id = `c${restarts}`;
          const now = shows(
            {
              containers: [kubeletContainer({
                ready: up,
                restartCount: restarts,
                containerId: id,
              })],
            },
            sandbox({
              containers: [
                up
                  ? container({ id, restartCount: restarts, attempt: restarts })
                  : exited(1, { id, restartCount: restarts, attempt: restarts }),
              ],
            }),
          );
          if (first(look(now, laterMs)).state !== "settled") continue;
          settled += 1;
          assert.ok(upSinceMs !== undefined && atMs - upSinceMs >= 5_000);
        }
      }),
      { numRuns: 200 },
    );
    assert.ok(settled > 0);
  });
});
