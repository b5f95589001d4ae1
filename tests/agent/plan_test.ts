import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type ReloadOutcome, waitingNow } from "../../mod/agent/outcome.ts";
import { planReload } from "../../mod/agent/plan.ts";
import type { ServedPod } from "../../mod/agent/state/state.ts";
import { declarePods, FieldPath, type PodEntry, required } from "../../mod/pods/mod.ts";

function entry(name: string, file = "config.yaml", env = "a"): PodEntry {
  return {
    pod: { metadata: { name }, spec: { env } },
    source: { file, document: 0, index: 0, position: { line: 3, column: 7 } },
    positionOf: () => ({ line: 9, column: 11 }),
    lineText: () => "",
  };
}

function judged(entries: readonly PodEntry[], invalid: readonly string[] = []) {
  return declarePods(entries).pods.map((declared) => ({
    declared,
    errors: invalid.includes(declared.key.name)
      ? [required(FieldPath.root("spec").child("containers"), "")]
      : [],
    warnings: [],
  }));
}

const plan = (
  previous: readonly ServedPod[],
  entries: readonly PodEntry[],
  options: {
    readonly invalid?: readonly string[];
    readonly failedFiles?: readonly string[];
    readonly failedIds?: readonly string[];
    readonly revision?: number;
    /** A pod, by key, whose images are being pulled. */
    readonly pulling?: string;
  } = {},
) =>
  planReload({
    ...(options.pulling === undefined ? {} : {
      verdicts: new Map([[options.pulling, {
        method: "kubelet" as const,
        gate: { state: "Replacing" as const, code: "image-pulling" as const, reason: "pulling" },
      }]]),
    }),
    previous,
    judged: judged(entries, options.invalid),
    absenceOf: ({ id, source }) => {
      const isKept = options.failedFiles?.includes(source.file) || options.failedIds?.includes(id);
      const reason = `its file "${source.file}"`;
      return isKept
        ? { kind: "kept", code: "source-unhealthy", reason }
        : { kind: "removed", reason };
    },
    nextRevision: options.revision ?? 1,
    nowMs: 1_000,
  });

const names = (pods: readonly { readonly name: string }[]) => pods.map(({ name }) => name);

describe("planReload()", () => {
  it("keeps a new pod waiting while an image comes that the kubelet cannot pull", () => {
    const { pods, outcomes, changed } = plan([], [entry("a"), entry("b")], {
      pulling: "default/a",
    });
    assert.deepEqual(names(pods), ["b"]);
    const [a] = outcomes;
    assert.deepEqual([a?.state, a?.change, a?.reasonCode], ["Waiting", "none", "image-pulling"]);
    assert.equal(changed, true);
  });

  it("serves new pods, sorted by key whatever their order", () => {
    const { pods, outcomes, changed } = plan([], [entry("b"), entry("a")]);
    assert.deepEqual(names(pods), ["a", "b"]);
    assert.deepEqual(outcomes.map(({ change }) => change), ["added", "added"]);
    assert.equal(changed, true);
  });

  it("says of an added pod which wanted pods it waits for, and of no other", () => {
    const after = (name: string, others: string): PodEntry => {
      const metadata = { name, annotations: { "podstead.dev/after": others } };
      return { ...entry(name), pod: { metadata, spec: { env: "a" } } };
    };
    const entries = [entry("db"), after("app", "default/db, default/gone"), after("odd", "")];
    const waits = ({ outcomes }: ReturnType<typeof plan>) =>
      outcomes.map(({ name, waitsFor }) => [name, waitsFor]);
    const first = plan([], entries);
    assert.deepEqual(waits(first), [
      ["app", ["default/db"]],
      ["db", undefined],
      ["odd", undefined],
    ]);
    const again = plan(first.pods, entries);
    assert.deepEqual(waits(again).map(([, waitsFor]) => waitsFor), [
      undefined,
      undefined,
      undefined,
    ]);
    const [app] = first.outcomes;
    const shown = (waiting: boolean) =>
      waitingNow({ pods: first.outcomes } as ReloadOutcome, () => waiting).pods[0];
    assert.deepEqual(shown(true), app);
    assert.equal("waitsFor" in (shown(false) ?? {}), false, "it runs already, or was released");
  });

  it("leaves an unchanged pod with its revision and time", () => {
    const first = plan([], [entry("a")]);
    const second = plan(first.pods, [entry("a")], { revision: 2 });
    assert.equal(second.changed, false);
    assert.equal(second.pods[0]?.revision, 1);
    assert.equal(second.outcomes[0]?.change, "unchanged");
  });

  it("gives a changed pod the new revision", () => {
    const first = plan([], [entry("a")]);
    const second = plan(first.pods, [entry("a", "config.yaml", "b")], { revision: 2 });
    assert.equal(second.outcomes[0]?.change, "changed");
    assert.equal(second.pods[0]?.revision, 2);
  });

  it("leaves out an invalid new pod, with its field and place, and serves the others", () => {
    const { pods, outcomes } = plan([], [entry("a"), entry("bad")], { invalid: ["bad"] });
    assert.deepEqual(names(pods), ["a"]);
    const bad = outcomes.find(({ name }) => name === "bad");
    assert.equal(bad?.state, "Rejected");
    assert.equal(bad?.change, "none");
    assert.equal(bad?.servingRevision, undefined);
    assert.deepEqual(bad?.errors, [
      {
        field: "spec.containers",
        type: "Required value",
        detail: "",
        hint: 'Add "containers"; `podstead explain pod.spec.containers` shows what it may hold',
        line: 9,
        column: 11,
      },
    ]);
  });

  it("keeps serving the last good version of a pod whose change is invalid", () => {
    const first = plan([], [entry("a")]);
    const second = plan(first.pods, [entry("a", "config.yaml", "b")], {
      invalid: ["a"],
      revision: 2,
    });
    assert.deepEqual(second.pods, first.pods);
    assert.equal(second.changed, false);
    assert.equal(second.outcomes[0]?.state, "Rejected");
    assert.equal(second.outcomes[0]?.servingRevision, 1);
  });

  it("removes a pod that is declared no more, and does not bring it back by an invalid one", () => {
    const first = plan([], [entry("a")]);
    const second = plan(first.pods, [], { revision: 2 });
    assert.deepEqual(second.pods, []);
    assert.equal(second.outcomes[0]?.change, "removed");
    const third = plan(second.pods, [entry("a")], { invalid: ["a"], revision: 3 });
    assert.deepEqual(third.pods, []);
  });

  it("keeps what a file last gave that cannot be used, and removes pods of other files", () => {
    const first = plan([], [entry("a", "pods.d/a.yaml"), entry("b", "pods.d/b.yaml")]);
    const second = plan(first.pods, [], { failedFiles: ["pods.d/a.yaml"], revision: 2 });
    assert.deepEqual(names(second.pods), ["a"]);
    const kept = second.outcomes.find(({ name }) => name === "a");
    assert.equal(kept?.state, "Kept");
    assert.match(kept?.reason ?? "", /pods\.d\/a\.yaml/);
  });

  it("keeps a component that cannot be rendered now", () => {
    const first = plan([], [entry("a"), entry("b")]);
    const second = plan(first.pods, [], { failedIds: ["default-a"], revision: 2 });
    assert.deepEqual(names(second.pods), ["a"]);
    assert.equal(second.outcomes.find(({ name }) => name === "a")?.state, "Kept");
  });

  it("lets a pod move to another file while its old one cannot be read", () => {
    const first = plan([], [entry("a", "old.yaml")]);
    const second = plan(first.pods, [entry("a", "new.yaml")], {
      failedFiles: ["old.yaml"],
      revision: 2,
    });
    assert.equal(second.pods[0]?.source.file, "new.yaml");
    assert.equal(second.outcomes.length, 1);
  });
});
