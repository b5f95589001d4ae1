/** Sizes that decide how quickly a log is read, never what is read. */
export interface Tuning {
  /** Read at once. A line longer than this is handled in pieces. */
  readonly blockBytes: number;
  /** Read at once while searching: some dozen lines, so that one read mostly finds one with a time. */
  readonly probeBytes: number;
  /** How far before the end the first guess of where a tail begins is, at least. */
  readonly reachBytes: number;
  /** A log up to this is read line by line for its times; of a longer one samples must do. */
  readonly lineByLineBytes: number;
  /** A line longer than this is written while it still comes, where nothing must be known of its end. */
  readonly spillBytes: number;
}

/** Measured on 1 GiB of web server log: smaller blocks cost calls, larger ones leave the cache. */
export const DEFAULT_TUNING: Tuning = {
  blockBytes: 256 * 1024,
  probeBytes: 8 * 1024,
  reachBytes: 16 * 1024,
  // More than a kubelet leaves of a container by default: five files of 10 MiB.
  lineByLineBytes: 64 * 1024 * 1024,
  spillBytes: 1024 * 1024,
};
