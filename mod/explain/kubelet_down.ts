/** Why the kubelet does not run: by systemd, by its ports, and by what it said before it ended. */
import { formatDuration } from "../core/mod.ts";
import type { Evidence, Explanation, ServiceSight } from "./evidence.ts";
import { isSilent } from "./polls.ts";

type Keys =
  | "kubeletAlive"
  | "kubeletFailure"
  | "kubeletService"
  | "kubeletLastWords"
  | "fetches"
  | "nowMs"
  | "limits"
  | "url";

const LOG = "`podstead logs kubelet`";

/** The explanation of a kubelet that does not run; undefined where it does, or nothing says so. */
export function kubeletDown(evidence: Pick<Evidence, Keys>): Explanation | undefined {
  const { kubeletAlive, kubeletFailure, kubeletService: service } = evidence;
  const refused = kubeletAlive === false ||
    (kubeletAlive === undefined && kubeletFailure?.problem === "refused" && isSilent(evidence));
  if (service === undefined) return refused ? notRunning() : undefined;
  const runsForMs = service.sinceMs === undefined ? Infinity : evidence.nowMs - service.sinceMs;
  const runs = service.state === "active" && service.subState === "running";
  const loops = runs && refused && service.restarts > 1 && runsForMs < SETTLED_MS;
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
  return {
    code: "kubelet-down",
    cause: service.state === "failed"
      ? `The kubelet has failed and stays down${since}: ${said ?? "its journal says why"}`
      : `The kubelet ends again and again${often}: ${said ?? "its journal says why"}`,
    nextStep: killed
      ? `See what ended it: \`journalctl -k\`; what it did before: ${LOG}`
      : nextStepAfter(said, service.name),
  };
}

function nextStepAfter(said: string | undefined, service: string): string {
  if (said === undefined) return `See ${LOG}`;
  const known = KNOWN_PANICS.find((panic) => panic.said === said);
  if (known !== undefined) return known.nextStep;
  return said.startsWith("panic: ")
    ? `A pod that was changed lately may be why: \`podstead history\`; what it did before that: ${LOG}`
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

function otherPorts({ kubeletFailure }: Pick<Evidence, "kubeletFailure">): Explanation {
  return {
    code: "kubelet-other-ports",
    cause: `The kubelet's service runs, but neither polls nor answers where podstead asks: ${
      kubeletFailure?.message ?? "its ports are others"
    }`,
    nextStep:
      "Its `port` and `healthzPort` may be others: set `agent.kubelet.endpoint` to match; `podstead doctor` compares them",
  };
}

/** How a service ended, where systemd knows more than that it exited; undefined otherwise. */
export function endOf({ result }: Pick<ServiceSight, "result">): string | undefined {
  return result === undefined ? undefined : ENDS[result];
}

/** Ends by another's hand. */
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
  /^F\d{4} \S+\s+\d+ \S+\] (.+)$/,
];

/**
 * How near its end an error must be to be why it ended: most of what a kubelet calls errors are
 * none that it ends with, such as a runtime that does not know `RuntimeConfig`.
 */
const LAST_LINES = 20;

/** What it logs before it exits elsewhere: `"Failed to listen and serve" err="…"`. */
const ERROR = /^E\d{4} \S+\s+\d+ \S+\] "[^"]+" err="(.+?)"/;

/** Panics of a kubelet of which it is known what leads to them. Seen on 1.36.2. */
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
 * What the kubelet said before it ended, by the newest line that tells; undefined where none does.
 *
 * @param log its journal, over several starts of it
 */
export function lastWords(log: readonly string[]): string | undefined {
  // Of an end before its last start nothing counts.
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
