import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { ContainerView } from "../../mod/cri/mod.ts";
import type { KubeletContainer, KubeletTermination } from "../../mod/kubelet/mod.ts";
import { explain } from "../../mod/explain/mod.ts";
import { DEFAULT_LIMITS, joinStatus, NEVER_READ, type StatusInput } from "../../mod/status/mod.ts";
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

/** How a container's last end may look. */
const termination: fc.Arbitrary<KubeletTermination> = fc.record({
  kind: fc.constant("terminated" as const),
  exitCode: fc.constantFrom(0, 1, 137),
  signal: fc.constant(0),
  reason: fc.constantFrom("", "Error", "Completed", "OOMKilled"),
  message: fc.constant(""),
  startedAt: fc.constant(ago(30_000)),
  finishedAt: fc.constantFrom(undefined, ago(5_000), ago(900_000)),
});

/** A container as a kubelet may tell it, whose word is some seconds old. */
const told: fc.Arbitrary<KubeletContainer> = fc.record({
  ready: fc.boolean(),
  restartCount: fc.constantFrom(0, 1, 5),
  state: fc.oneof(
    fc.constant({ kind: "running" as const, startedAt: ago(20_000) }),
    fc.constantFrom("", "ContainerCreating", "PodInitializing", "CrashLoopBackOff")
      .map((reason) => ({ kind: "waiting" as const, reason, message: "" })),
    termination,
  ),
  lastTermination: fc.option(termination, { nil: undefined }),
}).map((change) => kubeletContainer(change));

/** The same container as the runtime has it. */
const seen: fc.Arbitrary<readonly ContainerView[]> = fc.constantFrom<readonly ContainerView[]>(
  [],
  [container()],
  [container({ state: "CONTAINER_CREATED" })],
  [container({ attempt: 2, restartCount: 2 })],
  [exited(0)],
  [exited(1)],
  [exited(1), container({ id: "c2", attempt: 1, restartCount: 1 })],
  [exited(1), exited(137, { id: "c2", attempt: 1, restartCount: 1 })],
);

const moment: fc.Arbitrary<Partial<StatusInput>> = fc.record({
  kubelet: fc.oneof(
    { weight: 1, arbitrary: fc.constant(NEVER_READ) },
    { weight: 1, arbitrary: fc.constant({ value: [], atMs: NOW - 1_000 }) },
    {
      weight: 6,
      arbitrary: fc.record({
        one: told,
        isReady: fc.constantFrom("True" as const, "False" as const, undefined),
        hash: fc.constantFrom("h1", "h0"),
        atMs: fc.constantFrom(NOW - 5_000, NOW - 100),
      }).map(({ one, isReady, hash, atMs }) => ({
        value: [kubeletPod({
          containers: [one],
          annotations: { "podstead.dev/spec-hash": hash },
          conditions: isReady === undefined
            ? []
            : [{ type: "Ready", status: isReady, reason: "", message: "", since: ago(6_000) }],
        })],
        atMs,
      })),
    },
  ),
  runtime: fc.oneof(
    { weight: 1, arbitrary: fc.constant({ value: [], atMs: NOW - 1_000 }) },
    {
      weight: 6,
      arbitrary: fc.record({
        containers: seen,
        specHash: fc.constantFrom("h1", "h0"),
        state: fc.constantFrom("SANDBOX_READY" as const, "SANDBOX_NOTREADY" as const),
      }).map((change) => ({ value: [sandbox(change)], atMs: NOW - 1_000 })),
    },
  ),
  desired: fc.constantFrom(1_000, 40_000, 600_000).map((servedMs) => [
    desired({ servedSinceMs: NOW - servedMs, fetchedAtMs: NOW - servedMs + 500 }),
  ]),
});

describe("explain()", () => {
  it("has a word for every moment between a pod's start, its crashes and its end", () => {
    fc.assert(
      fc.property(moment, (change) => {
        const status = input(change);
        const { fetches } = status;
        for (const row of joinStatus(status)) {
          const { cause } = explain({
            nowMs: NOW,
            row,
            fetches,
            limits: DEFAULT_LIMITS,
            url: "http://127.0.0.1:10261/manifests",
            kubeletAlive: true,
            kubeletPodCount: status.kubelet.value?.length,
          });
          assert.doesNotMatch(
            cause,
            /^Nothing that podstead/,
            JSON.stringify({ ready: row.ready, drift: row.drift, reason: row.reason }),
          );
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
