/** Reading one log: what the CLI prints and the agent streams. */
import { Buffer } from "node:buffer";
import { type Clock, PodsteadError } from "../core/mod.ts";
import { EntryMachine } from "./entries.ts";
import { followBlocks, type FollowOptions } from "./follow.ts";
import { STREAM_NAMES } from "./line.ts";
import type { LogNotice } from "./notice.ts";
import { compilePattern } from "./pattern.ts";
import { planned, planReading, type SelectionRules } from "./plan.ts";
import { closeSegments, endOf, type LogPosition, openSegments, type Segment } from "./segment.ts";
import { checkSelection, DISORDER_NS, type LogSelection, TimeGate } from "./selection.ts";
import { ByteSink, type TimedMark } from "./sink.ts";
import { attemptOf, livePath, type LogSource } from "./source.ts";
import { nsToMs } from "./time.ts";
import { DEFAULT_TUNING, type Tuning } from "./tuning.ts";
import { jsonWriter, type LogOutput, textWriter } from "./writer.ts";

/** How to read a log. */
export interface ReadLogOptions {
  readonly selection?: LogSelection;
  /** Raw without a prefix if not set. */
  readonly output?: LogOutput;
  /** Continues with what is written later. */
  readonly follow?: FollowOptions;
  /** Ends reading, without an error: the caller that aborts knows that the output is incomplete. */
  readonly signal?: AbortSignal;
  /** Called for what cannot be seen in the lines, between the chunks where it belongs. */
  readonly onNotice?: (notice: LogNotice) => void;
  /**
   * Chunks may be overwritten once the next one was asked for. Saves a fifth of
   * the time and a third of the memory where each is written out before that.
   */
  readonly reuseChunks?: boolean;
  readonly clock?: Clock;
  /** What is read does not depend on it. */
  readonly tuning?: Partial<Tuning>;
}

/** Lines in the order of their log, with their times, for merging with other logs. */
export interface TimedBatch {
  readonly bytes: Uint8Array;
  /** Where each line ends, and its time. */
  readonly marks: readonly TimedMark[];
  /** Everything that was written so far has been read; more may come later. */
  readonly idle: boolean;
}

/**
 * Reads a log: its rotated files, oldest first, then the live one, and with
 * `follow` what comes after. Chunks are made when they are asked for.
 *
 * While the log is followed a pending `next()` ends only with new lines or with
 * the signal: abort it to stop.
 *
 * @returns chunks ready to be written, of whole lines but for very long ones.
 * @throws {UsageError} for a selection that makes no sense.
 * @throws {PodsteadError} `not-found` where there is no such log (a followed
 * one may come later, but its directory must exist), `permission`.
 */
export async function* readLog(
  source: LogSource,
  options: ReadLogOptions = {},
): AsyncGenerator<Uint8Array> {
  const sink = new ByteSink({ reuse: options.reuseChunks ?? false });
  let left = options.selection?.limitBytes ?? Infinity;
  for await (const _ of readInto(sink, source, options, false)) {
    for (let chunk = sink.takeFull(); chunk !== undefined; chunk = sink.takeFull()) {
      if (chunk.length >= left) {
        yield chunk.subarray(0, left);
        return;
      }
      left -= chunk.length;
      yield chunk;
    }
  }
}

/** The same as `readLog` for `mergeByTime`, which has a limit of bytes of its own. */
export async function* readTimedLog(
  source: LogSource,
  options: ReadLogOptions = {},
): AsyncGenerator<TimedBatch> {
  const sink = new ByteSink({ contiguous: true });
  for await (const idle of readInto(sink, source, options, true)) {
    const marks = sink.marks.splice(0);
    sink.flush();
    const bytes = sink.takeFull();
    if (bytes !== undefined || idle) yield { bytes: bytes ?? Buffer.alloc(0), marks, idle };
  }
}

/** Fills the sink, and yields whenever it should be emptied: whether the log is idle now. */
async function* readInto(
  sink: ByteSink,
  source: LogSource,
  options: ReadLogOptions,
  timed: boolean,
): AsyncGenerator<boolean> {
  const { selection = {}, output = { format: "raw" }, follow, signal, onNotice } = options;
  const tuning = { ...DEFAULT_TUNING, ...options.tuning };
  checkSelection(selection);
  const writing = await rulesOf(source, selection, output, timed, tuning.spillBytes);
  const isAborted = () => signal?.aborted === true;
  if (isAborted() || selection.limitBytes === 0) return;

  const segments = await openSegments(source, tuning);
  const live = segments.find(({ stem }) => stem === undefined);
  const rules = { ...writing, onlyLogLines: live?.isLink ?? follow !== undefined };
  const chain = follow === undefined ? [] : followedChain(segments);
  const owned = new Set(segments);
  try {
    if (segments.length === 0 && follow === undefined) {
      throw new PodsteadError(
        "not-found",
        `Cannot read log ${JSON.stringify(livePath(source))}: it does not exist`,
        { hint: "The container has not started yet, or its log was removed with it" },
      );
    }
    const plan = await planReading(segments, selection, rules, signal);
    if (isAborted()) return;
    const gate = new TimeGate(selection.sinceNs, selection.untilNs, plan.ordered);
    const onLongLine = () => onNotice?.({ kind: "long-line", path: livePath(source) });
    const machine = new EntryMachine(sink, { ...rules, gate, skip: plan.skip, onLongLine });
    machine.resume(plan.before, plan.resumed);
    const end = follow === undefined ? endOf(segments) : prepareChain(segments, chain, plan.from);
    for await (const block of planned(segments, plan, gate, end, onNotice)) {
      if (isAborted()) return;
      machine.accept(block);
      yield false;
      if (machine.finished) break;
    }
    if (follow !== undefined) gate.follow();
    if (follow !== undefined && !machine.finished) {
      const known = new Set(segments.map((segment) => segment.stem ?? ""));
      const { untilNs } = selection;
      for (const segment of chain) owned.delete(segment);
      const blocks = followBlocks({
        source,
        chain,
        known,
        follow,
        tuning,
        mayBeLink: rules.onlyLogLines,
        ...(signal !== undefined && { signal }),
        ...(onNotice !== undefined && { onNotice }),
        ...(options.clock !== undefined && { clock: options.clock }),
        ...(untilNs !== undefined && { untilMs: nsToMs(untilNs + DISORDER_NS) }),
      });
      for await (const block of blocks) {
        if (block.tail === "reset") machine.end();
        else if (block.tail !== "idle") machine.accept(block);
        if (block.tail === "idle") sink.flush();
        yield block.tail === "idle";
        if (machine.finished) break;
      }
      if (isAborted()) return;
    }
    machine.end();
    sink.flush();
    yield false;
  } finally {
    await closeSegments(owned);
  }
}

async function rulesOf(
  source: LogSource,
  selection: LogSelection,
  output: LogOutput,
  timed: boolean,
  spillBytes: number,
): Promise<SelectionRules> {
  const { stream, grep } = selection;
  const streamIndex = STREAM_NAMES.indexOf(stream);
  return {
    rawPrefix: Buffer.from(output.linePrefix ?? ""),
    timed,
    spillBytes,
    ...(stream !== undefined && { stream: streamIndex === 0 ? 0 : 1 }),
    ...(grep !== undefined && { matches: await compilePattern(grep) }),
    ...(output.format === "text" && { makeWriter: () => textWriter(output) }),
    ...(output.format === "json" && { makeWriter: () => jsonWriter(output, attemptOf(source)) }),
  };
}

/** The last files, which the runtime may still write to: the newest rotated one and the live one. */
function followedChain(segments: readonly Segment[]): Segment[] {
  const lastCompressed = segments.findLastIndex((segment) => segment.compressed);
  return segments.slice(Math.max(lastCompressed + 1, segments.length - 2));
}

/** Sets the readers of the chain to where reading starts; returns the place where the chain begins. */
function prepareChain(
  segments: readonly Segment[],
  chain: readonly Segment[],
  from: LogPosition,
): LogPosition {
  const first = segments.length - chain.length;
  chain.forEach(({ reader, sizeBytes }, index) => {
    const at = first + index;
    reader.midLine = false;
    reader.position = at > from.segment ? 0 : at === from.segment ? from.offset : sizeBytes;
  });
  return { segment: first, offset: 0 };
}
