/** The way from the config to the pods, link by link: each is seen to hold, or it is not. */
import { formatDuration } from "../core/mod.ts";
import { fresh, lastPoll, silenceLimitMs, type StatusInput } from "../status/mod.ts";

/** Every link before the pods, in the order in which they depend on each other. */
export const LINK_NAMES = ["config", "agent", "kubelet", "polls", "runtime"] as const;
export type LinkName = typeof LINK_NAMES[number];

/** What broke a link, and what to do about it. */
export interface LinkCause {
  readonly link: LinkName;
  /** As `explain` names causes: `kubelet-down`, `runtime-down`, … */
  readonly code: string;
  /** One sentence for people. */
  readonly cause: string;
  /** Empty if nothing helps but waiting. */
  readonly nextStep: string;
  /** Since when, in Unix milliseconds; absent if it is not known. */
  readonly sinceMs?: number;
}

/**
 * One link. It `holds` only where it was confirmed within its interval and no
 * cause says otherwise; without either it is `unknown`.
 */
export interface Link {
  readonly name: LinkName;
  readonly state: "holds" | "broken" | "unknown";
  /** In a few words. */
  readonly text: string;
  /** When it was last seen to hold, in Unix milliseconds; absent for never. */
  readonly confirmedMs?: number;
  /** Of a broken link. */
  readonly cause?: LinkCause;
}

/** What links are judged by. */
export interface LinkFacts {
  readonly nowMs: number;
  readonly input: Pick<StatusInput, "fetches" | "kubelet" | "runtime" | "limits">;
  /** The last reload; undefined before the first one. */
  readonly reload:
    | { readonly revision: number; readonly result: string; readonly atMs: number }
    | undefined;
  /** When the kubelet's health endpoint, or systemd, last said that it runs. */
  readonly kubeletSeenMs?: number | undefined;
  /** What is known to be wrong. */
  readonly causes: readonly LinkCause[];
}

/** A kubelet without a known interval is taken to poll as seldom as its default says. */
const DEFAULT_POLL_MS = 20_000;

/** On top of two polls, for one that is on its way on a busy node, in milliseconds. */
const POLL_MARGIN_MS = 2_000;

/**
 * How old the last poll may be and still confirm that the kubelet polls, in
 * milliseconds: two of its polls. Silence beyond it is no alarm yet, but no one
 * can say that all is well.
 */
export function pollLimitMs(
  { intervalMs }: Pick<StatusInput["fetches"], "intervalMs">,
): number {
  return 2 * (intervalMs ?? DEFAULT_POLL_MS) + POLL_MARGIN_MS;
}

/** Judges every link. */
export function judgeLinks(facts: LinkFacts): readonly Link[] {
  return LINK_NAMES.map((name): Link => {
    const cause = facts.causes.find(({ link }) => link === name);
    const { confirmedMs, limitMs, text } = confirmation(name, facts);
    const seen = confirmedMs === undefined ? {} : { confirmedMs };
    if (cause !== undefined) {
      return { name, state: "broken", text: cause.cause, ...seen, cause };
    }
    const confirmed = confirmedMs !== undefined && facts.nowMs - confirmedMs <= limitMs;
    return { name, state: confirmed ? "holds" : "unknown", text, ...seen };
  });
}

interface Confirmation {
  readonly confirmedMs: number | undefined;
  readonly limitMs: number;
  readonly text: string;
}

function confirmation(name: LinkName, facts: LinkFacts): Confirmation {
  const { nowMs, reload, input, kubeletSeenMs } = facts;
  const { fetches, kubelet, runtime, limits } = input;
  switch (name) {
    case "config":
      return {
        confirmedMs: reload?.atMs,
        limitMs: Infinity,
        text: reload === undefined
          ? "not read yet"
          : `revision ${reload.revision}, ${reload.result} ${ago(nowMs, reload.atMs)}`,
      };
    case "agent":
      return { confirmedMs: nowMs, limitMs: 0, text: "answers" };
    case "kubelet": {
      const answered = fresh(kubelet, nowMs, limits.kubeletFreshMs) === undefined
        ? undefined
        : kubelet.atMs;
      const polled = lastPoll(fetches)?.atMs;
      // A poll proves that it runs for as long as the next one is not late.
      const byPoll = polled !== undefined && nowMs - polled <= pollLimitMs(fetches);
      const times = [answered, kubeletSeenMs, byPoll ? polled : undefined]
        .filter((time) => time !== undefined);
      const confirmedMs = times.length === 0 ? undefined : Math.max(...times);
      return {
        confirmedMs,
        limitMs: Math.max(limits.kubeletFreshMs, byPoll ? pollLimitMs(fetches) : 0),
        text: confirmedMs === undefined
          ? "nothing shows that it runs"
          : `runs, seen ${ago(nowMs, confirmedMs)}`,
      };
    }
    case "polls": {
      const { intervalMs, listeningSinceMs } = fetches;
      const lastGood = lastPoll(fetches);
      const often = intervalMs === undefined ? "" : `, every ${formatDuration(intervalMs)}`;
      return {
        confirmedMs: lastGood?.atMs,
        limitMs: Math.min(pollLimitMs(fetches), silenceLimitMs(fetches, limits)),
        text: lastGood === undefined && fetches.lastGood !== undefined
          ? `no poll since the kubelet went away ${ago(nowMs, fetches.goneMs ?? nowMs)}`
          : lastGood === undefined
          ? `no poll in the ${formatDuration(nowMs - listeningSinceMs)} since podstead serves`
          : `polled ${ago(nowMs, lastGood.atMs)}${often}`,
      };
    }
    case "runtime": {
      const value = fresh(runtime, nowMs, limits.runtimeFreshMs);
      return {
        confirmedMs: value === undefined && runtime.failure !== undefined
          ? undefined
          : runtime.atMs,
        limitMs: limits.runtimeFreshMs,
        text: runtime.failure?.message ??
          (runtime.atMs === undefined ? "not asked yet" : `answered ${ago(nowMs, runtime.atMs)}`),
      };
    }
  }
}

function ago(nowMs: number, atMs: number): string {
  const agoMs = Math.max(0, nowMs - atMs);
  return agoMs < 1_000 ? "just now" : `${formatDuration(agoMs)} ago`;
}
