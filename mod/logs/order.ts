/** Whether the times of a log go forward: a clock that was set back makes finding places by time wrong. */
import { firstTime, nextTimed } from "./search.ts";
import type { Segment } from "./segment.ts";
import { DISORDER_NS } from "./selection.ts";

/** How much a compressed file may hold, by experience with logs. */
const COMPRESSION = 10;
/** Places that are looked at in a long log: a few milliseconds. */
const SAMPLES = 128;

/**
 * Whether places can be found by time. A log of ordinary size is never taken for
 * ordered: reading all its lines is quick, and exact whatever the clock did. Of a longer
 * one some places are looked at, which sees a step back that lasts.
 */
export async function isOrdered(segments: readonly Segment[]): Promise<boolean> {
  const sizes = segments.map(({ compressed, sizeBytes }) =>
    compressed ? sizeBytes * COMPRESSION : sizeBytes
  );
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  const limit = segments[0]?.tuning.lineByLineBytes ?? 0;
  if (totalBytes <= limit) return false;
  const stepBytes = Math.ceil(totalBytes / SAMPLES);
  let latestNs: bigint | undefined;
  for (const segment of segments) {
    for (const timeNs of await sample(segment, stepBytes)) {
      if (latestNs !== undefined && timeNs < latestNs - DISORDER_NS) return false;
      if (latestNs === undefined || timeNs > latestNs) latestNs = timeNs;
    }
  }
  return true;
}

async function sample(segment: Segment, stepBytes: number): Promise<readonly bigint[]> {
  const times: (bigint | undefined)[] = [await firstTime(segment)];
  if (!segment.compressed) {
    for (let offset = stepBytes; offset < segment.sizeBytes; offset += stepBytes) {
      times.push((await nextTimed(segment, offset, segment.sizeBytes))?.timeNs);
    }
  }
  return times.filter((timeNs) => timeNs !== undefined);
}
