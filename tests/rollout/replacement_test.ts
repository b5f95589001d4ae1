import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { OldSight } from "../../mod/rollout/old_pod.ts";
import {
  advance,
  beginReplacement,
  DIRECTORY_MARGIN_MS,
  DONE_LIMIT_MS,
  END_MARGIN_MS,
  fetched,
  LONE_END_MARGIN_MS,
  published,
  REMOVAL_LIMIT_MS,
  type Replacement,
  RUNNING_PODS_MARGIN_MS,
} from "../../mod/rollout/replacement.ts";

const OLD = { hash: "old", uids: ["1"], graceMs: 2_000 };
const FETCH_LIMIT_MS = 4_000;
const runs: OldSight = { running: true, sandbox: true, directory: true, listed: true };

/** What is seen from a time on, counted from the fetch. */
type Course = readonly (readonly [fromMs: number, sight: Partial<OldSight>])[];

/**
 * Looks as often as it is told to, from the fetch on.
 *
 * @returns when and why the new version is served, in milliseconds from the fetch
 */
function play(start: OldSight, course: Course): { readonly atMs: number; readonly reason: string } {
  let replacement: Replacement = fetched(published(beginReplacement(OLD, 0), 0), 0);
  let nowMs = 0;
  for (let turn = 0; turn < 5_000; turn += 1) {
    const sight = course.filter(([fromMs]) => fromMs <= nowMs)
      .reduce((seen, [, change]) => ({ ...seen, ...change }), start);
    const decision = advance(replacement, sight, nowMs, FETCH_LIMIT_MS);
    if (decision.kind === "serve") return { atMs: nowMs, reason: decision.reason };
    assert.ok(decision.lookInMs > 0, "It must not look without a pause");
    replacement = decision.next;
    nowMs += decision.lookInMs;
  }
  throw new Error("It never ended");
}

describe("advance()", () => {
  const ended = { running: false, sandbox: false };
  const unseen = { directory: undefined, listed: undefined };
  const cases: readonly (readonly [
    name: string,
    start: OldSight,
    course: Course,
    atMs: number,
    reason: string,
  ])[] = [
    [
      "waits the margin after the end when the directory goes early",
      { ...runs, listed: undefined },
      [[200, ended], [500, { directory: false }]],
      200 + END_MARGIN_MS,
      "done",
    ],
    [
      "waits for a directory that goes late",
      { ...runs, listed: undefined },
      [[200, ended], [2_000, { directory: false }]],
      2_000 + DIRECTORY_MARGIN_MS,
      "done",
    ],
    [
      "takes /runningpods/ where the directory cannot be seen",
      { ...runs, directory: undefined },
      [[200, ended], [1_800, { listed: false }]],
      1_800 + RUNNING_PODS_MARGIN_MS,
      "done",
    ],
    [
      "takes the first of both signs",
      runs,
      [[200, ended], [1_500, { directory: false }], [4_000, { listed: false }]],
      1_500 + DIRECTORY_MARGIN_MS,
      "done",
    ],
    [
      "does not trust /runningpods/ alone before the margin",
      runs,
      [[200, { ...ended, listed: false }]],
      200 + END_MARGIN_MS,
      "done",
    ],
    [
      "waits longer with the runtime alone",
      { ...runs, ...unseen },
      [[200, ended]],
      200 + LONE_END_MARGIN_MS,
      "done",
    ],
    [
      "counts from the last end of a container that came back once",
      { ...runs, ...unseen },
      [[200, ended], [600, { running: true, sandbox: true }], [1_000, ended]],
      1_000 + LONE_END_MARGIN_MS,
      "done",
    ],
    [
      "waits for a sandbox that ends late",
      { ...runs, ...unseen },
      [[200, { running: false }], [3_000, { sandbox: false }]],
      3_000 + LONE_END_MARGIN_MS,
      "done",
    ],
    [
      "goes by the directory when the runtime does not answer",
      { running: undefined, sandbox: undefined, directory: true, listed: undefined },
      [[900, { directory: false }]],
      900 + END_MARGIN_MS,
      "done",
    ],
    [
      "keeps what it has seen when the runtime falls silent",
      { ...runs, ...unseen },
      [[200, ended], [400, { running: undefined, sandbox: undefined }]],
      200 + LONE_END_MARGIN_MS,
      "done",
    ],
    [
      "gives up on a pod that does not end",
      runs,
      [],
      OLD.graceMs + REMOVAL_LIMIT_MS,
      "not-ending",
    ],
    [
      "gives up when it can see nothing at all",
      { running: undefined, sandbox: undefined, directory: undefined, listed: undefined },
      [],
      OLD.graceMs + REMOVAL_LIMIT_MS,
      "not-ending",
    ],
    [
      "gives up on a directory that stays",
      { ...runs, listed: undefined },
      [[200, ended]],
      200 + DONE_LIMIT_MS,
      "no-sign",
    ],
  ];
  for (const [name, start, course, atMs, reason] of cases) {
    it(name, () => {
      const result = play(start, course);
      assert.equal(result.reason, reason);
      // Looks are up to 250 ms apart.
      assert.ok(result.atMs >= atMs && result.atMs <= atMs + 260, `${result.atMs}, not ${atMs}`);
    });
  }

  it("waits for the fetch no longer than the limit, counted from the list in force", () => {
    const removed = published(beginReplacement(OLD, 0), 1_000);
    assert.deepEqual(advance(removed, undefined, 1_500, 4_000), {
      kind: "wait",
      next: removed,
      lookInMs: 3_500,
    });
    const decision = advance(removed, undefined, 5_000, 4_000);
    assert.equal(decision.kind === "serve" && decision.reason, "not-fetched");
  });

  it("does not count the time before its list is in force", () => {
    const decision = advance(beginReplacement(OLD, 0), undefined, 1e9, 4_000);
    assert.equal(decision.kind, "wait");
  });
});

describe("fetched()", () => {
  it("changes nothing for one that is ending already", () => {
    const ending = fetched(beginReplacement(OLD, 0), 7);
    assert.equal(fetched(ending, 9), ending);
    assert.equal(published(ending, 9), ending);
  });
});
