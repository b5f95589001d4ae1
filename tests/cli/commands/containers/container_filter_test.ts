import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { NodePods } from "../../../../mod/api/contract/mod.ts";
import { filterPods, stateWord } from "../../../../mod/cli/commands/containers/container_filter.ts";

type PodView = NodePods["pods"][number];
type ContainerView = PodView["containers"][number];

function container(more: Partial<ContainerView>): ContainerView {
  return {
    id: "c",
    name: "app",
    type: "container",
    attempt: 0,
    restartCount: 0,
    state: "CONTAINER_EXITED",
    createdAt: "2026-11-30T05:00:00Z",
    image: "app:1",
    imageId: "sha256:a",
    labels: {},
    annotations: {},
    ...more,
  };
}

function pod(more: Partial<PodView>): PodView {
  return {
    sandboxId: "s",
    namespace: "default",
    name: "web-node-1",
    uid: "u",
    attempt: 0,
    state: "SANDBOX_READY",
    createdAt: "2026-11-30T05:00:00Z",
    isStatic: true,
    labels: {},
    annotations: {},
    containers: [],
    ...more,
  };
}

const idsOf = (pods: readonly PodView[]) =>
  pods.flatMap(({ containers }) => containers.map(({ id }) => id));

describe("filterPods()", () => {
  it("shows what runs beside a newer attempt that has ended", () => {
    const pods = [pod({
      containers: [
        container({ id: "old", state: "CONTAINER_RUNNING" }),
        container({ id: "between", attempt: 1 }),
        container({ id: "new", attempt: 3 }),
      ],
    })];
    assert.deepEqual(idsOf(filterPods(pods, {})), ["old", "new"]);
    assert.deepEqual(idsOf(filterPods(pods, { state: "running" })), ["old"]);
    assert.deepEqual(idsOf(filterPods(pods, { state: "exited" })), ["between", "new"]);
  });

  it("shows what runs in a sandbox that was superseded", () => {
    const pods = [
      pod({
        sandboxId: "old",
        state: "SANDBOX_NOTREADY",
        containers: [container({ id: "a", state: "CONTAINER_RUNNING" }), container({ id: "b" })],
      }),
      pod({ sandboxId: "new", createdAt: "2026-11-30T06:00:00Z", containers: [] }),
    ];
    const shown = filterPods(pods, {});
    assert.deepEqual(shown.map(({ sandboxId }) => sandboxId), ["old", "new"]);
    assert.deepEqual(idsOf(shown), ["a"]);
  });

  it("hides sandboxes and attempts that are over", () => {
    const pods = [
      pod({ sandboxId: "old", state: "SANDBOX_NOTREADY", containers: [container({ id: "x" })] }),
      pod({ sandboxId: "new", createdAt: "2026-11-30T06:00:00Z" }),
    ];
    assert.deepEqual(filterPods(pods, {}).map(({ sandboxId }) => sandboxId), ["new"]);
    assert.deepEqual(idsOf(filterPods(pods, { all: true })), ["x"]);
  });

  const podsArbitrary = fc.array(
    fc.record({
      name: fc.constantFrom("a", "b"),
      state: fc.constantFrom("SANDBOX_READY" as const, "SANDBOX_NOTREADY" as const),
      createdAt: fc.constantFrom("2026-11-30T05:00:00Z", "2026-11-30T06:00:00Z"),
      containers: fc.array(
        fc.record({
          name: fc.constantFrom("app", "side"),
          attempt: fc.nat({ max: 3 }),
          state: fc.constantFrom(
            "CONTAINER_RUNNING" as const,
            "CONTAINER_EXITED" as const,
            "CONTAINER_CREATED" as const,
          ),
        }),
        { maxLength: 4 },
      ),
    }),
    { maxLength: 5 },
  ).map((pods) =>
    pods.map((one, at) =>
      pod({
        ...one,
        sandboxId: `s${at}`,
        containers: one.containers.map((own, index) => container({ ...own, id: `${at}.${index}` })),
      })
    )
  );

  it("never hides what runs, and finds every container in a state", () => {
    fc.assert(fc.property(podsArbitrary, (pods) => {
      const shown = new Set(idsOf(filterPods(pods, {})));
      for (const state of ["running", "exited", "created"]) {
        const wanted = pods.flatMap(({ containers }) => containers)
          .filter((one) => stateWord(one.state) === state).map(({ id }) => id);
        assert.deepEqual(idsOf(filterPods(pods, { state })), wanted);
        if (state === "running") { for (const id of wanted) assert.ok(shown.has(id), id); }
      }
    }));
  });
});
