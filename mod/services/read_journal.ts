/** The journal of a systemd unit, by the machine's own `journalctl`. */
import { Buffer } from "node:buffer";
import { PodsteadError } from "../core/mod.ts";
import { compilePattern, type LogSelection } from "../logs/mod.ts";
import { type Command, type CommandEnd, RunningCommand } from "./running_command.ts";
import {
  ENTRY_FIELDS,
  formatJournalEntry,
  type JournalEntry,
  type JournalOutput,
  parseJournalEntry,
} from "./entry.ts";
import { requireUnit } from "./list.ts";
import { unitName } from "./unit_name.ts";

/** As for containers, but a unit has no separate streams. Each entry of the journal is one line. */
export type JournalSelection = Omit<LogSelection, "stream">;

/** How to read a journal. */
export interface ReadJournalOptions {
  readonly selection?: JournalSelection;
  /** Raw without a prefix if not set. */
  readonly output?: JournalOutput;
  /** Continues with later entries until the signal aborts, which ends a pending `next()` too. */
  readonly follow?: boolean;
  /** Ends the reading, quietly. */
  readonly signal?: AbortSignal;
  /** The real one if not set. */
  readonly journalctl?: Command;
}

/** Entries that come at once are handed on together, up to this size. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Reads the journal of units: `kubelet`, `containerd`, `podstead`, or any
 * other; of several in the order of time. Read as it is asked for; journalctl
 * waits meanwhile.
 *
 * @returns chunks of whole lines, ready to be written.
 * @throws {UsageError} for a name or a pattern that is invalid.
 * @throws {PodsteadError} `not-found` where there is no journal, no journalctl,
 * or nothing in it of that unit (said only of an unfiltered reading that does
 * not follow); `permission` where it may not be read.
 */
export async function* readJournal(
  names: readonly string[],
  options: ReadJournalOptions = {},
): AsyncGenerator<Uint8Array> {
  const units = names.map(unitName);
  const { selection = {}, output = { format: "raw" }, signal } = options;
  let left = selection.limitBytes ?? Infinity;
  let chunk: Buffer[] = [];
  let chunkBytes = 0;
  const take = () => {
    const bytes = Buffer.concat(chunk);
    chunk = [];
    chunkBytes = 0;
    left -= bytes.length;
    return left < 0 ? bytes.subarray(0, bytes.length + left) : bytes;
  };
  const reader = new JournalReader(units, options, await matcherOf(selection));
  for await (const entry of reader.entries()) {
    if (signal?.aborted === true) return;
    if (entry !== undefined) {
      const bytes = formatJournalEntry(entry, units.join(" "), output);
      chunk.push(bytes);
      chunkBytes += bytes.length;
    }
    // An undefined entry says that the next one may take its time.
    if (chunkBytes > 0 && (entry === undefined || chunkBytes >= Math.min(CHUNK_BYTES, left))) {
      yield take();
      if (left <= 0) return;
    }
  }
  if (chunkBytes > 0) yield take();
}

class JournalReader {
  readonly #units: readonly string[];
  readonly #options: ReadJournalOptions;
  readonly #selection: JournalSelection;
  readonly #matches: (entry: JournalEntry) => boolean;

  constructor(
    units: readonly string[],
    options: ReadJournalOptions,
    matches: (entry: JournalEntry) => boolean,
  ) {
    this.#units = units;
    this.#options = options;
    this.#selection = options.selection ?? {};
    this.#matches = matches;
  }

  /** The selected entries, and undefined if the next has not come yet. */
  async *entries(): AsyncGenerator<JournalEntry | undefined> {
    const { tail } = this.#selection;
    if (tail === undefined) {
      if (this.#options.follow === true) await this.#checkAccess();
      return yield* this.#filtered(["--no-tail"], this.#options.follow);
    }
    // Backwards, until there are enough: journalctl's own count knows nothing of our filters.
    const last: JournalEntry[] = [];
    let newest: JournalEntry | undefined;
    if (tail > 0 || this.#options.follow === true) {
      for await (const entry of this.#run(["--reverse"], false)) {
        if (entry === undefined) continue;
        newest ??= entry;
        if (tail > 0 && this.#matches(entry)) last.unshift(entry);
        if (last.length >= tail) break;
      }
    }
    yield* last;
    if (this.#options.follow !== true) return;
    yield undefined;
    const from = newest === undefined ? [] : [`--after-cursor=${newest.cursor}`];
    yield* this.#filtered(["--no-tail", ...from], true);
  }

  async *#filtered(
    args: readonly string[],
    follow = false,
  ): AsyncGenerator<JournalEntry | undefined> {
    for await (const entry of this.#run(args, follow)) {
      if (entry === undefined || this.#matches(entry)) yield entry;
    }
  }

  async *#run(args: readonly string[], follow: boolean): AsyncGenerator<JournalEntry | undefined> {
    const { journalctl = ["journalctl"], signal } = this.#options;
    const { sinceNs, untilNs } = this.#selection;
    const running = new RunningCommand(journalctl, [
      "--no-pager",
      "--output=json",
      // Without it, long fields are left out.
      "--all",
      `--output-fields=${ENTRY_FIELDS}`,
      ...this.#units.map((unit) => `--unit=${unit}`),
      ...(sinceNs === undefined ? [] : [`--since=@${secondsOf(sinceNs)}`]),
      ...(untilNs === undefined ? [] : [`--until=@${secondsOf(untilNs)}`]),
      ...(follow ? ["--follow"] : []),
      ...args.filter((argument) => follow || argument !== "--no-tail"),
    ], signal);
    let found = false;
    try {
      for await (const line of withPauses(running.lines())) {
        const entry = line === undefined ? undefined : parseJournalEntry(line);
        if (line !== undefined && entry === undefined) continue;
        found ||= entry !== undefined;
        yield entry;
      }
      const end = await this.#endOf(running);
      if (signal?.aborted === true) return;
      if (end.exitCode !== 0) throw failure(this.#action, end);
      if (!found && !follow) await this.#explainNothing();
    } finally {
      running.close();
    }
  }

  get #action(): string {
    return `Cannot read the journal of "${this.#units.join(" ")}"`;
  }

  async #endOf(running: RunningCommand): Promise<CommandEnd> {
    try {
      return await running.end();
    } catch (error) {
      throw new PodsteadError("not-found", `${this.#action}: this machine has no journalctl`, {
        cause: error,
        hint: "It does not run systemd, so the service logs where its own configuration says",
      });
    }
  }

  /** Nothing was found: because there is no journal, or it may not be read, or it has nothing. */
  async #explainNothing(): Promise<void> {
    await this.#checkAccess();
    const { sinceNs, untilNs, tail, grep } = this.#selection;
    const isFiltered = sinceNs !== undefined || untilNs !== undefined || grep !== undefined;
    if (isFiltered || tail === 0 || this.#options.follow === true) return;
    for (const unit of this.#units) await requireUnit(unit);
    throw new PodsteadError("not-found", `${this.#action}: it has no entry of it`, {
      hint: "See podstead services for the units of this node, or systemctl list-units for all",
    });
  }

  /** journalctl says what it cannot read, but not while it writes JSON. */
  async #checkAccess(): Promise<void> {
    const { journalctl = ["journalctl"], signal } = this.#options;
    const running = new RunningCommand(journalctl, ["--no-pager", "--disk-usage"], signal);
    try {
      for await (const _ of running.lines()) { /* The size is of no interest. */ }
      const { stderr } = await this.#endOf(running);
      if (CANNOT_SEE.test(stderr)) throw permissionError(this.#action);
      if (/No journal files were/.test(stderr)) {
        throw new PodsteadError("not-found", `${this.#action}: this machine keeps no journal`, {
          hint: "systemd-journald does not run, or journald.conf says Storage=none; " +
            "the service may log to a file of its own",
        });
      }
    } finally {
      running.close();
    }
  }
}

/** What journalctl says when files are there that it may not read. */
const CANNOT_SEE =
  /insufficient permissions|[Pp]ermission denied|not seeing messages from other users/;

function permissionError(action: string): PodsteadError {
  return new PodsteadError("permission", `${action}: permission denied`, {
    hint: "Run it as root, or as a member of the group systemd-journal",
  });
}

function failure(action: string, { stderr, exitCode }: CommandEnd): PodsteadError {
  if (CANNOT_SEE.test(stderr)) return permissionError(action);
  const reason = stderr.trim().split("\n").at(-1) ?? "";
  return new PodsteadError(
    "failed",
    `${action}: ${reason === "" ? `journalctl ended with ${exitCode ?? "a signal"}` : reason}`,
  );
}

/** Passes lines on, and undefined once whenever the next line is not there yet. */
async function* withPauses(lines: AsyncGenerator<string>): AsyncGenerator<string | undefined> {
  const pause = Symbol("pause");
  try {
    while (true) {
      const next = lines.next();
      const first = await Promise.race([
        next,
        // Behind everything that is ready already.
        new Promise<typeof pause>((resolve) => setImmediate(() => resolve(pause))),
      ]);
      if (first === pause) yield undefined;
      const { done, value } = await next;
      if (done === true) return;
      yield value;
    }
  } finally {
    // Not awaited: a line that is still waited for comes to an end with the program only.
    lines.return(undefined).catch(() => undefined);
  }
}

/** Seconds since the epoch with microseconds, as journalctl takes them. */
function secondsOf(timeNs: bigint): string {
  const us = timeNs / 1000n;
  return `${us / 1_000_000n}.${(us % 1_000_000n).toString().padStart(6, "0")}`;
}

async function matcherOf(
  selection: JournalSelection,
): Promise<(entry: JournalEntry) => boolean> {
  const { sinceNs, untilNs, grep } = selection;
  const pattern = grep === undefined ? undefined : await compilePattern(grep);
  return (entry) =>
    (sinceNs === undefined || entry.timeNs >= sinceNs) &&
    (untilNs === undefined || entry.timeNs < untilNs) &&
    (pattern === undefined || pattern.selects(entry.message));
}

/** The last lines of a service's journal, oldest first; empty if it cannot be read. */
export async function journalTail(
  service: string,
  count: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const chunks: Uint8Array[] = [];
  try {
    const selection = { tail: count };
    for await (const chunk of readJournal([service], { selection, signal })) chunks.push(chunk);
  } catch {
    // A tail can do without it.
  }
  return Buffer.concat(chunks).toString("utf8").split("\n").slice(0, -1);
}
