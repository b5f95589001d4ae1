import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { planReload } from "../../mod/agent/plan.ts";
import type { ServedPod } from "../../mod/agent/state/state.ts";
import { declarePods, type PodEntry } from "../../mod/pods/mod.ts";
import type { ChangeVerdict } from "../../mod/rollout/mod.ts";

function plan(
  previous: readonly ServedPod[],
  image: string,
  verdicts: Readonly<Record<string, ChangeVerdict>> = {},
) {
  const entry: PodEntry = {
    pod: { metadata: { name: "web" }, spec: { containers: [{ image }] } },
    source: { file: "config.yaml", document: 0, index: 0, position: { line: 3, column: 7 } },
    positionOf: () => ({ line: 9, column: 11 }),
    lineText: () => "",
  };
  return planReload({
    previous,
    judged: declarePods([entry]).pods.map((declared) => ({ declared, errors: [], warnings: [] })),
    absenceOf: () => ({ kind: "removed", reason: "" }),
    verdicts: new Map(Object.entries(verdicts)),
    nextRevision: previous.length + 1,
    nowMs: 1_000,
  });
}

describe("planReload(), with what the rollout says", () => {
  const { pods: before } = plan([], "web:1");

  it("tells how a change is made and which fields make it one", () => {
    const { outcomes, changed } = plan(before, "web:2", {
      "default/web": { method: "kubelet", why: "no kubelet polls" },
    });
    const [{ change, state, method, methodReason, fields } = assert.fail("no outcome")] = outcomes;
    assert.deepEqual([change, state, method, methodReason, fields], [
      "changed",
      "Served",
      "kubelet",
      "no kubelet polls",
      ["spec.containers[0].image"],
    ]);
    assert.equal(changed, true);
  });

  for (
    const [state, code] of [["Replacing", "image-pulling"], [
      "Blocked",
      "image-unavailable",
    ]] as const
  ) {
    it(`keeps the old version where the change is ${state}`, () => {
      const { pods, outcomes, changed } = plan(before, "web:2", {
        "default/web": { method: "quick", gate: { state, code, reason: "image" } },
      });
      assert.deepEqual(pods, before);
      assert.equal(changed, false);
      const [outcome] = outcomes;
      assert.deepEqual([outcome?.state, outcome?.reasonCode, outcome?.reason, outcome?.change], [
        state,
        code,
        "image",
        "unchanged",
      ]);
      assert.equal(outcome?.servingRevision, 1);
      assert.notEqual(outcome?.hash, before[0]?.hash);
    });
  }

  it("has nothing to say of new pods and of those that stay", () => {
    const verdicts = { "default/web": { method: "quick" } } as const;
    for (const previous of [[], before]) {
      const [outcome] = plan(previous, "web:1", verdicts).outcomes;
      assert.equal(outcome?.state, "Served");
      assert.equal(outcome?.fields, undefined);
      assert.equal(outcome?.method, undefined);
    }
  });
});
