/**
 * A log as data, and what reading it must give: a model that is as plain as
 * possible, knows nothing of bytes on disk, and shares no code with mod/logs.
 */
import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { LogOutput, LogSelection, Tuning } from "../../mod/logs/mod.ts";

/** A physical line. `stream` is undefined for one in no known format. */
export interface WrittenLine {
  readonly stream: "stdout" | "stderr" | undefined;
  readonly partial: boolean;
  readonly timeNs: bigint;
  readonly stamp: string;
  readonly content: Buffer;
  /** The bytes on disk, without the newline. */
  readonly raw: Buffer;
}

/** What one file of the log holds. */
export interface WrittenFile {
  readonly lines: readonly WrittenLine[];
  readonly compressed: boolean;
  /** The last line has no newline. */
  readonly torn: boolean;
}

interface Entry {
  readonly lines: WrittenLine[];
  readonly timeNs: bigint;
}

/** The lines as a reader sees them: parts joined, in the order in which they were completed. */
function entriesOf(lines: readonly WrittenLine[]): Entry[] {
  const done: Entry[] = [];
  const open = new Map<string, Entry>();
  let lastNs = -(2n ** 63n);
  for (const line of lines) {
    if (line.stream === undefined) {
      done.push({ lines: [line], timeNs: lastNs });
      continue;
    }
    lastNs = line.timeNs;
    const entry = open.get(line.stream) ?? { lines: [], timeNs: line.timeNs };
    entry.lines.push(line);
    open.set(line.stream, entry);
    if (line.partial) continue;
    open.delete(line.stream);
    done.push(entry);
  }
  // A Map keeps the order of insertion: the line that began first comes first.
  return [...done, ...open.values()];
}

const messageOf = (entry: Entry) => Buffer.concat(entry.lines.map((line) => line.content));

/** Text as RE2 reads it: each byte that belongs to no character is one by itself. */
function textOf(bytes: Buffer): string {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const characterAt = (at: number): string | undefined => {
    const lead = bytes[at] ?? 0;
    const width = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    try {
      return strict.decode(bytes.subarray(at, at + width));
    } catch {
      return undefined;
    }
  };
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const character = characterAt(at);
    text += character ?? "\ufffd";
    at += character === undefined ? 1 : Buffer.byteLength(character);
  }
  return text;
}

/** The lines that a selection without its tail and limit takes. */
function selectedOf(lines: readonly WrittenLine[], selection: LogSelection): Entry[] {
  const { sinceNs, untilNs, stream, grep } = selection;
  return entriesOf(lines).filter((entry) =>
    (stream === undefined || entry.lines[0]!.stream === stream) &&
    (sinceNs === undefined || entry.timeNs >= sinceNs) &&
    (untilNs === undefined || entry.timeNs < untilNs) &&
    (grep === undefined ||
      new RegExp(grep.pattern, grep.ignoreCase ? "isu" : "su").test(textOf(messageOf(entry))) !==
        (grep.invert ?? false))
  );
}

/**
 * What reading must give, as bytes.
 *
 * @param old how many of the lines were there when a follower came: its tail is counted from them.
 */
export function expectedOutput(
  lines: readonly WrittenLine[],
  selection: LogSelection,
  output: LogOutput,
  old = lines.length,
): Buffer {
  const { tail, grep, limitBytes } = selection;
  const before = selectedOf(lines.slice(0, old), selection).length;
  const skip = tail === undefined ? 0 : Math.max(0, before - tail);
  const entries = selectedOf(lines, selection).slice(skip);
  const prefix = Buffer.from(output.linePrefix ?? "");
  const newline = Buffer.from("\n");
  const parts: Buffer[] = [];
  if (output.format === "raw") {
    let chosen = entries.flatMap((entry) => entry.lines);
    if (grep === undefined) {
      const wanted = new Set(chosen);
      chosen = lines.filter((line) => wanted.has(line));
    }
    for (const line of chosen) parts.push(prefix, line.raw, newline);
  } else if (output.format === "text") {
    for (const entry of entries) {
      const { stream, stamp } = entry.lines[0]!;
      const time = output.timestamps !== undefined && stream !== undefined ? `${stamp} ` : "";
      parts.push(prefix, Buffer.from(time), messageOf(entry), newline);
    }
  } else {
    for (const entry of entries) {
      const { stream, stamp } = entry.lines[0]!;
      const record = {
        time: stream === undefined ? null : stamp,
        stream: stream ?? null,
        pod: output.pod,
        container: output.container,
        attempt: 0,
        message: new TextDecoder("utf-8", { ignoreBOM: true }).decode(messageOf(entry)),
      };
      parts.push(Buffer.from(JSON.stringify(record)), newline);
    }
  }
  const whole = Buffer.concat(parts);
  return limitBytes === undefined ? whole : whole.subarray(0, limitBytes);
}

/** The bytes of a file. */
export function fileBytes(file: WrittenFile): Buffer {
  const parts = file.lines.flatMap((line) => [line.raw, Buffer.from("\n")]);
  if (file.torn) parts.pop();
  return Buffer.concat(parts);
}

export const FIRST_NS = 1_764_000_000_000_000_000n;
const SECOND_NS = 1_000_000_000n;

/** As Go's RFC3339Nano: trailing zeros left out. */
export function stampOf(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19);
  const fraction = (timeNs % SECOND_NS).toString().padStart(9, "0").replace(/0+$/, "");
  return `${seconds}${fraction === "" ? "" : `.${fraction}`}Z`;
}

/** A line in the CRI format. */
export function criLine(
  stream: "stdout" | "stderr",
  tag: string,
  content: string | Uint8Array,
  timeNs = FIRST_NS,
): WrittenLine {
  const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.from(content);
  const stamp = stampOf(timeNs);
  return {
    stream,
    partial: tag.split(":")[0] === "P",
    timeNs,
    stamp,
    content: bytes,
    raw: Buffer.concat([Buffer.from(`${stamp} ${stream} ${tag} `), bytes]),
  };
}

/** A line as Docker's json-file driver writes it. */
export function dockerLine(
  stream: "stdout" | "stderr",
  partial: boolean,
  text: string,
  timeNs = FIRST_NS,
): WrittenLine {
  const stamp = stampOf(timeNs);
  const log = partial ? text : `${text}\n`;
  const raw = Buffer.from(JSON.stringify({ log, stream, time: stamp }));
  return { stream, partial, timeNs, stamp, content: Buffer.from(text), raw };
}

/** A line in no known format. */
export function strangeLine(bytes: Uint8Array): WrittenLine {
  const raw = Buffer.from(bytes);
  return { stream: undefined, partial: false, timeNs: 0n, stamp: "", content: raw, raw };
}

/** A line cut off after `length` bytes, as a reader understands it. */
function cutLine(line: WrittenLine, length: number): WrittenLine {
  const header = line.raw.length - line.content.length;
  if (length < header) return strangeLine(line.raw.subarray(0, length));
  const raw = line.raw.subarray(0, length);
  return { ...line, raw, content: raw.subarray(header) };
}

const streamArbitrary = fc.constantFrom("stdout" as const, "stderr" as const);
const textArbitrary = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 30 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("", "error: x", "Error", "ok\r", '"a\\b"', "\t\u0007é😀"),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3000 }).map((length) => "x".repeat(length)) },
).map((text) => text.replaceAll("\n", " "));
const bytesArbitrary = fc.oneof(
  textArbitrary.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes.map((b) => b === 10 ? 46 : b))),
);

interface Draft {
  readonly kind: "cri" | "strange";
  readonly stream: "stdout" | "stderr";
  readonly tag: string;
  readonly bytes: Buffer;
  readonly stepNs: bigint;
  readonly lateNs: bigint;
}

const draftArbitrary: fc.Arbitrary<Draft> = fc.record({
  kind: fc.constantFrom("cri", "cri", "cri", "cri", "cri", "cri", "cri", "strange"),
  stream: streamArbitrary,
  tag: fc.constantFrom("F", "F", "F", "P", "P", "F:x", "P:x"),
  bytes: bytesArbitrary,
  stepNs: fc.oneof(
    fc.bigInt({ min: 0n, max: 10n }),
    fc.bigInt({ min: 0n, max: 3n * SECOND_NS }),
  ),
  // Within the disorder that the reader promises to bear.
  lateNs: fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: SECOND_NS / 2n })),
});

/** Lines of one log with times that go forward, but for a little disorder. */
export const linesArbitrary: fc.Arbitrary<WrittenLine[]> = fc.tuple(
  fc.array(draftArbitrary, { maxLength: 40, size: "max" }),
  fc.boolean(),
).map(([drafts, docker]) => {
  let timeNs = FIRST_NS;
  return drafts.map((draft) => {
    timeNs += draft.stepNs;
    const { stream, tag, bytes } = draft;
    // Neither a digit nor a brace in front: no format that is known.
    if (draft.kind === "strange") return strangeLine(Buffer.concat([Buffer.from("~"), bytes]));
    const lineNs = timeNs - draft.lateNs;
    if (!docker) return criLine(stream, tag, bytes, lineNs);
    return dockerLine(stream, tag.startsWith("P"), bytes.toString(), lineNs);
  });
});

/** Lines of a log over whose writing the clock was set forward and back, by up to a day. */
export const steppedLinesArbitrary: fc.Arbitrary<WrittenLine[]> = fc.array(
  fc.record({
    stream: streamArbitrary,
    tag: fc.constantFrom("F", "F", "P"),
    bytes: bytesArbitrary,
    stepNs: fc.oneof(
      fc.bigInt({ min: 0n, max: 3n * SECOND_NS }),
      fc.bigInt({ min: -86_400n * SECOND_NS, max: 86_400n * SECOND_NS }),
      // A board without a clock before its first contact with a time server.
      fc.constant(-FIRST_NS),
    ),
  }),
  { maxLength: 40, size: "max" },
).map((drafts) => {
  let timeNs = FIRST_NS;
  return drafts.map(({ stream, tag, bytes, stepNs }) => {
    timeNs = timeNs + stepNs < 0n ? FIRST_NS : timeNs + stepNs;
    return criLine(stream, tag, bytes, timeNs);
  });
});

/** Lines spread over files; some files are torn at their end, older ones may be compressed. */
export const filesArbitrary: fc.Arbitrary<WrittenFile[]> = filesOf(linesArbitrary);

/** Files of these lines. */
export function filesOf(
  ofLines: fc.Arbitrary<WrittenLine[]>,
): fc.Arbitrary<WrittenFile[]> {
  return fc.tuple(
    ofLines,
    fc.array(fc.nat({ max: 40 }), { maxLength: 4 }),
    fc.array(fc.record({ torn: fc.boolean(), cut: fc.nat() }), { minLength: 5, maxLength: 5 }),
    fc.nat({ max: 4 }),
  ).map(([lines, cuts, ends, compressed]) => {
    const borders = [...cuts.map((cut) => Math.min(cut, lines.length)), lines.length]
      .sort((left, right) => left - right);
    return borders.map((border, index): WrittenFile => {
      const own = lines.slice(borders[index - 1] ?? 0, border);
      const last = own.at(-1);
      const { torn, cut } = ends[index]!;
      const isLive = index === borders.length - 1;
      const file = { lines: own, compressed: !isLive && index < compressed, torn: false };
      if (!torn || last === undefined || last.raw.length === 0) return file;
      return { ...file, torn: true, lines: [...own.slice(0, -1), tear(last, cut)] };
    });
  });
}

/** Cuts a line anywhere but in the few places where the cut makes another valid line of it. */
function tear(line: WrittenLine, cut: number): WrittenLine {
  if (line.stream === undefined) {
    return strangeLine(line.raw.subarray(0, 1 + cut % line.raw.length));
  }
  // Cut JSON is no JSON.
  if (line.raw[0] === 0x7b) {
    return strangeLine(line.raw.subarray(0, 1 + cut % (line.raw.length - 1)));
  }
  const header = line.raw.length - line.content.length;
  const inHeader = line.stamp.length + 1 + line.stream.length;
  const length = 1 + cut % line.raw.length;
  return cutLine(line, length > inHeader && length < header ? header : length);
}

/** A time: that of a line, or one nanosecond beside it, or any. */
const timeArbitrary = fc.oneof(
  fc.record({ line: fc.nat(), besideNs: fc.constantFrom(-1n, 0n, 1n) }),
  fc.bigInt({ min: -2n * SECOND_NS, max: 60n * SECOND_NS }).map((ns) => FIRST_NS + ns),
);

/** Every way to choose among lines that are not known yet; see `selectionFor`. */
export const choiceArbitrary = fc.record({
  tail: fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 60 })),
  since: timeArbitrary,
  until: timeArbitrary,
  stream: streamArbitrary,
  grep: fc.record({
    pattern: fc.constantFrom("x", "error", "^.?$", "[aeiou]", "é"),
    ignoreCase: fc.boolean(),
    invert: fc.boolean(),
  }),
  limitBytes: fc.nat({ max: 3000 }),
}, { requiredKeys: [] });

type Choice = typeof choiceArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** A choice for the lines that it is to be made among. */
export function selectionFor(choice: Choice, lines: readonly WrittenLine[]): LogSelection {
  const { since, until, ...rest } = choice;
  const resolve = (time: typeof since) =>
    typeof time !== "object"
      ? time
      : (lines[time.line % lines.length]?.timeNs ?? FIRST_NS) + time.besideNs;
  const sinceNs = resolve(since);
  const untilNs = resolve(until);
  return {
    ...rest,
    ...(sinceNs !== undefined && { sinceNs }),
    ...(untilNs !== undefined && { untilNs }),
  };
}

/** Sizes that make small logs behave like large ones. A block must hold the head of a line. */
export const tuningArbitrary: fc.Arbitrary<Partial<Tuning>> = fc.record({
  blockBytes: fc.constantFrom(64, 100, 1000, 100_000),
  probeBytes: fc.constantFrom(64, 100, 1000, 100_000),
  reachBytes: fc.constantFrom(1, 50, 1000, 100_000),
  // 0: places are found by time, as in a log too long to read line by line.
  lineByLineBytes: fc.constantFrom(0, 1_000_000),
}, { requiredKeys: [] });

/** Every way to write them. */
export const outputArbitrary: fc.Arbitrary<LogOutput> = fc.oneof(
  fc.record({ format: fc.constant("raw" as const), linePrefix: fc.constantFrom("", "node: ") }),
  fc.record({
    format: fc.constant("text" as const),
    linePrefix: fc.constantFrom("", "node: "),
    timestamps: fc.constant("utc" as const),
  }, { requiredKeys: ["format", "linePrefix"] }),
  fc.constant<LogOutput>({ format: "json", pod: "default/nginx", container: "nginx" }),
);
