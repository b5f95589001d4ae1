/** What the kubelet's polls, and their absence, show. */
import { formatDuration } from "../core/mod.ts";
import { lastPoll, silenceLimitMs } from "../status/mod.ts";
import { pollLimitMs } from "../verdict/mod.ts";
import type { Evidence, Explanation } from "./evidence.ts";

type SilenceKeys = "fetches" | "nowMs" | "limits" | "url";

/** The kubelet polls without the token; undefined if it does not, or was let in since. */
export function tokenWrong(
  evidence: Pick<Evidence, SilenceKeys>,
): Explanation | undefined {
  if (refusedLately(evidence)?.status !== 401) return undefined;
  return {
    code: "token-wrong",
    cause:
      "The kubelet polls, but with no token or a wrong one, and is answered 401; it keeps the pods it has",
    nextStep:
      "Put the token into the kubelet's `staticPodURLHeader`: `podstead kubelet-config` prints it; then restart the kubelet",
  };
}

/** The kubelet polls another URL, by what it is answered or by its own config. */
export function otherUrl(
  evidence: Pick<
    Evidence,
    SilenceKeys | "kubeletConfig" | "kubeletOnDisk" | "kubeletService"
  >,
): Explanation | undefined {
  const { url, fetches, kubeletConfig, kubeletOnDisk, kubeletService, nowMs } = evidence;
  // A kubelet leaves out what is empty (k8s.io/kubelet/config/v1beta1).
  const configured = kubeletConfig !== undefined
    ? kubeletConfig["staticPodURL"] ?? ""
    : kubeletOnDisk === undefined || (kubeletService?.state ?? "active") !== "active"
    ? undefined
    : kubeletOnDisk.staticPodURL ?? "";
  // Without a URL its last poll is one of before it was restarted. What lies on the disk may be
  // newer than the kubelet that runs: only one that was started after its last poll has it.
  const startedMs = kubeletService?.sinceMs ?? -Infinity;
  const polledMs = lastPoll(fetches)?.atMs ?? -Infinity;
  const polls = !(kubeletConfig !== undefined && configured === "") && polledMs > startedMs &&
    nowMs - polledMs <= pollLimitMs(fetches);
  const refused = refusedLately(evidence);
  const elsewhere = !polls && typeof configured === "string" && configured !== url
    ? configured === "" ? "no URL at all" : configured
    : refused?.status === 404 || refused?.status === 421
    ? refused.path ?? "another path or host of this address"
    : undefined;
  if (elsewhere === undefined) return undefined;
  return {
    code: "other-url",
    cause: `The kubelet polls ${elsewhere}, not ${url}`,
    nextStep: `Set \`staticPodURL: ${url}\` in the kubelet's config and restart the kubelet`,
  };
}

/** The last refused poll, if no good one came since and none is expected. */
function refusedLately({ fetches, nowMs }: Pick<Evidence, "fetches" | "nowMs">) {
  const { lastRefused } = fetches;
  const lastGood = lastPoll(fetches);
  if (lastRefused === undefined) return undefined;
  if (lastGood === undefined) return lastRefused;
  if (lastGood.atMs > lastRefused.atMs) return undefined;
  // One request of another program must not make a kubelet that polls look wrong.
  return nowMs - lastGood.atMs <= pollLimitMs(fetches) && fetches.intervalMs !== undefined
    ? undefined
    : lastRefused;
}

/** The explanation of a kubelet that does not poll; undefined if it does. */
export function silent(evidence: Pick<Evidence, SilenceKeys>): Explanation | undefined {
  if (!isSilent(evidence)) return undefined;
  const { fetches, nowMs, url } = evidence;
  const { lastGood } = fetches;
  const silence = formatDuration(nowMs - (lastGood?.atMs ?? fetches.listeningSinceMs));
  return {
    code: "kubelet-not-polling",
    cause: lastGood === undefined
      ? `The kubelet has never fetched the list in the ${silence} that podstead serves it`
      : `The kubelet has not fetched the list for ${silence}`,
    nextStep: `Is it set to \`staticPodURL: ${url}\`? \`podstead doctor\` compares its config`,
  };
}

/** Whether the kubelet has missed several polls, or has never polled though there was time. */
export function isSilent(
  { fetches, nowMs, limits }: Pick<Evidence, SilenceKeys>,
): boolean {
  const lastMs = Math.max(fetches.lastGood?.atMs ?? 0, fetches.listeningSinceMs);
  return nowMs - lastMs > silenceLimitMs(fetches, limits);
}
