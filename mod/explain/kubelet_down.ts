/** Why the kubelet does not run: by systemd, by its ports, and by what it said before it ended. */
import { formatDuration } from "../core/mod.ts";
import type { Evidence, Explanation, ServiceSight } from "./evidence.ts";
import { isSilent } from "./polls.ts";
import { lastPoll } from "../status/mod.ts";
import { pollLimitMs } from "../verdict/mod.ts";

type Keys =
  | "kubeletAlive"
  | "kubeletFailure"
  | "kubeletService"
  | "kubeletLastWords"
  | "kubeletOnDisk"
  | "fetches"
  | "nowMs"
  | "limits"
  | "url";

const LOG = "`podstead logs kubelet`";

/** The explanation of a kubelet that does not run; undefined if it does, or nothing says so. */
export function kubeletDown(evidence: Pick<Evidence, Keys>): Explanation | undefined {
  const { kubeletAlive, kubeletFailure, kubeletService: service } = evidence;
  // Whatever systemd says of a unit: it has told its pods. Where it did not, another may have its port.
  if (kubeletAlive === true && kubeletFailure === undefined) return undefined;
  const refused = kubeletAlive === false ||
    (kubeletAlive === undefined && kubeletFailure?.problem === "refused" && isSilent(evidence));
  if (service === undefined) return refused ? notRunning() : undefined;
  const runsForMs = service.sinceMs === undefined ? Infinity : evidence.nowMs - service.sinceMs;
  const runs = service.state === "active" && service.subState === "running";
  // What answers may be another program that has its port: only its polls prove that it has come up.
  const cameUp = (lastPoll(evidence.fetches)?.atMs ?? -Infinity) > (service.sinceMs ?? Infinity);
  const isUnanswered = refused || kubeletFailure !== undefined;
  const loops = runs && isUnanswered && !cameUp && service.restarts > 0 && runsForMs < SETTLED_MS;
  if (runs && !loops) {
    return refused && runsForMs > SETTLED_MS && isSilent(evidence)
      ? otherPorts(evidence)
      : undefined;
  }
  const crashes = loops || service.subState === "auto-restart" || service.state === "activating" ||
    service.state === "failed";
  if (!refused && !crashes && service.state !== "inactive") return undefined;
  if (!crashes) return notRunning();
  const end = endOf(service);
  // What was killed had no last words: its log ends with what it did before.
  const killed = KILLED.has(service.result ?? "");
  const said = killed ? end : evidence.kubeletLastWords ?? end;
  const often = service.restarts > 1 ? `, ${service.restarts} restarts so far` : "";
  const since = service.sinceMs === undefined
    ? ""
    : ` for ${formatDuration(Math.max(0, evidence.nowMs - service.sinceMs))}`;
  const why = said ?? "its journal says why";
  return {
    code: "kubelet-down",
    cause: service.state === "failed"
      ? `The kubelet has failed and stays down${since}: ${why}`
      : service.restarts === 0
      ? `The kubelet has ended, and systemd is about to start it again: ${why}`
      : service.restarts === 1
      ? `The kubelet has ended and was started again: ${why}`
      : `The kubelet ends again and again${often}: ${why}`,
    nextStep: killed
      ? `See what ended it: \`journalctl -k\`; what it did before: ${LOG}`
      : nextStepAfter(said, service.name),
  };
}

/** The explanation of a kubelet that takes connections and answers nothing, if it is one. */
export function kubeletHangs(
  { kubeletAlive, kubeletFailure, kubeletService, fetches, nowMs }: Pick<Evidence, Keys>,
): Explanation | undefined {
  // One that answers nowhere does not listen; of this one nothing is known.
  if (kubeletAlive !== undefined || kubeletFailure?.problem !== "timeout") return undefined;
  if ((kubeletService?.state ?? "active") !== "active") return undefined;
  // A busy one may be slow to answer, and still polls.
  const polledMs = lastPoll(fetches)?.atMs ?? fetches.listeningSinceMs;
  if (nowMs - polledMs <= pollLimitMs(fetches)) return undefined;
  return {
    code: "kubelet-hangs",
    cause: `The kubelet hangs: it takes connections, but neither answers nor polls since ${
      formatDuration(nowMs - polledMs)
    }; what it started keeps running, but nothing is restarted or changed`,
    nextStep:
      `What it did last is in ${LOG}; then \`systemctl restart kubelet\`, which restarts no pod`,
  };
}

function nextStepAfter(said: string | undefined, service: string): string {
  if (said === undefined) return `See ${LOG}`;
  const known = KNOWN_PANICS.find((panic) => panic.said === said);
  if (known !== undefined) return known.nextStep;
  return said.startsWith("panic: ")
    ? `A pod that was changed recently may be why: \`podstead history\`; what it did before that: ${LOG}`
    : `Correct that in the kubelet's config or flags, then \`systemctl restart ${service}\`; the whole story: ${LOG}`;
}

/**
 * A kubelet that systemd has restarted again and again, and that answers nowhere, may end once
 * more; and one that has just been started has not opened its ports yet. In milliseconds.
 */
const SETTLED_MS = 20_000;

function notRunning(): Explanation {
  return {
    code: "kubelet-down",
    cause:
      "The kubelet does not run; what it started keeps running, but nothing is restarted or changed",
    nextStep: `Start it: \`systemctl start kubelet\`; why it ended is in ${LOG}`,
  };
}

function otherPorts(
  evidence: Pick<Evidence, "kubeletFailure" | "kubeletOnDisk">,
): Explanation {
  const said = evidence.kubeletFailure?.message ?? "its ports are others";
  const elsewhere = otherPort(evidence);
  return {
    code: "kubelet-other-ports",
    cause: `The kubelet's service runs, but neither polls nor answers where podstead asks: ${said}${
      elsewhere === undefined ? "" : `; its config says port ${elsewhere}`
    }`,
    nextStep: elsewhere === undefined
      ? "Its `port` and `healthzPort` may be others: set `agent.kubelet.endpoint` to match; `podstead doctor` compares them"
      : atPort(elsewhere),
  };
}

/** The kubelet's port by its own config, where that is not the one that was asked; undefined otherwise. */
export function otherPort(
  { kubeletFailure, kubeletOnDisk }: Pick<Evidence, "kubeletFailure" | "kubeletOnDisk">,
): number | undefined {
  const { port } = kubeletOnDisk ?? {};
  return port === undefined || new RegExp(`:${port}\\b`).test(kubeletFailure?.message ?? "")
    ? undefined
    : port;
}

/** The next step to a kubelet on another port. */
export function atPort(port: number): string {
  return `Set \`agent.kubelet.endpoint: https://127.0.0.1:${port}\` in podstead's config, then \`podstead reload\``;
}

/** How a service ended, where systemd knows more than that it exited; undefined otherwise. */
export function endOf({ result }: Pick<ServiceSight, "result">): string | undefined {
  return result === undefined ? undefined : ENDS[result];
}

/** Ends that another process caused. */
const KILLED: ReadonlySet<string> = new Set(["oom-kill", "signal", "watchdog"]);

/** Source: systemd.exec(5), $SERVICE_RESULT. */
const ENDS: Readonly<Record<string, string>> = {
  "oom-kill": "it was killed because the node ran out of memory",
  "signal": "it was ended by a signal",
  "core-dump": "it crashed",
  "watchdog": "it hung, and its watchdog ended it",
  "timeout": "it did not start or stop in time",
  "start-limit-hit": "it ended so often that systemd starts it no longer",
  "resources": "systemd cannot start it",
};

/**
 * Lines with which a kubelet ends.
 *
 * Source: kubernetes cmd/kubelet/app/server.go, staging component-base/cli/run.go.
 */
const LAST_WORDS: readonly RegExp[] = [
  /"command failed" err="(.+?)"\s*$/,
  /(?:[Ff]ailed to run [Kk]ubelet|Failed to run kubelet)"? err="(.+?)"\s*$/,
  /^(panic: .+|unknown (?:shorthand )?flag: .+|Error: .+)$/,
  /^(?:\S+ )?F\d{4} \S+\s+\d+ \S+\] (.+)$/,
];

/**
 * How near its end an error must be to explain it: most of what a kubelet calls errors
 * does not end it, such as a runtime that does not know `RuntimeConfig`.
 */
const LAST_LINES = 20;

/** What it logs before it exits elsewhere: `"Failed to listen and serve" err="…"`. */
const ERROR = /^(?:\S+ )?E\d{4} \S+\s+\d+ \S+\] "[^"]+" err="((?:[^"\\]|\\.)+)"/;

/** Panics of a kubelet whose cause is known. Seen on 1.36.2. */
const KNOWN_PANICS: readonly {
  /** A line of its stack. */
  readonly frame: RegExp;
  readonly said: string;
  readonly nextStep: string;
}[] = [
  {
    frame: /runtimeclass\.\(\*Manager\)\.LookupRuntimeHandler/,
    said:
      "it panics at a pod with a runtimeClassName, which it can look up only in an API server, and it has none",
    nextStep:
      "Take `runtimeClassName` out of that pod: `podstead get staticpods -o yaml` shows them; the runtime's default can be set in its own config",
  },
];

/** What a kubelet says as soon as it has read its flags and its config. Source: cmd/kubelet/app/server.go. */
const BEGINS = /"Kubelet version" kubeletVersion=/;

/**
 * What the kubelet said before it ended, by the newest line that tells; undefined if none does.
 *
 * @param log its journal, over several starts of it
 */
export function lastWords(log: readonly string[]): string | undefined {
  // An end before its last start does not count.
  const lines = log.slice(Math.max(0, log.findLastIndex((line) => BEGINS.test(line))));
  const ends = (line: string) => LAST_WORDS.some((pattern) => pattern.test(line));
  const strong = lines.findLastIndex(ends);
  const at = strong >= 0
    ? strong
    : lines.findLastIndex((line, at) => at >= lines.length - LAST_LINES && ERROR.test(line));
  const line = lines[at];
  if (line === undefined) return undefined;
  const said = [...LAST_WORDS, ERROR].map((pattern) => pattern.exec(line)?.[1])
    .find((found) => found !== undefined) ?? "";
  const text = said.replaceAll('\\"', '"').replaceAll("\\n", " ").trim();
  if (!text.startsWith("panic: ")) return text;
  const stack = lines.slice(at);
  return KNOWN_PANICS.find(({ frame }) => stack.some((one) => frame.test(one)))?.said ?? text;
}
