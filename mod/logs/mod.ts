/**
 * Container logs as the kubelet and the runtime leave them on disk: CRI format,
 * rotation, compression, restarts. Knows nothing of the runtime's API: it is
 * given a path, and a function that says whether the container still runs.
 */
export {
  type AttemptState,
  followAttempts,
  type FollowAttemptsOptions,
  followAttemptsTimed,
} from "./attempts.ts";
export { listLoggedAttempts, type LoggedAttempt, POD_LOGS_DIRECTORY } from "./folder.ts";
export type { FollowOptions } from "./follow.ts";
export { type LogLine, type LogStream, parseLine } from "./line.ts";
export { mergeByTime } from "./merge.ts";
export { type AttemptEnded, formatNotice, type LogNotice } from "./notice.ts";
export { readLog, type ReadLogOptions, readTimedLog, type TimedBatch } from "./read_log.ts";
export { compilePattern, type LogPattern } from "./pattern.ts";
export { DISORDER_NS, type LogSelection } from "./selection.ts";
export type { TimedMark } from "./sink.ts";
export {
  attemptOf,
  listAttempts,
  livePath,
  type LogFile,
  logFiles,
  type LogSource,
  logSourceAt,
  logSourceOf,
} from "./source.ts";
export { logStream } from "./stream.ts";
export { formatTime, msToNs, nsToMs, parseTime, parseWhen, type TimeZone } from "./time.ts";
export { DEFAULT_TUNING, type Tuning } from "./tuning.ts";
export { LOG_LINE_MEMBERS, type LogOutput } from "./writer.ts";
