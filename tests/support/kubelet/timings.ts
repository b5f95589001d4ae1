/** A time drawn anew each time from a range, in milliseconds. */
export type Range = readonly [fromMs: number, toMs: number];

/** How long the kubelet takes for what. Milliseconds. */
export interface Timings {
  /** From the poll that brought a pod to the start of its sandbox. A pod runs 0.5–1.1 s after the poll. */
  readonly startDelay: Range;
  /** The wait of a pod whose name is still taken, times 1 to 1.5 (kubelet: `backOffPeriod`, jitter 0.5). */
  readonly backOff: number;
  /** How often waiting pods are looked at again. */
  readonly syncTick: number;
  /** How often the runtime is listed. */
  readonly relist: number;
  /** How often left-over pods are looked for. */
  readonly housekeeping: number;
  /** From a pod's last container's end until its name is free for its successor; mostly in the first half. */
  readonly nameRelease: Range;
  /** From the same moment until its directory is removed; not in step with the name. */
  readonly directoryRemoval: Range;
  /** From the same moment until it is gone from `/runningpods/`; never before the name is free. */
  readonly runningPodsRemoval: Range;
  /** First wait of a crashing container; doubles, up to `backOffMax`, forgotten after twice that. */
  readonly crashBackOff: number;
  /** The same for an image that cannot be pulled. */
  readonly imageBackOff: number;
  readonly backOffMax: number;
  /** How often sandboxes and logs of removed pods are cleared away. */
  readonly garbage: number;
  /** A second of a probe's declared times. */
  readonly probeSecond: number;
}

/**
 * The times of kubelet 1.36.2 as measured (facts on change and removal): after
 * a container's end its successor was refused at +0 s in 6 of 6, at +0.3 s in
 * 2 of 4, at the removal of its directory (1.0–1.3 s after the poll) in 1 of 3,
 * and at +1.0 s or when gone from `/runningpods/` (1.0–2.2 s) in none; at a poll
 * of 1 s, which comes 0.6–0.9 s after that end, in 1 of 16.
 */
export const REAL_TIMINGS: Timings = {
  startDelay: [250, 650],
  backOff: 10_000,
  syncTick: 1000,
  relist: 1000,
  housekeeping: 2000,
  nameRelease: [200, 950],
  directoryRemoval: [700, 1000],
  runningPodsRemoval: [700, 1850],
  crashBackOff: 10_000,
  imageBackOff: 10_000,
  backOffMax: 300_000,
  garbage: 60_000,
  probeSecond: 1000,
};

/**
 * The same times, shorter or longer, for tests that need not wait.
 *
 * @param factor of everything but what `crashFactor` scales
 * @param crashFactor of the back-off of crashing containers and failing pulls
 */
export function scaleTimings(factor: number, crashFactor: number = factor): Timings {
  const range = ([from, to]: Range): Range => [from * factor, to * factor];
  const real = REAL_TIMINGS;
  return {
    startDelay: range(real.startDelay),
    backOff: real.backOff * factor,
    syncTick: real.syncTick * factor,
    // Not below this: a listing costs the runtime, and tests share a small machine.
    relist: Math.max(200, real.relist * factor),
    housekeeping: Math.max(200, real.housekeeping * factor),
    nameRelease: range(real.nameRelease),
    directoryRemoval: range(real.directoryRemoval),
    runningPodsRemoval: range(real.runningPodsRemoval),
    crashBackOff: real.crashBackOff * crashFactor,
    imageBackOff: real.imageBackOff * crashFactor,
    backOffMax: real.backOffMax * crashFactor,
    garbage: Math.max(1000, real.garbage * factor),
    probeSecond: Math.max(100, real.probeSecond * factor),
  };
}
