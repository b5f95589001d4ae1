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
  if (service.state === "active" && service.subState === "running") {
    return refused && isSilent(evidence) ? otherPorts(evidence) : undefined;
  }
  const crashes = service.subState === "auto-restart" || service.state === "activating" ||
    service.state === "failed";
  if (!refused && !crashes && service.state !== "inactive") return undefined;
  if (!crashes) return notRunning();
  const said = evidence.kubeletLastWords ?? endOf(service);
  const often = service.restarts > 1 ? `, ${service.restarts} restarts so far` : "";
  const since = service.sinceMs === undefined
    ? ""
    : ` for ${formatDuration(Math.max(0, evidence.nowMs - service.sinceMs))}`;
  return {
    code: "kubelet-down",
    cause: service.state === "failed"
      ? `The kubelet has failed and stays down${since}: ${said ?? "its journal says why"}`
      : `The kubelet ends again and again${often}: ${said ?? "its journal says why"}`,
    nextStep: said === undefined
      ? `See ${LOG}`
      : `Correct that in the kubelet's config or flags, then \`systemctl restart ${service.name}\`; the whole story: ${LOG}`,
  };
}

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
 * Lines with which a kubelet ends, most telling first.
 *
 * Source: kubernetes cmd/kubelet/app/server.go, staging component-base/cli/run.go.
 */
const LAST_WORDS: readonly RegExp[] = [
  /"command failed" err="(.+?)"\s*$/,
  /(?:[Ff]ailed to run [Kk]ubelet|Failed to run kubelet)"? err="(.+?)"\s*$/,
  /^(panic: .+|unknown (?:shorthand )?flag: .+|Error: .+)$/,
  /^F\d{4} \S+\s+\d+ \S+\] (.+)$/,
  /^E\d{4} \S+\s+\d+ \S+\] "[^"]+" err="(.+?)"/,
];

/** What the kubelet said before it ended; undefined where no line is one of those. */
export function lastWords(lines: readonly string[]): string | undefined {
  for (const pattern of LAST_WORDS) {
    for (const line of lines.toReversed()) {
      const said = pattern.exec(line)?.[1];
      if (said !== undefined) return said.replaceAll('\\"', '"').replaceAll("\\n", " ").trim();
    }
  }
  return undefined;
}
