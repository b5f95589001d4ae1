/**
 * From physical lines to selected lines: joins parts, decides what is wanted,
 * and hands it to a writer. Everything here is synchronous and works on the
 * bytes of one block at a time.
 */
import { Buffer } from "node:buffer";
import type { LineBlock } from "./block.ts";
import { LineCursor, NO_STREAM, type StreamIndex } from "./line.ts";
import { copyPrefixed } from "./raw_copy.ts";
import type { Matcher, PartialMatch } from "./pattern.ts";
import type { TimeGate } from "./selection.ts";
import { ByteSink } from "./sink.ts";
import { type EntryHead, type EntryWriter, headOf } from "./writer.ts";

const NEWLINE = 10;
const NEWLINE_BYTES = Buffer.of(NEWLINE);

/** What an `EntryMachine` does. */
export interface EntryRules {
  /** Makes writers of joined lines; undefined for raw physical lines. */
  readonly makeWriter?: () => EntryWriter;
  /** Before each raw line. */
  readonly rawPrefix: Buffer;
  readonly gate: TimeGate;
  /** Only this stream. */
  readonly stream?: StreamIndex;
  readonly matches?: Matcher;
  /** Leaves out what is not in the format of a log. */
  readonly onlyLogLines?: boolean;
  /** Called after each line that was selected by its beginning alone. */
  readonly onLongLine?: () => void;
  /** How many of the selected lines are left out at first; Infinity only counts. */
  readonly skip: number;
  /** Mark the end of each written line with its time. */
  readonly timed: boolean;
  /** See `Tuning`. */
  readonly spillBytes: number;
}

/** What is known of the lines before the place where reading starts. */
export interface Before {
  /** By stream index: whether a line was open (its last part was not the last of the line). */
  readonly open: readonly boolean[];
  /** The time of the last line that had one. */
  readonly timeNs: bigint | undefined;
}

interface Piece {
  readonly order: number;
  readonly bytes: Buffer;
  readonly timeNs: bigint;
}

/** A line of which parts have come, but not its last. */
interface OpenEntry {
  wanted: boolean;
  /** Its beginning lies before the place where reading started. */
  readonly cut: boolean;
  readonly head: EntryHead | undefined;
  readonly timeNs: bigint;
  readonly order: number;
  /** Kept parts: of the message, or raw lines as they will be written. */
  pieces: Piece[];
  /** Where the message is tested; undefined without a pattern, or once it is known to be selected. */
  match: PartialMatch | undefined;
  sizeBytes: number;
}

/** See the top of this file. Feed it with `accept`, in the order of the log; end it with `end`. */
export class EntryMachine {
  /** How many lines were selected, left out ones too. */
  selected = 0;
  /**
   * The number (from 0) of the last selected line that was `cut`; -1 for none. Of one that the
   * pattern leaves out by its rest alone: the number of the selected line before it.
   */
  lastCut = -1;
  readonly sink: ByteSink;
  readonly #rules: EntryRules;
  readonly #line = new LineCursor();
  readonly #open: (OpenEntry | undefined)[] = [undefined, undefined, undefined];
  readonly #writer: EntryWriter | undefined;
  readonly #heldWriter: EntryWriter | undefined;
  readonly #spillBytes: number;
  /** Set between the pieces of a physical line longer than a block: its own tag. */
  #midLinePartial = false;
  #midLine = false;
  /** The block before ended in NULs that continue in the next one. */
  #afterNuls = false;
  #skip: number;
  #order = 0;
  #lastNs = 0n;
  /** The line that is being written while it comes; what completes meanwhile is held. */
  #spilling: OpenEntry | undefined;
  #held: ByteSink | undefined;

  constructor(sink: ByteSink, rules: EntryRules) {
    this.sink = sink;
    this.#rules = rules;
    this.#skip = rules.skip;
    this.#writer = rules.makeWriter?.();
    this.#heldWriter = rules.makeWriter?.();
    this.#spillBytes = rules.spillBytes;
  }

  /**
   * Starts in the middle of a log.
   *
   * @param wanted whether what is left of lines that began before is selected.
   */
  resume(before: Before, wanted: boolean): void {
    const { gate, stream: only } = this.#rules;
    gate.lastNs = before.timeNs;
    this.#lastNs = before.timeNs ?? 0n;
    before.open.forEach((isOpen, stream) => {
      if (!isOpen) return;
      const inStream = only === undefined || only === stream;
      this.#open[stream] = this.#newEntry(wanted && inStream, true, undefined, this.#lastNs);
    });
  }

  /** Takes the next block. */
  accept(block: LineBlock): void {
    const { bytes } = block;
    // A NUL is where a power loss has been: the lines are looked at one by one.
    const hasNuls = this.#afterNuls || block.startsLine && bytes.includes(0, block.start);
    if (!hasNuls && this.#passesThrough()) {
      return copyPrefixed(block, this.#rules.rawPrefix, this.sink);
    }
    const end = bytes.length;
    let at = block.start;
    if (at === end && block.tail === "torn") this.#accept(bytes, at, at, false);
    while (at < end && !this.finished) {
      const newline = bytes.indexOf(NEWLINE, at);
      const stop = newline < 0 ? end : newline;
      this.#accept(bytes, at, stop, newline < 0 && block.tail === "open");
      at = stop + 1;
    }
  }

  /** True once nothing that comes later can be selected. */
  get finished(): boolean {
    return this.#rules.gate.finished && this.#open.every((entry) => entry?.wanted !== true);
  }

  /** The log ends here, or another begins: lines of which only parts have come are whole now. */
  end(): void {
    const rest = this.#open
      .filter((entry) => entry !== undefined)
      .sort((left, right) => left.order - right.order);
    for (const entry of rest) {
      this.#open[this.#open.indexOf(entry)] = undefined;
      this.#complete(entry);
    }
    this.#midLine = false;
  }

  /** Whether nothing is asked of a line but to be copied. */
  #passesThrough(): boolean {
    const { makeWriter, gate, stream, matches, timed, onlyLogLines } = this.#rules;
    return onlyLogLines !== true && makeWriter === undefined && matches === undefined &&
      stream === undefined && !timed &&
      this.#skip === 0 && !gate.limited && !this.#midLine &&
      this.#open.every((entry) => entry === undefined || entry.wanted);
  }

  /** One physical line without its newline, or (`goesOn`) a piece of a very long one. */
  #accept(bytes: Buffer, start: number, end: number, goesOn: boolean): void {
    const line = this.#line;
    const startsLine = !this.#midLine;
    if (startsLine) {
      this.#afterNuls = false;
      line.read(bytes, start, end);
      const { recordStart } = line;
      if (recordStart > start) {
        while (start < end && bytes[start] === 0) start++;
        // Nothing but NULs: they are no line, nor the beginning of one.
        this.#afterNuls = start >= end && goesOn;
        if (start >= end) return;
        if (start < recordStart) return this.#acceptGlued(bytes, start, recordStart, end, goesOn);
      }
      this.#midLinePartial = line.partial;
    } else line.continueWith(bytes, start, end);
    this.#midLine = goesOn;
    const partial = goesOn || this.#midLinePartial;

    const { gate } = this.#rules;
    const inTime = !startsLine || !gate.active || gate.admits(line);
    if (this.#rules.timed && startsLine) this.#lastNs = line.timeNs() ?? this.#lastNs;
    let entry = this.#open[line.stream];
    if (entry === undefined) {
      const wanted = inTime &&
        (this.#rules.onlyLogLines !== true || line.stream !== NO_STREAM) &&
        (this.#rules.stream === undefined || line.stream === this.#rules.stream);
      if (!partial && startsLine) {
        if (wanted) this.#single(bytes, start, end);
        return;
      }
      const head = wanted && this.#writer !== undefined ? headOf(line) : undefined;
      entry = this.#newEntry(wanted, false, head, this.#lastNs);
      this.#open[line.stream] = entry;
    }
    if (entry.wanted) this.#add(entry, bytes, start, end, startsLine, goesOn);
    if (partial) return;
    this.#open[line.stream] = undefined;
    this.#complete(entry);
  }

  /** Half a record, and the whole one that was written behind it after the power came back. */
  #acceptGlued(
    bytes: Buffer,
    start: number,
    recordStart: number,
    end: number,
    goesOn: boolean,
  ): void {
    let to = recordStart;
    while (to > start && bytes[to - 1] === 0) to--;
    this.#accept(bytes, start, to, false);
    this.#accept(bytes, recordStart, end, goesOn);
  }

  /** A line that is whole by itself: written straight from the block. */
  #single(bytes: Buffer, start: number, end: number): void {
    const line = this.#line;
    const { matches } = this.#rules;
    if (matches !== undefined) {
      if (!matches.selects(line.content.subarray(line.contentStart, line.contentEnd))) return;
    }
    this.selected++;
    if (this.#skip > 0) return this.#skipOne();
    if (this.#writer === undefined) {
      this.#writeRaw(bytes, start, end, true, true);
      return this.#mark(this.#lastNs);
    }
    const sink = this.#held ?? this.sink;
    const writer = this.#held === undefined ? this.#writer : this.#heldWriter ?? this.#writer;
    writer.head(sink, line.stream, line.stamp, line.stampStart, line.stampEnd);
    writer.piece(sink, line.content, line.contentStart, line.contentEnd);
    writer.foot(sink);
    this.#mark(this.#lastNs);
    this.#boundHeld();
  }

  #newEntry(wanted: boolean, cut: boolean, head: EntryHead | undefined, timeNs: bigint): OpenEntry {
    const order = this.#order++;
    const match = wanted ? this.#rules.matches?.begin() : undefined;
    return { wanted, cut, head, timeNs, order, pieces: [], match, sizeBytes: 0 };
  }

  /** Takes one more part of a wanted line. */
  #add(
    entry: OpenEntry,
    bytes: Buffer,
    start: number,
    end: number,
    startsLine: boolean,
    goesOn: boolean,
  ): void {
    const line = this.#line;
    entry.match?.add(line.content.subarray(line.contentStart, line.contentEnd));
    if (this.#rules.skip === Infinity) return;
    if (entry.match?.isFull === true && !this.#decide(entry, entry.match)) return;
    const order = this.#order++;
    if (this.#writer === undefined) {
      if (this.#skip === 0 && entry.match === undefined) {
        this.#writeRaw(bytes, start, end, startsLine, !goesOn);
        return this.#mark(this.#lastNs);
      }
      // Exactly as long as it is: there may be thousands.
      const raw = Buffer.concat([
        ...(startsLine ? [this.#rules.rawPrefix] : []),
        bytes.subarray(start, end),
        ...(goesOn ? [] : [NEWLINE_BYTES]),
      ]);
      entry.pieces.push({ order, bytes: raw, timeNs: this.#lastNs });
      return;
    }
    if (entry === this.#spilling) {
      return this.#writer.piece(this.sink, line.content, line.contentStart, line.contentEnd);
    }
    const part = Buffer.from(line.content.subarray(line.contentStart, line.contentEnd));
    entry.pieces.push({ order, bytes: part, timeNs: this.#lastNs });
    entry.sizeBytes += part.length;
    if (entry.sizeBytes > this.#spillBytes && this.#maySpill(entry)) {
      this.#spilling = entry;
      this.#held = new ByteSink({ contiguous: true });
      this.#writePieces(entry, this.sink, this.#writer);
    }
  }

  /** Selects a line by its beginning, before it has ended: it may be as long as the disk. */
  #decide(entry: OpenEntry, match: PartialMatch): boolean {
    this.#rules.onLongLine?.();
    entry.match = undefined;
    entry.wanted = match.selected();
    if (!entry.wanted) entry.pieces = [];
    else if (this.#writer === undefined && this.#skip === 0) {
      for (const piece of entry.pieces) this.#writePiece(piece);
      entry.pieces = [];
    }
    return entry.wanted;
  }

  #maySpill(entry: OpenEntry): boolean {
    return this.#spilling === undefined && entry.match === undefined &&
      this.#skip === 0 && !this.#rules.timed;
  }

  /** The last part of a line has come. */
  #complete(entry: OpenEntry): void {
    if (!entry.wanted) return;
    if (entry.match?.selected() === false) {
      // Its beginning, which was not seen, may match: then it is the one before those to come.
      if (entry.cut) this.lastCut = this.selected - 1;
      return;
    }
    if (entry.cut) this.lastCut = this.selected;
    this.selected++;
    if (this.#skip > 0) return this.#skipOne();
    const writer = this.#writer;
    if (writer === undefined) {
      for (const piece of entry.pieces) this.#writePiece(piece);
    } else if (entry === this.#spilling) {
      writer.foot(this.sink);
      this.#releaseHeld();
    } else if (this.#held === undefined) {
      this.#writePieces(entry, this.sink, writer);
      writer.foot(this.sink);
      this.#mark(entry.timeNs);
    } else {
      const heldWriter = this.#heldWriter ?? writer;
      this.#writePieces(entry, this.#held, heldWriter);
      heldWriter.foot(this.#held);
      this.#boundHeld();
    }
    entry.pieces = [];
  }

  /** Leaves one out. After the last one, kept raw parts of lines that are still open are due. */
  #skipOne(): void {
    this.#skip--;
    if (this.#skip > 0 || this.#writer !== undefined) return;
    const due = this.#open.filter((entry) => entry !== undefined && entry.match === undefined);
    const pieces = due
      .flatMap((entry) => entry?.pieces ?? [])
      .sort((left, right) => left.order - right.order);
    for (const piece of pieces) this.#writePiece(piece);
    for (const entry of due) if (entry !== undefined) entry.pieces = [];
  }

  #writePieces(entry: OpenEntry, sink: ByteSink, writer: EntryWriter): void {
    const { head } = entry;
    if (head === undefined) writer.head(sink, NO_STREAM, Buffer.alloc(0), 0, 0);
    else writer.head(sink, head.stream, head.stamp, 0, head.stamp.length);
    for (const piece of entry.pieces) writer.ownedPiece(sink, piece.bytes);
    entry.pieces = [];
  }

  #writePiece(piece: Piece): void {
    this.sink.writeOwned(piece.bytes);
    this.#mark(piece.timeNs);
  }

  #writeRaw(
    bytes: Buffer,
    start: number,
    end: number,
    startsLine: boolean,
    endsLine: boolean,
  ): void {
    const { sink } = this;
    const { rawPrefix } = this.#rules;
    if (startsLine) sink.write(rawPrefix, 0, rawPrefix.length);
    sink.write(bytes, start, end);
    if (endsLine) sink.writeByte(NEWLINE);
  }

  #mark(timeNs: bigint): void {
    if (this.#rules.timed) this.sink.mark(timeNs);
  }

  /** What is held must not grow without end: the spilling line is broken off, its rest starts again. */
  #boundHeld(): void {
    if (this.#held === undefined || this.#held.length <= this.#spillBytes) return;
    if (this.#spilling !== undefined) {
      this.#writer?.foot(this.sink);
      this.#spilling.sizeBytes = 0;
    }
    this.#releaseHeld();
  }

  #releaseHeld(): void {
    const held = this.#held;
    this.#held = this.#spilling = undefined;
    if (held !== undefined) this.sink.write(held.buffer, 0, held.length);
  }
}
