/** Whether the kubelet has reached its API server since it was started, by what it logs at any verbosity. */
import { isRecent, klogValue } from "./klog_time.ts";

/** Said again and again, at most 7 s apart, until it has been registered once. */
const UNREGISTERED = /"Unable to register node with API server[^"]*" err="/;

/** Said once; pods of the API server are not asked for before the second one. */
const WAITS = "Waiting for node sync before watching apiserver pods";
const WATCHES = '"Watching apiserver"';

/**
 * What a kubelet says that was (re)started while its API server was away, and
 * that has not reached it since: until then it ends no pod of any source. That
 * it does not end one (`skipping delete because sources aren't ready yet`) it
 * says only at `--v=2`.
 *
 * Source: kubernetes pkg/kubelet/kubelet_node_status.go, config/apiserver.go (1.36.2).
 *
 * @param log the end of its journal
 * @returns undefined if it has reached it, has none, or does not say
 */
export function apiServerUnseen(log: readonly string[], nowMs: number): string | undefined {
  const waits = log.findLastIndex((line) => line.includes(WAITS));
  const watches = log.findLastIndex((line) => line.includes(WATCHES));
  const refused = log.findLastIndex((line) => UNREGISTERED.test(line));
  const line = log[refused];
  if (line !== undefined && refused > watches && isRecent(line, nowMs)) {
    return `it cannot register with its API server: ${klogValue(line, "err") ?? ""}`;
  }
  return waits > watches ? "it waits for its API server since it was started" : undefined;
}
