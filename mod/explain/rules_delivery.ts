import { formatDuration } from "../core/mod.ts";
import type { Evidence, Explanation } from "./evidence.ts";
import type { Facts } from "./facts.ts";
import { type DesiredPod, silenceLimitMs } from "../status/mod.ts";

/** One known cause: what it says where it holds, undefined where it does not. */
export type Rule = (facts: Facts) => Explanation | undefined;

const KUBELET_LOG = "`journalctl -u kubelet`";

const KUBELET_DOWN: Explanation = {
  code: "kubelet-down",
  cause: "The kubelet does not run; what it started goes on, but nothing is restarted or changed",
  nextStep: `Start it: \`systemctl start kubelet\`; why it ended is in ${KUBELET_LOG}`,
};

type SilenceKeys = "fetches" | "nowMs" | "limits" | "url";

/** Reasons with which a node's kubelet refuses a pod for good (pkg/kubelet/lifecycle, pkg/kubelet/eviction). */
const ADMISSION =
  /^(NodeAffinity|NodeSelectorMismatching|OutOf\w+|UnexpectedAdmissionError|InvalidNodeInfo|SysctlForbidden|TopologyAffinityError|TaintToleration|AppArmor|PodOSNotSupported|PodOSSelectorNodeLabelDoesNotMatch|NodeShutdown|Preempting|InitContainerRestartPolicyForbidden|PodFeatureUnsupported)$/;

/** The causes between the config file and the kubelet. */
export const DELIVERY_RULES: readonly Rule[] = [
  function rejected({ evidence: { row }, pod }) {
    const { desired } = row.joined;
    if (desired?.state !== "Rejected") return undefined;
    const at = `${desired.source.file}:${desired.source.line}`;
    const { error } = desired;
    if (error === undefined) {
      return {
        code: "rejected",
        cause: `${pod} as declared at ${at} would be refused by the kubelet: ${
          desired.reason ?? "see the verdict"
        }; ${stillServed(desired)}`,
        nextStep: `Correct it at ${at}, then \`podstead reload\``,
      };
    }
    const place = `${desired.source.file}:${error.line}:${error.column}`;
    const others = error.others === 0
      ? ""
      : `, and ${error.others} more error${error.others === 1 ? "" : "s"}`;
    return {
      code: "rejected",
      cause: `${pod} would be refused by the kubelet: ${place}: ${error.text}${others}; ${
        stillServed(desired)
      }`,
      nextStep: error.hint === undefined
        ? `Correct it at ${place}, then \`podstead reload\``
        : `${error.hint}; then \`podstead reload\``,
    };
  },
  function blocked({ evidence: { row }, pod }) {
    const { desired } = row.joined;
    if (desired?.state !== "Blocked") return undefined;
    return {
      code: "image-pull",
      cause: `The new version of ${pod} cannot be served yet: ${
        desired.reason ?? "its image cannot be pulled"
      }; ${stillServed(desired)}`,
      nextStep:
        "Check the image's name, the registry and `agent.pull`; podstead tries again by itself",
    };
  },
  function configUnreadable({ evidence: { row }, pod }) {
    const { desired } = row.joined;
    if (desired?.state !== "Kept") return undefined;
    return {
      code: "config-unreadable",
      cause: `The file that declares ${pod} cannot be read; what it last gave stays served: ${
        desired.reason ?? desired.source.file
      }`,
      nextStep: `Correct "${desired.source.file}", then \`podstead reload\``,
    };
  },
  function held({ evidence: { row }, pod }) {
    const { desired } = row.joined;
    if (desired?.state !== "Held") return undefined;
    return {
      code: "held",
      cause: `${pod} is held back: ${desired.reason ?? "something it needs is not there yet"}`,
      nextStep: "It is served as soon as that is there; `podstead reload` looks at once",
    };
  },
  function waitingForOthers({ evidence: { row }, pod }) {
    const { desired } = row.joined;
    if (desired?.state !== "Waiting") return undefined;
    return {
      code: "waiting-for-others",
      cause: `${pod} waits for the pods it is to come after: ${desired.reason ?? "not ready yet"}`,
      nextStep: "Look at those: `podstead get staticpodstatus -o wide`",
    };
  },
  function replacing({ evidence: { row }, pod }) {
    const { desired } = row.joined;
    if (desired?.state !== "Replacing") return undefined;
    return {
      code: "replacing",
      cause: `${pod} is being replaced: ${
        desired.reason ?? "the old version is taken down before the new one is served"
      }`,
      nextStep: "Wait a moment: `podstead get staticpodstatus -w`",
    };
  },
  function tokenWrong({ evidence: { fetches }, fetched }) {
    const { lastRefused, lastGood } = fetches;
    if (fetched || lastRefused === undefined) return undefined;
    if (lastRefused.status !== 401 || lastRefused.atMs < (lastGood?.atMs ?? 0)) return undefined;
    return {
      code: "token-wrong",
      cause:
        "The kubelet polls, but with no token or a wrong one, and is answered 401; it keeps the pods it has",
      nextStep:
        "Put the token into the kubelet's `staticPodURLHeader`: `podstead kubelet-config` prints it; then restart the kubelet",
    };
  },
  function otherUrl({ evidence, fetched }) {
    const { url, fetches, kubeletConfig } = evidence;
    if (fetched) return undefined;
    const configured = kubeletConfig?.["staticPodURL"];
    const refused = fetches.lastRefused;
    const elsewhere = typeof configured === "string" && configured !== url
      ? configured === "" ? "no URL at all" : configured
      : refused !== undefined && refused.atMs >= (fetches.lastGood?.atMs ?? 0) &&
          (refused.status === 404 || refused.status === 421)
      ? refused.path ?? "another path or host of this address"
      : undefined;
    if (elsewhere === undefined) return undefined;
    return {
      code: "other-url",
      cause: `The kubelet polls ${elsewhere}, not ${url}`,
      nextStep: `Set \`staticPodURL: ${url}\` in the kubelet's config and restart the kubelet`,
    };
  },
  function kubeletDown({ evidence }) {
    const { kubeletAlive, kubeletFailure, row } = evidence;
    const down = kubeletAlive === false ||
      (kubeletAlive === undefined && kubeletFailure?.problem === "refused" && isSilent(evidence));
    return !down || row.drift === "Orphaned" ? undefined : KUBELET_DOWN;
  },
  function runtimeDown({ evidence }) {
    return runtimeFault(evidence);
  },
  function notPolling({ evidence, fetched }) {
    // A pod that the kubelet has already has causes of its own.
    return fetched ? undefined : silent(evidence);
  },
  function evicted({ evidence: { row }, pod }) {
    const { kubelet } = row.joined;
    if (kubelet?.reason !== "Evicted") return undefined;
    return {
      code: "evicted",
      cause: `The kubelet evicted ${pod}: ${kubelet.message || "the node ran short of something"}`,
      nextStep:
        "Free what the node lacks (`df -h`, `free -m`); a static pod comes back when it is changed or the kubelet restarts",
    };
  },
  function hostPortTaken({ evidence: { row }, pod }) {
    const { kubelet } = row.joined;
    if (kubelet === undefined || !/^(NodePorts|HostPortConflict)$/.test(kubelet.reason)) {
      return undefined;
    }
    return {
      code: "host-port-taken",
      cause: `The kubelet refuses ${pod}: another pod on this node has its host port`,
      nextStep: "Give one of them another hostPort: `podstead get staticpods -o yaml` shows them",
    };
  },
  function admission({ evidence: { row }, pod }) {
    const { kubelet } = row.joined;
    if (kubelet === undefined || !ADMISSION.test(kubelet.reason)) return undefined;
    return {
      code: "admission-refused",
      cause: `The kubelet refuses ${pod} on this node: ${kubelet.reason}${
        kubelet.message === "" ? "" : `, ${kubelet.message}`
      }`,
      nextStep: "Change what it asks of the node (nodeSelector, resources, sysctls), or the node",
    };
  },
  function fileOfSameName({ evidence: { row }, pod }) {
    if (row.joined.rivalFromFile !== true) return undefined;
    if (row.ready === "True" && row.drift === "Current") return undefined;
    return {
      code: "same-name-file",
      cause:
        `The kubelet has a pod ${pod} from a file of its staticPodPath too, and takes care of only one of the two`,
      nextStep:
        "Remove that file, or the pod from podstead's config; `podstead doctor` names the file",
    };
  },
  function mirrorPodConflict({ kubeletLog, evidence: { row }, pod }) {
    if (row.ready === "True") return undefined;
    const line = kubeletLog(
      /mirror pod.*(already exists|forbidden|Failed|denied)|Failed.*mirror pod/i,
    );
    if (line === undefined) return undefined;
    return {
      code: "mirror-pod-conflict",
      cause: `The kubelet cannot make the mirror pod of ${pod} in the API server: ${line.trim()}`,
      nextStep:
        "The pod itself runs without it; delete the pod of that name, or allow it, in the API server",
    };
  },
  function sourcesNotReady({ evidence, fetched, untaken, kubeletLog, pod }) {
    if (!fetched || evidence.row.joined.kubelet !== undefined) return undefined;
    const line = kubeletLog(
      /sources? (are |is )?not ready|SourcesReady|nodes? have not yet been read/i,
    );
    if (line === undefined && !(untaken && evidence.kubeletPodCount === 0)) return undefined;
    return {
      code: "sources-not-ready",
      cause: evidence.kubeletPodCount === 0
        ? `The kubelet has fetched the list and has no pod at all: it takes none, or a source of it (the API server, staticPodPath) is not ready`
        : `The kubelet holds ${pod} back until its other sources are ready: ${line?.trim()}`,
      nextStep:
        `See ${KUBELET_LOG}; check its --kubeconfig, and that its staticPodPath can be read`,
    };
  },
  function refusesList({ evidence, fetched, untaken, kubeletLog, pod }) {
    const line = kubeletLog(/Failed to read pods from URL.*(invalid pod|couldn't parse)/);
    if (!fetched || evidence.row.drift === "Current") return undefined;
    if (line === undefined && !untaken) return undefined;
    return {
      code: "kubelet-refuses-list",
      cause: line === undefined
        ? `The kubelet has fetched the list, but does not take ${pod} from it`
        : `The kubelet refuses the whole list: ${line.slice(line.indexOf("err=") + 4).trim()}`,
      nextStep:
        `See ${KUBELET_LOG} for "pods from URL"; then please report it: podstead should have refused that pod`,
    };
  },
];

function stillServed({ servedHash }: DesiredPod): string {
  return servedHash === undefined
    ? "nothing of it is served"
    : "its last good version stays served";
}

/**
 * What is wrong with the node itself, whatever its pods do: the runtime, or the
 * kubelet. Empty where nothing is.
 */
export function explainNode(evidence: Omit<Evidence, "row">): readonly Explanation[] {
  return [
    runtimeFault(evidence),
    evidence.kubeletAlive === false ? KUBELET_DOWN : silent(evidence),
  ].filter((one) => one !== undefined);
}

/** The explanation of a kubelet that does not poll; undefined where it does. */
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
    nextStep: `Is it running, and set to \`staticPodURL: ${url}\`? \`podstead doctor\` checks both`,
  };
}

/** Whether the kubelet has missed several polls, or never polled in time enough for it. */
function isSilent({ fetches, nowMs, limits }: Pick<Evidence, SilenceKeys>): boolean {
  const lastMs = Math.max(fetches.lastGood?.atMs ?? 0, fetches.listeningSinceMs);
  return nowMs - lastMs > silenceLimitMs(fetches, limits);
}

function runtimeFault({ runtimeFailure }: Pick<Evidence, "runtimeFailure">) {
  if (runtimeFailure === undefined) return undefined;
  return {
    code: "runtime-down" as const,
    cause: `The container runtime cannot be asked: ${runtimeFailure.message}`,
    nextStep: runtimeFailure.hint ?? "Check it with `systemctl status containerd`",
  };
}
