/** What is wrong with the node itself, whatever its pods do: one cause for each broken link. */
import { formatIssueBriefly } from "../core/mod.ts";
import type { ReloadOutcome } from "../agent/mod.ts";
import type { LinkCause, LinkName } from "../verdict/mod.ts";
import type { Evidence, Explanation, ServiceSight } from "./evidence.ts";
import { endOf, kubeletDown, kubeletHangs } from "./kubelet_down.ts";
import { otherUrl, silent, tokenWrong } from "./polls.ts";

/** What is known of the node, whatever its pods do. */
export type NodeEvidenceView = Omit<Evidence, "row">;

/** Every broken link with its cause; empty if nothing is known to be wrong. */
export function nodeCauses(
  evidence: NodeEvidenceView,
  reload?: ReloadOutcome,
): readonly LinkCause[] {
  const { fetches, runtimeSeenMs, nowMs } = evidence;
  const polledMs = fetches.lastGood?.atMs;
  const found: readonly (LinkCause | undefined)[] = [
    configCause(reload),
    of("config", otherNodeName(evidence)),
    of("runtime", runtimeFault(evidence), runtimeSeenMs),
    of("kubelet", kubeletDown(evidence), evidence.kubeletService?.sinceMs ?? polledMs),
    of("kubelet", kubeletHangs(evidence), polledMs),
    of("polls", tokenWrong(evidence), polledMs ?? fetches.lastRefused?.atMs),
    of("polls", otherUrl(evidence), polledMs),
    of("polls", silent(evidence), polledMs ?? Math.min(nowMs, fetches.listeningSinceMs)),
  ];
  const kubeletIsDown = found.some((cause) =>
    cause?.code === "kubelet-down" || cause?.code === "kubelet-hangs"
  );
  const seen = new Set<LinkName>();
  return found.filter((cause) => {
    if (cause === undefined || seen.has(cause.link)) return false;
    // That it does not poll either need not be said.
    if (kubeletIsDown && cause.link === "polls") return false;
    seen.add(cause.link);
    return true;
  }) as readonly LinkCause[]; // what is undefined was left out just now
}

function of(
  link: LinkName,
  explanation: Explanation | undefined,
  sinceMs?: number,
): LinkCause | undefined {
  if (explanation === undefined) return undefined;
  return { link, ...explanation, ...(sinceMs === undefined ? {} : { sinceMs }) };
}

/** What the config declares and the node does not use. Refused pods say it themselves. */
function configCause(reload: ReloadOutcome | undefined): LinkCause | undefined {
  if (reload === undefined) return undefined;
  const { result, problems, needRestart, at } = reload;
  const errors = problems.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const common = { link: "config" as const, sinceMs: Date.parse(at) };
  if (result === "failed") {
    return {
      ...common,
      code: "reload-failed",
      cause: `The last reload failed, and what was served before still is: ${
        first?.message ?? "see the agent's log"
      }`,
      nextStep: first?.hint ?? "See `podstead logs podstead`, then `podstead reload`",
    };
  }
  if (first !== undefined) {
    const place = first.position === undefined ? "" : `:${first.position.line}`;
    const more = errors.length === 1 ? "" : ` (and ${errors.length - 1} more)`;
    return {
      ...common,
      code: "config-refused",
      cause:
        `The config is not in use as it is written: ${first.file}${place}: ${first.message}${more}`,
      nextStep: `Correct it (\`podstead validate\` shows all of it), then \`podstead reload\``,
    };
  }
  if (needRestart.length > 0) {
    return {
      ...common,
      code: "restart-needed",
      cause: `${needRestart.join(", ")} of the config ${
        needRestart.length === 1 ? "is" : "are"
      } not in use until podstead is restarted`,
      nextStep: "`systemctl restart podstead`; no pod restarts with it",
    };
  }
  const [refused] = reload.pods.flatMap(({ errors }) => errors);
  // A refused pod that is not listed by any source would be forgotten otherwise.
  return result === "rejected"
    ? {
      ...common,
      code: "config-refused",
      cause: `The config cannot be used${
        refused === undefined ? "" : `: ${formatIssueBriefly(refused)}`
      }`,
      nextStep: "`podstead validate` shows why",
    }
    : undefined;
}

/** The kubelet calls the node by another name: it has our pods, under names that are not looked for. */
export function otherNodeName(
  { kubeletNodeName, nodeName }: Pick<Evidence, "kubeletNodeName" | "nodeName">,
): Explanation | undefined {
  if (kubeletNodeName === undefined) return undefined;
  return {
    code: "node-name",
    cause: `The kubelet calls this node "${kubeletNodeName}", podstead calls it "${
      nodeName ?? "another name"
    }": the pods run, and are looked for under other names`,
    nextStep:
      `Set \`agent.node.name: ${kubeletNodeName}\` in podstead's config, then \`podstead reload\``,
  };
}

/** The runtime that cannot be asked; undefined if it can. */
export function runtimeFault(
  { runtimeFailure, runtimeService }: Pick<Evidence, "runtimeFailure" | "runtimeService">,
): Explanation | undefined {
  if (runtimeFailure === undefined) return undefined;
  const service = serviceText(runtimeService);
  return {
    code: "runtime-down",
    cause: `The container runtime cannot be asked: ${runtimeFailure.message}${service}`,
    nextStep: runtimeService?.state === "inactive"
      ? `Start it: \`systemctl start ${runtimeService.name}\``
      : runtimeFailure.hint ?? "Check it with `systemctl status containerd`",
  };
}

/** What systemd says of a service that should run; empty if that is nothing new. */
function serviceText(service: ServiceSight | undefined): string {
  if (service === undefined || service.state === "active") return "";
  if (service.state === "inactive") return `; its service ${service.name} is stopped`;
  const often = service.restarts > 1 ? `, ${service.restarts} restarts so far` : "";
  const how = endOf(service);
  const state = service.subState === "auto-restart" ? "ended, and starts again" : service.subState;
  return `; its service ${service.name} is ${state}${often}${how === undefined ? "" : `: ${how}`}`;
}
