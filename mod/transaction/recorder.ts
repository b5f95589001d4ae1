/** Keeps a revision of each reload that changes what is served. */
import type { ReloadOrigin, ReloadOutcome, ServedPod } from "../agent/mod.ts";
import {
  type Revision,
  type RevisionFile,
  type RevisionObject,
  RevisionStore,
  sha256Of,
} from "../change/mod.ts";
import type { ConfigFile, ConfigFs } from "../config/mod.ts";
import { errorText, SerialQueue } from "../core/mod.ts";
import type { Logger } from "../os/mod.ts";
import { formatKey, objectKey } from "../pods/mod.ts";
import { DEFAULT_LIMITS } from "../yaml/mod.ts";

/** What recording needs. */
export interface RecorderDeps {
  readonly store: RevisionStore;
  readonly fs: ConfigFs;
  readonly log: Logger;
  /** How many revisions are kept. */
  readonly keep: () => number;
  /** The revisions that must stay, such as the way back of a trial. */
  readonly protected: () => ReadonlySet<number>;
  /** The files of the last reload. */
  readonly files: () => readonly ConfigFile[];
  /** The pods that are served now, or are meant to be. */
  readonly pods: () => readonly ServedPod[];
}

/** Records one revision after the other, in order. */
export class RevisionRecorder {
  readonly #deps: RecorderDeps;
  readonly #queue = new SerialQueue();
  #recorded = 0;
  /** The files of the last revision that was kept. */
  #files = "";

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
  }

  /** Looks which revisions are there from earlier starts. */
  async open(): Promise<void> {
    this.#recorded = (await this.#deps.store.numbers()).at(-1) ?? 0;
  }

  /**
   * Keeps the revision that a reload has made; never throws. A reload that changes files but
   * nothing of what is served (a comment, a setting) renews the files of the revision that
   * stays, unless a trial may go back to it. Files that declare something else than what is
   * served (a refused pod, one that waits for its image) are not those of that revision.
   */
  reloaded(outcome: ReloadOutcome, origin: ReloadOrigin = {}): void {
    const number = outcome.revision;
    const isNew = number > this.#recorded;
    const files = this.#deps.files();
    const known = fingerprintOf(files);
    const isEdited = known !== this.#files && isWhole(files) &&
      outcome.result === "unchanged" && outcome.lookAgainMs === undefined;
    if (!isNew && (!isEdited || number === 0 || this.#deps.protected().has(number))) return;
    this.#recorded = number;
    this.#files = known;
    const pods = this.#deps.pods();
    const keep = isNew
      ? () => this.#record(outcome, files, pods, origin)
      : () => this.#renew(number, files, withheldIn(outcome));
    void this.#queue.run(keep).catch((error) => {
      if (isNew) this.#recorded = number - 1;
      this.#deps.log.error("Cannot keep the revision", { error: errorText(error) });
    });
  }

  /** Resolves when everything that was asked for is on disk. */
  async settled(): Promise<void> {
    await this.#queue.run(() => Promise.resolve());
  }

  async #record(
    outcome: ReloadOutcome,
    files: readonly ConfigFile[],
    served: readonly ServedPod[],
    origin: ReloadOrigin,
  ): Promise<void> {
    const { store, keep } = this.#deps;
    const kept = await this.#read(files, withheldIn(outcome));
    const changes = new Map(outcome.pods.map((pod) => [formatKey(pod), pod.change]));
    const removed = outcome.pods.filter(({ change }) => change === "removed");
    const revision: Revision = {
      number: outcome.revision,
      at: outcome.at,
      trigger: origin.trigger ?? outcome.trigger,
      ...(origin.callerUid === undefined ? {} : { callerUid: origin.callerUid }),
      ...(origin.message === undefined ? {} : { message: origin.message }),
      result: outcome.result,
      files: kept.files,
      pods: [
        ...served.map((pod) => ({
          key: formatKey(pod),
          hash: pod.hash,
          change: changeOf(changes.get(formatKey(pod))),
        })),
        ...removed.map((pod) => ({
          key: formatKey(pod),
          hash: pod.hash,
          change: "removed" as const,
        })),
      ],
      ...objectsOf(outcome),
    };
    await store.save({ revision, contents: kept.contents });
    await store.prune(keep(), new Set([...this.#deps.protected(), revision.number]));
  }

  async #renew(
    number: number,
    files: readonly ConfigFile[],
    withheld: ReadonlySet<string>,
  ): Promise<void> {
    const { store } = this.#deps;
    const revision = await store.read(number);
    const kept = await this.#read(files, withheld);
    await store.save({ revision: { ...revision, files: kept.files }, contents: kept.contents });
  }

  /** A file that was edited since it was read, or is withheld, is named, but its content not kept. */
  async #read(files: readonly ConfigFile[], withheld: ReadonlySet<string>) {
    const contents = new Map<string, Uint8Array>();
    const known: RevisionFile[] = [];
    for (const { path, sha256 } of files) {
      if (sha256 === null) continue;
      const read = await this.#deps.fs.readFile(path, DEFAULT_LIMITS.maxBytes)
        .catch(() => undefined); // it has gone since
      const isSame = read !== undefined && sha256Of(read.bytes) === sha256;
      if (isSame && !withheld.has(path)) contents.set(sha256, read.bytes);
      else if (!isSame) {
        this.#deps.log.warn("A file changed while its revision was kept", { file: path });
      }
      const { sizeBytes = 0, mode = 0o600, uid = 0, gid = 0 } = read?.after ?? {};
      known.push({ path, sha256, sizeBytes, mode, uid, gid });
    }
    return { contents, files: known };
  }
}

function objectsOf({ objects = [] }: ReloadOutcome): Pick<Revision, "objects"> {
  const changed = objects.flatMap((object): readonly RevisionObject[] => {
    const { change } = object;
    return change === "unchanged" ? [] : [{ key: objectKey(object), change }];
  });
  return changed.length === 0 ? {} : { objects: changed };
}

function changeOf(
  change: ReloadOutcome["pods"][number]["change"] | undefined,
): Revision["pods"][number]["change"] {
  return change === "added" || change === "changed" ? change : "unchanged";
}

/** The files with plain values of Secrets on a node that wants them sealed at rest. */
function withheldIn({ problems }: ReloadOutcome): ReadonlySet<string> {
  return new Set(problems.filter(({ code }) => code === "plain-secret").map(({ file }) => file));
}

/** Whether every file could be read: otherwise what was declared before is the truth. */
function isWhole(files: readonly ConfigFile[]): boolean {
  return files.length > 0 && files.every(({ state }) => state !== "failed");
}

function fingerprintOf(files: readonly ConfigFile[]): string {
  return files.map(({ path, sha256 }) => `${path} ${sha256}`).join("\n");
}
