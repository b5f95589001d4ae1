/** Keeps a revision of each reload that changes what is served. */
import type { ReloadOutcome, ServedPod } from "../agent/mod.ts";
import { type Revision, type RevisionFile, RevisionStore, sha256Of } from "../change/mod.ts";
import type { ConfigFile, ConfigFs } from "../config/mod.ts";
import { type Clock, errorText, SerialQueue } from "../core/mod.ts";
import type { Logger } from "../os/mod.ts";
import { formatKey } from "../pods/mod.ts";
import { DEFAULT_LIMITS } from "../yaml/mod.ts";

/** Who brought a revision, and why. */
export interface RevisionOrigin {
  /** Such as `apply`, `rollback`; the trigger of the reload if it is left out. */
  readonly trigger?: string;
  readonly callerUid?: number;
  readonly message?: string;
}

/** What recording needs. */
export interface RecorderDeps {
  readonly store: RevisionStore;
  readonly fs: ConfigFs;
  readonly clock: Clock;
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
  #origin: RevisionOrigin = {};

  constructor(deps: RecorderDeps) {
    this.#deps = deps;
  }

  /** Looks which revisions are there from earlier starts. */
  async open(): Promise<void> {
    this.#recorded = (await this.#deps.store.numbers()).at(-1) ?? 0;
  }

  /** Says who brings the next revision. */
  expect(origin: RevisionOrigin): void {
    this.#origin = origin;
  }

  /** Keeps the revision that a reload has made, if it made one; never throws. */
  reloaded(outcome: ReloadOutcome): void {
    const { number, origin } = { number: outcome.revision, origin: this.#origin };
    if (number <= this.#recorded) return;
    this.#recorded = number;
    this.#origin = {};
    const { files, pods } = { files: this.#deps.files(), pods: this.#deps.pods() };
    void this.#queue.run(() => this.#record(outcome, files, pods, origin))
      .catch((error) => {
        this.#recorded = number - 1;
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
    origin: RevisionOrigin,
  ): Promise<void> {
    const { store, keep } = this.#deps;
    const kept = await this.#read(files);
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
    };
    await store.save({ revision, contents: kept.contents });
    await store.prune(keep(), new Set([...this.#deps.protected(), revision.number]));
  }

  /** A file that was edited since it was read is named, but its content is not kept. */
  async #read(files: readonly ConfigFile[]) {
    const contents = new Map<string, Uint8Array>();
    const known: RevisionFile[] = [];
    for (const { path, sha256 } of files) {
      if (sha256 === null) continue;
      const read = await this.#deps.fs.readFile(path, DEFAULT_LIMITS.maxBytes)
        .catch(() => undefined); // it has gone since
      const isSame = read !== undefined && sha256Of(read.bytes) === sha256;
      if (isSame) contents.set(sha256, read.bytes);
      else this.#deps.log.warn("A file changed while its revision was kept", { file: path });
      const { sizeBytes = 0, mode = 0o600, uid = 0, gid = 0 } = read?.after ?? {};
      known.push({ path, sha256, sizeBytes, mode, uid, gid });
    }
    return { contents, files: known };
  }
}

function changeOf(
  change: ReloadOutcome["pods"][number]["change"] | undefined,
): Revision["pods"][number]["change"] {
  return change === "added" || change === "changed" ? change : "unchanged";
}
