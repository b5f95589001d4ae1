/** Follows the live file of a log through rotation, truncation and re-creation. */
import { Buffer } from "node:buffer";
import { realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Clock, systemClock } from "../core/mod.ts";
import { emptyBlock, type LineBlock } from "./block.ts";
import { DirectoryWatch } from "./directory_watch.ts";
import type { LogNotice } from "./notice.ts";
import {
  closeSegments,
  compressedBlocks,
  identityOf,
  openSegment,
  type Segment,
} from "./segment.ts";
import { listRotated, livePath, type LogSource, type RotatedName } from "./source.ts";
import type { Tuning } from "./tuning.ts";

/** How a log is followed, and when that ends. Without any end it is followed until aborted. */
export interface FollowOptions {
  /**
   * Whether the container still runs; asked when the log is quiet, at most
   * once per `checkMs`. False ends the reading after everything written has
   * been read. A failure means: not known, continue.
   */
  isRunning?(): Promise<boolean>;
  /** Aborted by a caller who learns by itself that the container has ended. */
  readonly ended?: AbortSignal;
  /** How often a quiet log is looked at even if no change was told; 1000 if not set. */
  readonly checkMs?: number;
}

/** See `followBlocks`. */
export interface FollowDeps {
  readonly source: LogSource;
  /** Open files not read to their end yet, oldest first; it owns and closes them. */
  readonly chain: Segment[];
  /** The stems of all rotated files that the reader has or had. */
  readonly known: Set<string>;
  readonly follow: FollowOptions;
  readonly tuning: Tuning;
  /** Whether a new live file may be a link: only while nothing but log lines is shown. */
  readonly mayBeLink: boolean;
  readonly signal?: AbortSignal;
  /** Ends by the clock at this time, milliseconds since the epoch. */
  readonly untilMs?: number;
  readonly onNotice?: (notice: LogNotice) => void;
  readonly clock?: Clock;
}

/**
 * For how long a file that was replaced is still read. The runtime opens the
 * new file before it stops writing to the old one, first with stdout, then with
 * stderr; lines that come in between are in the old one.
 */
const OLD_FILE_MS = 1000;
/** A busy log changes thousands of times a second; it is not looked at more often than this. */
const SHORTEST_PAUSE_MS = 5;
const CHECK_MS = 1000;
/** How much of the beginning of a file tells it from others. It holds the time of its first line. */
const HEAD_BYTES = 256;

interface Old {
  readonly segment: Segment;
  readonly replacedAtMs: number;
}

/**
 * The lines of the files in `chain` and of all that come after them. A torn
 * last line waits for its rest. Yields an `idle` block each time that there is
 * nothing more, and a `reset` block before the text of a truncated file.
 */
export async function* followBlocks(deps: FollowDeps): AsyncGenerator<LineBlock> {
  const follower = new Follower(deps);
  try {
    yield* follower.blocks();
  } finally {
    await follower.close();
  }
}

class Follower {
  readonly #deps: FollowDeps;
  readonly #clock: Clock;
  readonly #path: string;
  #watch: DirectoryWatch | undefined;
  #olds: Old[] = [];
  #live: Segment | undefined;
  #progress = false;
  #asking = false;
  #askedMs = -Infinity;
  /** The runtime said that the container has ended. */
  #stopped = false;

  constructor(deps: FollowDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#path = livePath(deps.source);
    for (const segment of deps.chain) {
      if (segment.stem === undefined) this.#live = segment;
      else this.#olds.push({ segment, replacedAtMs: segment.modifiedMs });
    }
  }

  async close(): Promise<void> {
    this.#watch?.close();
    await closeSegments(this.#olds.map((old) => old.segment));
    if (this.#live !== undefined) await closeSegments([this.#live]);
  }

  async *blocks(): AsyncGenerator<LineBlock> {
    const { signal, follow } = this.#deps;
    const checkMs = follow.checkMs ?? CHECK_MS;
    // A link leads to where the runtime really writes.
    const path = await realpath(this.#path).catch(() => this.#path);
    this.#watch = new DirectoryWatch(dirname(path));
    let checkedMs = -Infinity;
    let ended = false;
    while (signal?.aborted !== true) {
      this.#progress = false;
      const change = this.#watch.take();
      const readAtMs = this.#clock.monotonicMs();
      yield* this.#readAll();
      if (change.names || ended || readAtMs - checkedMs >= checkMs) {
        checkedMs = readAtMs;
        await this.#findNewFiles();
      }
      yield* this.#retireOlds(ended);
      if (this.#progress) continue;
      if (ended) break;
      ended = this.#hasEnded(checkMs);
      if (ended) continue;
      yield emptyBlock("idle");
      const pauseMs = SHORTEST_PAUSE_MS - (this.#clock.monotonicMs() - readAtMs);
      if (pauseMs > 0) await this.#clock.sleep(pauseMs, signal).catch(() => undefined);
      // Of two changes within a millisecond Bun tells the first only, which we may have been too
      // quick for: after each change it is looked at once more.
      if (change.content) continue;
      await this.#watch.wait(
        this.#olds.length > 0 ? Math.min(checkMs, OLD_FILE_MS / 4) : checkMs,
        signal,
        follow.ended,
      );
    }
    if (signal?.aborted === true) return;
    const last = await this.#live?.reader.finish();
    if (last !== undefined) yield last;
  }

  /**
   * Reads what there is. The size of the live file is taken before the older
   * ones are read: what a stream wrote up to there, it wrote after its last line
   * in an older file.
   */
  async *#readAll(): AsyncGenerator<LineBlock> {
    const live = this.#live;
    const sizeBytes = live === undefined ? 0 : (await live.handle.stat()).size;
    for (const { segment } of this.#olds) {
      if (segment.compressed) return;
      yield* this.#counted(segment.reader.read());
      // The rest of its torn last line may still come, and belongs before anything newer.
      if (await this.#isTorn(segment)) return;
    }
    if (live === undefined) return;
    if (sizeBytes < live.reader.position) {
      if (live.reader.midLine) yield emptyBlock("torn", false);
      live.reader.midLine = false;
      live.reader.position = 0;
      this.#progress = true;
      this.#deps.onNotice?.({ kind: "truncated", path: live.path });
      yield emptyBlock("reset");
    }
    yield* this.#counted(live.reader.read(sizeBytes));
  }

  async #isTorn(segment: Segment): Promise<boolean> {
    return segment.reader.midLine || (await segment.handle.stat()).size > segment.reader.position;
  }

  async *#counted(blocks: AsyncGenerator<LineBlock>): AsyncGenerator<LineBlock> {
    for await (const block of blocks) {
      this.#progress = true;
      yield block;
    }
  }

  /** Opens what has taken the place of the live file, and whatever was rotated in between. */
  async #findNewFiles(): Promise<void> {
    const stats = await stat(this.#path).catch(() => undefined);
    if (stats === undefined || identityOf(stats) === this.#live?.identity) return;
    const opened = await openSegment(this.#path, this.#deps.tuning);
    if (opened === undefined) return;
    if (opened.isLink && !this.#deps.mayBeLink) return await closeSegments([opened]);
    // A rotation that failed gives the file its name back.
    const returned = this.#olds.find((old) => old.segment.identity === opened.identity);
    if (returned !== undefined) {
      await closeSegments([opened]);
      this.#olds = this.#olds.filter((old) => old !== returned);
    }
    const next = returned?.segment ?? opened;
    const replaced = [
      ...(this.#live === undefined ? [] : [this.#live]),
      ...await this.#rotatedBefore(next),
    ];
    replaced.forEach((segment, index) => {
      // Only the last of them can still be written to.
      const replacedAtMs = index === replaced.length - 1 ? this.#clock.now() : -Infinity;
      this.#olds.push({ segment, replacedAtMs });
    });
    this.#live = { ...next, path: this.#path, stem: undefined };
    this.#progress = true;
  }

  /** The files that were live after ours and before `next`: more than one rotation has passed. */
  async #rotatedBefore(next: Segment): Promise<Segment[]> {
    const { source, known, tuning } = this.#deps;
    const ours = this.#live ?? this.#olds.at(-1)?.segment;
    const between: Segment[] = [];
    let isFirst = true;
    for (const file of await listRotated(source).catch(() => [])) {
      if (known.has(file.stem)) continue;
      const segment = await openRotated(source, file, tuning);
      if (segment === undefined) continue;
      if (await isSameFile(segment, next)) {
        // It is rotated itself by now; what is newer is found the next time.
        await closeSegments([segment]);
        break;
      }
      known.add(file.stem);
      // The oldest that we do not know is ours, unless ours was removed.
      if (isFirst && ours !== undefined && await isSameFile(segment, ours)) {
        await closeSegments([segment]);
      } else between.push(segment);
      isFirst = false;
    }
    return between;
  }

  /** Closes replaced files that are no longer written to. */
  async *#retireOlds(ended: boolean): AsyncGenerator<LineBlock> {
    while (this.#olds.length > 0) {
      const { segment, replacedAtMs } = this.#olds[0]!;
      const isLast = this.#olds.length === 1 && this.#live === undefined;
      const overdue = this.#clock.now() - replacedAtMs >= OLD_FILE_MS && !isLast;
      if (segment.compressed) yield* this.#counted(compressedBlocks(segment, this.#deps.onNotice));
      else if (!overdue && !(ended && !this.#progress)) return;
      else {
        yield* this.#counted(segment.reader.read());
        const last = await segment.reader.finish();
        if (last !== undefined) yield last;
        this.#progress = true;
      }
      this.#olds.shift();
      await closeSegments([segment]);
    }
  }

  /** Whether the container has ended. Reading does not wait for the answer. */
  #hasEnded(checkMs: number): boolean {
    const { follow, untilMs } = this.#deps;
    if (this.#stopped || follow.ended?.aborted === true) return true;
    if (untilMs !== undefined && this.#clock.now() >= untilMs) return true;
    const nowMs = this.#clock.monotonicMs();
    if (follow.isRunning === undefined || this.#asking || nowMs - this.#askedMs < checkMs) {
      return false;
    }
    this.#asking = true;
    this.#askedMs = nowMs;
    follow.isRunning().then((running) => {
      this.#asking = false;
      this.#stopped = !running;
      if (this.#stopped) this.#watch?.poke();
    }, () => {
      // The runtime cannot be asked just now, as while it restarts: the container may well run.
      this.#asking = false;
    });
    return false;
  }
}

async function openRotated(
  source: LogSource,
  file: RotatedName,
  tuning: Tuning,
): Promise<Segment | undefined> {
  const segment = await openSegment(join(source.directory, file.name), tuning, file);
  if (segment !== undefined || file.compressed) return segment;
  // Compressed since it was listed.
  return await openSegment(join(source.directory, `${file.stem}.gz`), tuning, {
    ...file,
    compressed: true,
  });
}

/** Whether a rotated file, which may have been compressed, is the one that we have open. */
async function isSameFile(rotated: Segment, open: Segment): Promise<boolean> {
  if (!rotated.compressed) return rotated.identity === open.identity;
  // No process writes to a file once it is compressed: what we read now is final.
  const head = await headBytes(open);
  return head.length > 0 && head.equals(await headBytes(rotated));
}

/** The beginning of a file's text, at most `HEAD_BYTES`. */
async function headBytes(segment: Segment): Promise<Buffer> {
  if (!segment.compressed) {
    const bytes = Buffer.alloc(HEAD_BYTES);
    return bytes.subarray(0, (await segment.handle.read(bytes, 0, HEAD_BYTES, 0)).bytesRead);
  }
  const parts: Buffer[] = [];
  let missing = HEAD_BYTES;
  for await (const { bytes, start } of compressedBlocks(segment)) {
    const part = Buffer.from(bytes.subarray(start, start + missing));
    parts.push(part);
    missing -= part.length;
    if (missing === 0) break;
  }
  return Buffer.concat(parts);
}
