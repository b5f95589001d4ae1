import { formatDuration } from "../core/mod.ts";
import type { Evidence, Explanation } from "./evidence.ts";
import { factsOf, lastEnd } from "./facts.ts";
import { CONTAINER_RULES } from "./rules_container.ts";
import { fetchedAtMs } from "../status/mod.ts";
import { atPort, otherPort } from "./kubelet_down.ts";
import { silent } from "./polls.ts";
import { DELIVERY_RULES, type Rule } from "./rules_delivery.ts";

/**
 * The likely cause of a pod's state, in plain words, and the next step.
 *
 * The first rule of the table that holds: those of podstead and of the way to
 * the kubelet before those of the pod's own containers, because nothing can be
 * said of containers that belong to another version.
 */
export function explain(evidence: Evidence): Explanation {
  const facts = factsOf(evidence);
  for (const rule of [...DELIVERY_RULES, ...CONTAINER_RULES, ...CLOSING_RULES]) {
    const found = rule(facts);
    if (found !== undefined) return found;
  }
  return {
    code: "unknown",
    cause: `Nothing that podstead can see explains the state of ${facts.pod}`,
    nextStep: "See what the kubelet says: `journalctl -u kubelet`",
  };
}

/** What is left when no other cause was found. */
const CLOSING_RULES: readonly Rule[] = [
  function orphaned({ evidence: { row }, pod }) {
    if (row.drift !== "Orphaned") return undefined;
    if (row.ending) {
      return {
        code: "on-its-way",
        cause: `${pod} was removed and is ending, within the time that it has for it`,
        nextStep: "",
      };
    }
    return {
      code: "orphaned",
      cause:
        `${pod} runs though it is declared nowhere, and the kubelet has had its time to end it`,
      nextStep:
        "See what the kubelet says of it: `podstead logs kubelet`; restarting the kubelet ends what no source has",
    };
  },
  function silentKubelet({ evidence }) {
    return evidence.row.drift === "Orphaned" ? undefined : silent(evidence);
  },
  function allWell({ evidence: { row, nowMs }, pod }) {
    if (row.drift === "Current" && row.phase === "Succeeded") {
      return { code: "none", cause: `${pod} has done its work and ended`, nextStep: "" };
    }
    if (row.ready !== "True" || row.drift !== "Current") return undefined;
    const ended = lastEnd(row, nowMs);
    if (ended === undefined) {
      return { code: "none", cause: `${pod} runs and is ready`, nextStep: "" };
    }
    const { name, exitCode, agoMs } = ended;
    return {
      code: "none",
      cause:
        `${pod} runs and is ready, but its container ${name} ended with exit code ${exitCode} ${
          formatDuration(agoMs)
        } ago, and was restarted`,
      nextStep: `See what it said: \`podstead logs -k ${row.id}:${name} --previous\``,
    };
  },
  function ownProbe({ evidence: { row }, pod, id }) {
    const failure = row.joined.probe?.failure;
    if (row.confirmedBy !== "probe" || failure === undefined) return undefined;
    return {
      code: "not-ready",
      cause: `${pod} runs, but its ${failure}`,
      nextStep: `See what it says: \`podstead logs -k ${id}\``,
    };
  },
  function unseenProbes({ evidence, pod }) {
    const { row, kubeletFailure } = evidence;
    if (row.ready !== "Unknown" || row.reason !== "ProbesNotVisible") return undefined;
    const elsewhere = otherPort(evidence);
    if (kubeletFailure?.problem === "refused" && elsewhere !== undefined) {
      return {
        code: "kubelet-other-ports",
        cause:
          `${pod} runs, but only the kubelet knows what its probes say, and it answers elsewhere: ${kubeletFailure.message}; its config says port ${elsewhere}`,
        nextStep: atPort(elsewhere),
      };
    }
    return {
      code: "unknown",
      cause:
        `${pod} runs, but only the kubelet knows what its probes say, and it cannot be asked: ${
          kubeletFailure?.message ?? "it was not asked yet"
        }`,
      nextStep: kubeletFailure?.hint ?? "Set up `agent.kubelet`; see `podstead doctor`",
    };
  },
  function onItsWay({ evidence, pod, fetched }) {
    const { row, nowMs } = evidence;
    if (row.drift !== "Pending" && row.drift !== "Updating") return undefined;
    const since = row.joined.desired?.servedSinceMs ?? nowMs;
    const served = formatDuration(Math.max(0, nowMs - since));
    return {
      code: fetched ? "on-its-way" : "not-yet-fetched",
      cause: fetched
        ? `The kubelet has fetched ${pod}, which has been served for ${served}, and is starting it`
        : `${pod} has been served for ${served}; the kubelet has not fetched it yet`,
      nextStep: "Wait a moment: `podstead get staticpodstatus -w`",
    };
  },
  function noSource({ evidence: { row }, pod }) {
    if (row.drift !== "Unknown" || row.ready !== "Unknown") return undefined;
    return {
      code: "unknown",
      cause: `Neither the kubelet nor the container runtime can say now whether ${pod} runs`,
      nextStep: "See what of both answers: `podstead health`",
    };
  },
  function notStarted({ evidence, pod }) {
    const { row, nowMs, fetches } = evidence;
    if (row.drift !== "Stale" && row.drift !== "Missing") return undefined;
    const { desired, kubelet } = row.joined;
    const fetchedMs = desired === undefined ? undefined : fetchedAtMs(desired, fetches);
    const since = fetchedMs === undefined ? "" : ` ${formatDuration(nowMs - fetchedMs)} ago`;
    const what = row.drift === "Stale" ? "its older version still runs" : "nothing of it runs";
    return {
      code: "not-started",
      cause: kubelet === undefined
        ? `The kubelet has fetched ${pod}${since}, and ${what}`
        : `The kubelet has taken in ${pod}${since}, and ${what}: it waits for something`,
      nextStep:
        "See what it says: `podstead logs kubelet`; if its API server was away when it started, restart it: `systemctl restart kubelet`",
    };
  },
  function notReadyYet({ evidence: { row, nowMs }, pod }) {
    if (row.ready !== "False" || row.drift !== "Current") return undefined;
    const ageMs = nowMs - (row.startedAtMs ?? nowMs);
    const { ready, total } = row.containers;
    const sayings = `${ready} of ${total} container${total === 1 ? "" : "s"}`;
    return {
      code: ageMs > START_MS ? "not-ready" : "on-its-way",
      cause: ageMs > START_MS
        ? `${pod} runs since ${
          formatDuration(ageMs)
        } with ${sayings}, and the kubelet does not say what the others wait for`
        : `${pod} has been started, ${sayings} so far`,
      nextStep: ageMs > START_MS
        ? "See what it says: `podstead logs kubelet`"
        : "Wait a moment: `podstead get staticpodstatus -w`",
    };
  },
];

/** How long containers may take to come up without a word on why, in milliseconds. */
const START_MS = 30_000;
