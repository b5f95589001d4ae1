/** The checks of podstead's own side: config, agent, endpoint, files, disks, clock. Pure. */
import { formatBytes, formatDuration } from "../core/mod.ts";
import { holderText, type PortHolder } from "../os/mod.ts";
import type { DoctorFacts } from "./facts.ts";
import { type Answer, bad, doubtful, good, untold } from "./finding.ts";

/** One check. */
export type Check = (facts: DoctorFacts) => Answer;

/** Whether the config can be used, and every pod in it. */
export function checkConfig({ config }: DoctorFacts): Answer {
  const [first, ...others] = config.errors;
  if (first === undefined) {
    return good(`"${config.path}" can be used: ${config.pods} pod${config.pods === 1 ? "" : "s"}`);
  }
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  return bad(
    config.usable
      ? `Not everything in the config can be used: ${first}${more}`
      : `The config cannot be used: ${first}${more}`,
    `See all of it with \`podstead validate ${config.path}\``,
  );
}

/** Whether an agent answers, and is of the same version as this command. */
export function checkAgent({ agent, socket, version }: DoctorFacts): Answer {
  if ("failure" in agent) {
    return bad(
      agent.failure.message,
      agent.failure.hint ?? "Start it: `systemctl start podstead`, or `podstead serve`",
    );
  }
  const { pid, version: running } = agent.value;
  if (running !== version) {
    return doubtful(
      `The agent (pid ${pid}) is of version ${running}, this command of ${version}`,
      "Restart the agent after an upgrade: `systemctl restart podstead`; no pod is restarted",
    );
  }
  return good(`The agent (pid ${pid}) answers on ${socket}`);
}

/** Whether the endpoint gives the list to a client with the token, and to no other. */
export function checkEndpoint(facts: DoctorFacts): Answer {
  const { endpoint, settings, socket } = facts;
  const { url } = settings.manifest;
  const stranger = strangerOnPort(facts);
  if (stranger !== undefined) {
    return bad(
      `The port of ${url} is taken by ${holderText(stranger)}, which is not the agent of ${socket}`,
      "Stop that process and start the agent, or change agent.manifest.port and the kubelet's staticPodURL",
    );
  }
  const { token, withToken, withoutToken } = endpoint;
  if (token !== undefined && "failure" in token) {
    return bad(
      `The token file cannot be read: ${token.failure.message}`,
      `Write the token into "${settings.manifest.tokenFile}", readable by root alone, then \`podstead reload\``,
    );
  }
  if ("failure" in withToken) {
    return bad(
      `Nothing answers at ${url}: ${withToken.failure.message}`,
      "Start the agent; if it runs, see whether `agent.manifest` was changed since: that needs a restart",
    );
  }
  if (withToken.value !== 200) {
    return bad(
      `${url} answers ${withToken.value}`,
      withToken.value === 401
        ? "The agent has another token than the file: `podstead reload`"
        : withToken.value === 503
        ? "It has no good config yet: see the check of the config"
        : "Something else may listen there: `ss -ltnp`",
    );
  }
  if (token === undefined) return good(`${url} gives the list; no token is wanted`);
  if ("value" in withoutToken && withoutToken.value !== 401) {
    return bad(
      `${url} answers ${withoutToken.value} without the token`,
      "The agent was started without it: `podstead reload`",
    );
  }
  return good(`${url} gives the list with the token, and refuses without it`);
}

/** systemd, which holds the address for the agent. */
const SERVICE_MANAGER = 1;
/** As proc(5) has it; an upgrade deletes the old one while it runs. */
const OUR_EXECUTABLE = /\/podstead( \(deleted\))?$/;

/** Who has the endpoint's port, if neither the agent nor the process that holds it for it. */
function strangerOnPort({ endpoint: { holder }, agent }: DoctorFacts): PortHolder | undefined {
  if (holder?.process === undefined) {
    // Only root sees whose it is. An agent that cannot be asked may be root's.
    return holder !== undefined && holder.uid !== 0 && "failure" in agent ? holder : undefined;
  }
  const { pid, executable } = holder.process;
  // One that does not answer is the agent's own check.
  const isAgent = "value" in agent ? pid === agent.value.pid : OUR_EXECUTABLE.test(executable);
  return isAgent || pid === SERVICE_MANAGER ? undefined : holder;
}

/** Whether every pod is well, as far as the agent can tell. */
export function checkPods({ agent }: DoctorFacts): Answer {
  if ("failure" in agent) return untold("Only a running agent can tell");
  const { pods } = agent.value;
  const of = (wanted: string) => pods.filter(({ state }) => state === wanted);
  const unwell = [...of("broken"), ...of("unknown")];
  const [first] = unwell;
  if (first === undefined) {
    const changing = of("changing").length;
    if (changing > 0) {
      return good(`${changing} of ${pods.length} pods on the way, within their time`);
    }
    return good(`${pods.length === 1 ? "The pod is" : `All ${pods.length} pods are`} well`);
  }
  const ids = unwell.map(({ id }) => id).join(", ");
  const cause = first.explanation?.cause ?? "the agent knows no cause";
  const summary = `${unwell.length} of ${pods.length} pods not well (${ids}): ${cause}`;
  const fix = `\`podstead describe ${first.id}\` has the whole story`;
  return of("broken").length > 0 ? bad(summary, fix) : doubtful(summary, fix);
}

/** Free space below which a node is soon in trouble: the kubelet evicts at 10 % (of nodefs). */
const LOW_SHARE = 0.1;
const LOW_BYTES = 1024 ** 3;
/** Below it a write may fail at any time. */
const EMPTY_BYTES = 50 * 1024 ** 2;

/** Whether there is space for state and logs. */
export function checkDisk({ disks }: DoctorFacts): Answer {
  if (disks.length === 0) return untold("The free space cannot be read");
  const text = ({ path, purpose, freeBytes, totalBytes }: DoctorFacts["disks"][number]) =>
    `${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} free for ${purpose} ("${path}")`;
  const full = disks.find(({ freeBytes }) => freeBytes < EMPTY_BYTES);
  if (full !== undefined) {
    return bad(text(full), "Free some: old logs, unused images (`crictl rmi --prune`)");
  }
  const low = disks.find(({ freeBytes, totalBytes }) =>
    freeBytes < LOW_BYTES && freeBytes < LOW_SHARE * totalBytes
  );
  if (low !== undefined) {
    return doubtful(text(low), "Free some before the kubelet evicts pods for it");
  }
  return good(disks.map(text).join("; "));
}

/** Whether secrets are for root alone. */
export function checkSecrets({ secrets }: DoctorFacts): Answer {
  const there = secrets.filter(({ mode }) => mode !== undefined);
  const missing = secrets.find(({ mode }) => mode === undefined);
  if (missing !== undefined) {
    return bad(
      `The ${missing.purpose} "${missing.path}" is not there`,
      "Make it, or take its setting out of the config",
    );
  }
  const open = there.find(({ mode }) => ((mode ?? 0) & 0o007) !== 0);
  if (open !== undefined) {
    return bad(
      `The ${open.purpose} "${open.path}" can be read by everybody (mode ${octal(open.mode)})`,
      `\`chmod ${open.purpose.includes("directory") ? "700" : "600"} ${open.path}\``,
    );
  }
  const writable = there.find(({ mode }) => ((mode ?? 0) & 0o020) !== 0);
  if (writable !== undefined) {
    return doubtful(
      `The ${writable.purpose} "${writable.path}" can be changed by its group (mode ${
        octal(writable.mode)
      })`,
      `\`chmod g-w ${writable.path}\``,
    );
  }
  return there.length === 0
    ? good("No file of secrets is configured")
    : good(`${there.map(({ purpose }) => purpose).join(", ")}: closed to others`);
}

/** A clock before it was never set: this check is younger. */
const SANE_CLOCK_MS = Date.UTC(2025, 0, 1);

/** Whether the clock can be believed: certificates and log times depend on it. */
export function checkClock({ nowMs, clockSynchronized }: DoctorFacts): Answer {
  if (nowMs < SANE_CLOCK_MS) {
    return bad(
      `The clock says ${new Date(nowMs).toISOString()}`,
      "Set it: certificates count as not yet valid (`timedatectl set-ntp true`)",
    );
  }
  if (clockSynchronized === undefined) return untold("Nothing says whether the clock is kept");
  return clockSynchronized
    ? good("The clock is kept by NTP")
    : doubtful("The clock is not synchronized", "`timedatectl set-ntp true`");
}

/** Whether the agent comes up before the kubelet. */
export function checkSystemd({ systemd }: DoctorFacts): Answer {
  if (systemd === undefined) return untold("No systemd runs here");
  if (!systemd.installed) {
    return doubtful(
      "podstead.service is not installed: after a boot no agent runs",
      "`podstead install` makes the unit and enables it",
    );
  }
  if (!systemd.enabled) {
    return doubtful(
      "podstead.service is not enabled: after a boot no agent runs",
      "`systemctl enable podstead`",
    );
  }
  return systemd.before.includes("kubelet.service")
    ? good("podstead.service is enabled, and starts before kubelet.service")
    : doubtful(
      "podstead.service is not ordered before kubelet.service: after a boot pods come one poll later",
      "Add `Before=kubelet.service` to its unit; `podstead install` does so",
    );
}

/** How long ago, for people. */
export function ago(atMs: number, nowMs: number): string {
  return `${formatDuration(Math.max(0, nowMs - atMs))} ago`;
}

function octal(mode: number | undefined): string {
  return (mode ?? 0).toString(8).padStart(4, "0");
}
