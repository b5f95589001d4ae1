import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Resource } from "../../../../mod/api/contract/mod.ts";
import { statusText, worstFirst } from "../../../../mod/cli/commands/status/pod_view.ts";

const pod = (id: string, spec: Resource["spec"]): Resource => ({
  node: "n",
  type: "StaticPodStatus",
  id,
  version: 1,
  created: "",
  updated: "",
  spec,
});

describe("statusText()", () => {
  const reason = "stopped by user 0 at 2026-11-30T14:30:00Z: its disk is full";
  const down = pod("default/a", { ready: "False", reason, drift: "Current" });

  it("says in a word that a pod was stopped, and puts it behind those that should run", () => {
    assert.equal(statusText(down), "Stopped");
    const broken = pod("default/b", { ready: "False", reason: "Error (1)", drift: "Current" });
    const runs = pod("default/c", {
      ready: "True",
      reason: "",
      phase: "Running",
      drift: "Current",
    });
    assert.deepEqual(worstFirst([down, runs, broken]).map(({ id }) => id), [
      "default/b",
      "default/c",
      "default/a",
    ]);
  });

  it("does not say so of one that still runs", () => {
    assert.equal(
      statusText(pod("default/a", { ready: "True", reason, drift: "Stale" })),
      "Stopping",
    );
  });

  for (
    const [reason, drift, phase, word] of [
      ["", "Current", "Running", "Running"],
      ["Error (3)", "Current", "Unknown", "Error (3)"],
      ["Error (3)", "Stale", "Unknown", "Error (3) (Stale)"],
      ["c.yaml:4:7: spec.containers: Required value", "Rejected", "Running", "Rejected"],
      ['Cannot pull "web:2": connection refused', "Blocked", "Running", "Blocked"],
      ["it waits for default/db", "Pending", "Unknown", "Pending"],
      ["c.yaml cannot be read", "Current", "Running", "Running"],
      ["c.yaml cannot be read", "Unknown", "", "Unknown"],
    ] as const
  ) {
    it(`is "${word}" for "${reason}", ${drift}`, () => {
      assert.equal(statusText(pod("default/a", { reason, drift, phase })), word);
    });
  }
});
