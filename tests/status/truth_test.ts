import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { PodView } from "../../mod/cri/mod.ts";
import type { KubeletPod } from "../../mod/kubelet/mod.ts";
import { DEFAULT_LIMITS, joinStatus, NEVER_READ, type Reading } from "../../mod/status/mod.ts";
import { desired, exited, input, kubeletContainer, kubeletPod, NOW, sandbox } from "./samples.ts";

/** What happens at one moment of a node's life. */
type Step =
  | { readonly kind: "pod"; readonly up: boolean }
  | { readonly kind: "kubelet" | "runtime"; readonly answers: boolean; readonly lost: boolean }
  | { readonly kind: "look" };

/** True four times out of five. */
const mostly = fc.nat(4).map((number) => number > 0);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pod" as const), up: mostly }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("kubelet" as const, "runtime" as const),
      answers: mostly,
      /** A question that is not answered at all leaves no trace. */
      lost: mostly.map((value) => !value),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: "look" as const }) },
);
const life = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 15_000 })), {
  minLength: 5,
  maxLength: 40,
  size: "max",
});

describe("joinStatus()", () => {
  it("never shows a True that no source confirmed within the last interval", () => {
    let looks = 0;
    let trues = 0;
    fc.assert(
      fc.property(life, fc.boolean(), (steps, hasProbes) => {
        let nowMs = NOW;
        let up = true;
        let kubelet: Reading<readonly KubeletPod[]> = NEVER_READ;
        let runtime: Reading<readonly PodView[]> = NEVER_READ;
        /** When a source last looked at the pod while it was up. */
        let confirmedMs = -Infinity;
        const failure = () => ({ atMs: nowMs, message: "away" });
        for (const [event, waitMs] of steps) {
          nowMs += waitMs;
          switch (event.kind) {
            case "pod":
              up = event.up;
              break;
            case "kubelet":
              if (event.lost) break;
              if (!event.answers) {
                kubelet = { ...kubelet, failure: failure() };
                break;
              }
              if (up) confirmedMs = nowMs;
              kubelet = {
                value: [kubeletPod({ containers: [kubeletContainer({ ready: up })] })],
                atMs: nowMs,
              };
              break;
            case "runtime":
              if (event.lost) break;
              if (!event.answers) {
                runtime = { ...runtime, failure: failure() };
                break;
              }
              if (up) confirmedMs = nowMs;
              runtime = {
                value: [up ? sandbox() : sandbox({ containers: [exited(1)] })],
                atMs: nowMs,
              };
              break;
            case "look": {
              looks += 1;
              const main = { name: "main", ...(hasProbes ? { readinessProbe: {} } : {}) };
              const pod = { spec: { containers: [main] } };
              const [row] = joinStatus(
                input({ nowMs, desired: [desired({ pod })], kubelet, runtime }),
              );
              assert.ok(row);
              if (row.ready !== "True") break;
              trues += 1;
              const limitMs = Math.max(
                DEFAULT_LIMITS.kubeletFreshMs,
                DEFAULT_LIMITS.runtimeFreshMs,
              );
              assert.ok(nowMs - confirmedMs <= limitMs, "True, but nobody saw it lately");
              const by = row.confirmedBy === "kubelet" ? kubelet : runtime;
              assert.ok(by.atMs !== undefined && nowMs - by.atMs <= limitMs);
              assert.ok(by.failure === undefined || by.failure.atMs < by.atMs);
              assert.ok(
                !(hasProbes && row.confirmedBy === "runtime"),
                "only the kubelet knows what probes say",
              );
              // The source that looked last must not have seen it down.
              const other = by === kubelet ? runtime : kubelet;
              if (other === runtime && (other.atMs ?? 0) > by.atMs && other.failure === undefined) {
                const [seen] = other.value as readonly PodView[];
                assert.equal(seen?.containers[0]?.state, "CONTAINER_RUNNING");
              }
              break;
            }
          }
        }
      }),
      { numRuns: 300 },
    );
    assert.ok(trues > looks / 5 && trues < looks * 4 / 5, `${trues} of ${looks} looks showed True`);
  });
});
