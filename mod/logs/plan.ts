/** Where reading starts, for a selection: what makes `tail` and `since` quick. */
import { Buffer } from "node:buffer";
import type { LineBlock } from "./block.ts";
import { type Before, EntryMachine, type EntryRules } from "./entries.ts";
import type { LogNotice } from "./notice.ts";
import type { LogSelection } from "./selection.ts";
import { DISORDER_NS, TimeGate } from "./selection.ts";
import { isOrdered } from "./order.ts";
import { findTime, lookBehind, nextLineStart } from "./search.ts";
import { endOf, type LogPosition, readSegments, type Segment } from "./segment.ts";
import { ByteSink } from "./sink.ts";

/** How to read a log for a selection. */
export interface ReadingPlan {
  readonly from: LogPosition;
  readonly before: Before;
  /** Whether the rest of lines that began before `from` counts as selected. */
  readonly resumed: boolean;
  /** How many selected lines are left out at first. */
  readonly skip: number;
  /** From here on, lines may be as late as `until`. */
  readonly nearUntil: LogPosition;
  /** Whether the times go forward, so that places can be found by them. */
  readonly ordered: boolean;
}

/** The rules of the selection without its `tail`. */
export type SelectionRules = Omit<EntryRules, "gate" | "skip">;

const START: LogPosition = { segment: 0, offset: 0 };
const NOTHING_BEFORE: Before = { open: [false, false, false], timeNs: undefined };
/** Taken as the length of a line for the first guess of where the tail begins. */
const GUESSED_LINE_BYTES = 256;
/** How much further back the next guess goes. */
const GUESS_FACTOR = 4;

/** Which of two places is the earlier one: negative, zero, positive. */
export function comparePositions(left: LogPosition, right: LogPosition): number {
  return left.segment - right.segment || left.offset - right.offset;
}

/**
 * Finds where to start. Reads little: some blocks at the end, or the probes of
 * a search; but as much as it takes where few lines of a tail are selected. When
 * it is aborted the plan means nothing.
 */
export async function planReading(
  segments: readonly Segment[],
  selection: LogSelection,
  rules: SelectionRules,
  signal?: AbortSignal,
): Promise<ReadingPlan> {
  const { sinceNs, untilNs, tail } = selection;
  const isTimed = sinceNs !== undefined || untilNs !== undefined;
  const ordered = !isTimed || await isOrdered(segments);
  const since = sinceNs === undefined || !ordered
    ? START
    : await findTime(segments, sinceNs - DISORDER_NS);
  const nearUntil = untilNs === undefined
    ? endOf(segments)
    : ordered
    ? await findTime(segments, untilNs - DISORDER_NS)
    : START;
  const start: ReadingPlan = {
    from: since,
    before: comparePositions(since, START) === 0
      ? NOTHING_BEFORE
      : await lookBehind(segments, since),
    resumed: false,
    skip: 0,
    nearUntil,
    ordered,
  };
  if (tail === undefined) return start;
  const end = untilNs === undefined || !ordered
    ? endOf(segments)
    : await findTime(segments, untilNs + DISORDER_NS);
  const smallestBytes = segments[0]?.tuning.reachBytes ?? 1;
  let reach = Math.max(smallestBytes, tail * Math.min(GUESSED_LINE_BYTES, smallestBytes));
  while (true) {
    const from = await stepBack(segments, end, reach);
    const plan: ReadingPlan = comparePositions(from, since) <= 0
      ? start
      : { ...start, from, before: await lookBehind(segments, from), resumed: true };
    const { selected, lastCut } = await count(segments, selection, rules, plan, signal);
    const skip = Math.max(0, selected - tail);
    if (signal?.aborted === true || plan === start || (selected >= tail && lastCut < skip)) {
      return { ...plan, skip };
    }
    reach *= GUESS_FACTOR;
  }
}

/** The start of a line about `reach` bytes before `end`. */
async function stepBack(
  segments: readonly Segment[],
  end: LogPosition,
  reach: number,
): Promise<LogPosition> {
  let left = reach;
  for (let index = end.segment; index >= 0; index--) {
    const segment = segments[index];
    if (segment === undefined) continue;
    const to = index === end.segment ? end.offset : segment.sizeBytes;
    // A compressed file is taken whole; it holds some ten times its size.
    if (segment.compressed) {
      left -= 10 * segment.sizeBytes;
      if (left <= 0) return { segment: index, offset: 0 };
      continue;
    }
    if (left < to) {
      const offset = await nextLineStart(segment, to - left, to);
      if (offset < to) return { segment: index, offset };
    }
    left = Math.max(1, left - to);
  }
  return START;
}

async function count(
  segments: readonly Segment[],
  selection: LogSelection,
  rules: SelectionRules,
  plan: ReadingPlan,
  signal: AbortSignal | undefined,
): Promise<{ selected: number; lastCut: number }> {
  const gate = new TimeGate(selection.sinceNs, selection.untilNs, plan.ordered);
  const { makeWriter: _, ...rest } = rules;
  const machine = new EntryMachine(new ByteSink(), {
    ...rest,
    rawPrefix: Buffer.alloc(0),
    gate,
    skip: Infinity,
    timed: false,
  });
  machine.resume(plan.before, plan.resumed);
  for await (const block of planned(segments, plan, gate)) {
    machine.accept(block);
    if (machine.finished || signal?.aborted === true) break;
  }
  machine.end();
  return { selected: machine.selected, lastCut: machine.lastCut };
}

/** The blocks of a plan up to `end`, telling the gate where `until` comes near. */
export async function* planned(
  segments: readonly Segment[],
  plan: ReadingPlan,
  gate: TimeGate,
  end = endOf(segments),
  onNotice?: (notice: LogNotice) => void,
): AsyncGenerator<LineBlock> {
  let from = plan.from;
  const near = comparePositions(plan.nearUntil, end) < 0 ? plan.nearUntil : end;
  if (comparePositions(from, near) < 0) {
    gate.expectUntil(false);
    yield* readSegments(segments, from, near, onNotice);
    from = near;
  }
  gate.expectUntil(true);
  yield* readSegments(segments, from, end, onNotice);
}
