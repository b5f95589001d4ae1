/** The revisions of a node, for people to look at. */
import type { Revision, RevisionStore } from "../change/mod.ts";
import { sha256Of } from "../change/mod.ts";
import type { ConfigFs, LoadedConfig } from "../config/mod.ts";
import { errorText, type JsonObject } from "../core/mod.ts";
import { podsIn, readSources } from "./sources.ts";

/** A revision, and whether it is the one that is served. */
export interface HistoryEntry extends Revision {
  readonly current: boolean;
  /** Why nothing more of it is known; absent for one that can be read. */
  readonly damage?: string;
}

/** The files of a revision, or of the disk, with the pods that they declare. */
export interface RevisionContent {
  readonly files: readonly {
    readonly path: string;
    readonly text: string;
    readonly sha256: string;
  }[];
  readonly pods: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly file: string;
    readonly pod: JsonObject;
  }[];
}

/** What the history is read from. */
export interface HistoryDeps {
  readonly store: RevisionStore;
  readonly fs: ConfigFs;
  readonly load: (fs: ConfigFs) => Promise<LoadedConfig>;
  /** The number of the revision that is served. */
  readonly current: () => number;
}

/** Reads revisions. */
export class ChangeHistory {
  readonly #deps: HistoryDeps;

  constructor(deps: HistoryDeps) {
    this.#deps = deps;
  }

  /** Every revision, newest first; of a damaged one no more than that it is. */
  async list(): Promise<readonly HistoryEntry[]> {
    const { store } = this.#deps;
    const current = this.#deps.current();
    const entries: HistoryEntry[] = [];
    for (const number of await store.numbers()) {
      const revision = await store.read(number).catch((error) => this.#damaged(number, error));
      if (revision !== undefined) entries.push({ ...revision, current: number === current });
    }
    return entries.reverse();
  }

  /** @returns undefined for one that has just gone */
  async #damaged(
    number: number,
    error: unknown,
  ): Promise<Omit<HistoryEntry, "current"> | undefined> {
    const at = await this.#deps.store.writtenAt(number).catch(() => undefined);
    if (at === undefined) return undefined;
    const damage = errorText(error);
    return { number, at, trigger: "unknown", result: "damaged", damage, files: [], pods: [] };
  }

  /**
   * The files of one revision; without a number, those on disk now.
   *
   * @throws {PodsteadError} if there is no such revision, or it is damaged
   */
  async files(number?: number): Promise<RevisionContent> {
    const files = number === undefined ? await this.#now() : await this.#of(number);
    const pods = files.flatMap(({ path, text }) =>
      podsIn(path, text).map(({ namespace, name, pod }) => ({ namespace, name, file: path, pod }))
    );
    return { files, pods };
  }

  async #now(): Promise<RevisionContent["files"]> {
    const { fs, load } = this.#deps;
    const files = await readSources(await load(fs), fs);
    return files.map(({ path, text, bytes }) => ({ path, text, sha256: sha256Of(bytes) }));
  }

  async #of(number: number): Promise<RevisionContent["files"]> {
    const { store } = this.#deps;
    const { files } = await store.read(number);
    return await Promise.all(files.map(async ({ path, sha256 }) => ({
      path,
      sha256,
      text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(await store.content(sha256)),
    })));
  }
}
