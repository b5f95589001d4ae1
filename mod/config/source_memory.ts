/** What earlier loads of a config read, so that a file that did not change is not read again. */
import { type Clock, type Problem, stepByStep } from "../core/mod.ts";
import { type FileFacts, isSameContent } from "../os/mod.ts";
import { ReadItems } from "../yaml/mod.ts";
import { type FileRole, type ParsedFile, sortSteps } from "./documents.ts";
import { type ConfigFs, scanConfigFile } from "./files.ts";
import { RestMemory } from "./rest.ts";

/** A file as it was read. */
export interface LoadedFile {
  readonly path: string;
  readonly sha256: string | null;
  readonly failed: boolean;
  /** There is no such file. */
  readonly gone: boolean;
  /** Undefined if it could not be read. */
  readonly parsed: ParsedFile | undefined;
  /** Undefined if it could not be read. */
  readonly facts: FileFacts | undefined;
  readonly problems: readonly Problem[];
}

/**
 * How long ago a file must have been written for its times to tell that it is the
 * same, in milliseconds: the kernel's own clock for them ticks every 1 to 10 ms.
 */
const TIMES_TELL_MS = 100;

/** A file written this recently is looked at once more: writers pause for less between parts. */
const SETTLE_MS = 25;

/** Below this size a file is read within a millisecond, in bytes. */
const MANY_BYTES = 16 * 1024;

/** Reads files and remembers them. */
export class SourceMemory {
  readonly #files = new Map<string, LoadedFile & { readonly role: FileRole }>();
  /** Of files that are large enough to have many pods. */
  readonly #items = new Map<string, ReadItems>();
  readonly #rest: RestMemory;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#rest = new RestMemory(clock);
  }

  /** Reads a file, or knows that it is as it was. */
  async load(path: string, role: FileRole, fs: ConfigFs): Promise<LoadedFile> {
    const known = this.#files.get(path);
    const facts = await fs.stat(path).catch(() => undefined); // reading it says why
    if (facts !== undefined && known?.facts !== undefined && known.role === role) {
      if (isSameContent(facts, known.facts)) return known;
    }
    const loaded = await read(
      path,
      role,
      fs,
      this.#clock,
      facts?.sizeBytes,
      this.#itemsOf(path, facts),
    );
    if (loaded.facts !== undefined && this.#ageMs(loaded.facts) >= TIMES_TELL_MS) {
      this.#files.set(path, { ...loaded, role });
    } else this.#files.delete(path);
    return loaded;
  }

  #itemsOf(path: string, facts: FileFacts | undefined): ReadItems | undefined {
    if (facts === undefined || facts.sizeBytes < MANY_BYTES) {
      this.#items.delete(path);
      return undefined;
    }
    const items = this.#items.get(path) ?? new ReadItems();
    this.#items.set(path, items);
    return items;
  }

  /** For how long a file or directory must rest yet, in milliseconds; see `REST_MS`. */
  restMs(path: string, facts: Pick<FileFacts, "mtimeMs">): number {
    return this.#rest.restMs(path, facts);
  }

  /**
   * Waits until the files have not been written for a moment.
   *
   * @param meanwhile called if that takes time, with a signal that aborts when they have changed;
   * it is waited for, and that it fails does not matter
   * @returns whether they are as they were read
   */
  async isSettled(
    files: readonly LoadedFile[],
    fs: ConfigFs,
    meanwhile: (changed: AbortSignal) => Promise<void> = () => Promise.resolve(),
  ): Promise<boolean> {
    const young = files.filter(({ facts }) =>
      facts !== undefined && this.#ageMs(facts) >= 0 && this.#ageMs(facts) < SETTLE_MS
    );
    if (young.length === 0) return true;
    const changed = new AbortController();
    const done = meanwhile(changed.signal).catch(() => undefined); // the same is done again, and tells
    const isSame = await this.#areSameAtRest(young, fs);
    if (!isSame) changed.abort();
    await done;
    return isSame;
  }

  async #areSameAtRest(young: readonly LoadedFile[], fs: ConfigFs): Promise<boolean> {
    const ages = young.map(({ facts }) => facts === undefined ? SETTLE_MS : this.#ageMs(facts));
    await this.#clock.sleep(Math.max(0, SETTLE_MS - Math.min(...ages)));
    const same = await Promise.all(young.map(async ({ path, facts }) => {
      const now = await fs.stat(path).catch(() => undefined); // it has gone
      return now !== undefined && facts !== undefined && isSameContent(now, facts);
    }));
    return same.every(Boolean);
  }

  #ageMs({ mtimeMs }: FileFacts): number {
    return this.#clock.now() - mtimeMs;
  }
}

async function read(
  path: string,
  role: FileRole,
  fs: ConfigFs,
  clock: Clock,
  sizeBytes: number | undefined,
  items: ReadItems | undefined,
): Promise<LoadedFile> {
  const result = await scanConfigFile(path, sizeBytes, fs, clock, items);
  if (!result.ok) {
    return {
      path,
      sha256: result.sha256,
      failed: true,
      gone: result.gone,
      parsed: undefined,
      facts: undefined,
      problems: [result.problem],
    };
  }
  const parsed = await stepByStep(sortSteps(result.yaml, path, role));
  return {
    path,
    sha256: result.sha256,
    failed: parsed.problems.some((problem) => problem.severity === "error"),
    gone: false,
    parsed,
    facts: result.facts,
    problems: parsed.problems,
  };
}
