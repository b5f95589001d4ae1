/** The revision from which a watch should begin is gone: list, then watch from the list's. */
export class Compacted extends Error {
  override readonly name = "Compacted";
  /** The oldest revision that is there. */
  readonly revision: bigint;

  constructor(revision: bigint) {
    super(`etcd has compacted its history up to revision ${revision}`);
    this.revision = revision;
  }
}
