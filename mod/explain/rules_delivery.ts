import type { Explanation } from "./evidence.ts";
import { liveVersions } from "../verdict/mod.ts";
import type { Facts } from "./facts.ts";
import type { DesiredPod } from "../status/mod.ts";
import { isRecent, saidIn } from "./klog_time.ts";
import { kubeletDown, kubeletHangs } from "./kubelet_down.ts";
import { otherNodeName, runtimeFault } from "./node_causes.ts";
import { otherUrl, silent, tokenWrong } from "./polls.ts";

/** One known cause: its explanation if it holds, undefined if it does not. */
export type Rule = (facts: Facts) => Explanation | undefined;

const KUBELET_LOG = "`journalctl -u kubelet`";

/** Reasons with which a node's kubelet refuses a pod for good (pkg/kubelet/lifecycle, pkg/kubelet/eviction). */
const ADMISSION =
  /^(NodeAffinity|NodeSelectorMismatching|OutOf\w+|UnexpectedAdmissionError|InvalidNodeInfo|SysctlForbidden|TopologyAffinityError|TaintToleration|AppArmor|PodOSNotSupported|PodOSSelectorNodeLabelDoesNotMatch|NodeShutdown|Preempting|InitContainerRestartPolicyForbidden|PodFeatureUnsupported)$/;

/** Source: kubernetes pkg/kubelet/kubelet.go `deletePod`, config/config.go `SourcesReady`. */
const SOURCES_NOT_READY =
  /sources? (?:are |is )?(?:not|aren't|isn't) ready|sources aren't ready yet|SourcesReady|nodes? have not yet been read/i;

/** Only an API server that answered and refused is a conflict; one that is away refuses nothing. */
const MIRROR_CONFLICT =
  /mirror pod.*(?:already exists|forbidden|denied)|(?:already exists|forbidden|denied).*mirror pod/i;

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
        "Check the image's name, the registry and `agent.pull`; podstead tries again by itself. " +
        "With the annotation `podstead.dev/pull: continue` the pod is replaced without the image",
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
  function heldForTakeOver({ evidence: { row }, pod }) {
    const { desired } = row.joined;
    if (desired?.reasonCode !== "held-for-take-over") return undefined;
    return {
      code: "held-for-take-over",
      cause: `${pod} is ${desired.reason ?? "held for a take-over"}`,
      nextStep: "`podstead import --take-over` continues it; " +
        `\`podstead start ${pod}\` serves it without that`,
    };
  },
  function stopped({ evidence: { row }, pod }) {
    const { desired } = row.joined;
    if (desired?.state !== "Stopped") return undefined;
    return {
      code: "stopped",
      cause: `${pod} is ${desired.reason ?? "stopped"}`,
      nextStep: `\`podstead start ${pod}\` serves it again`,
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
  function wrongNodeName({ evidence }) {
    return evidence.row.ready === "True" && evidence.row.drift === "Current"
      ? undefined
      : otherNodeName(evidence);
  },
  function wrongToken({ evidence, fetched }) {
    return fetched ? undefined : tokenWrong(evidence);
  },
  function wrongUrl({ evidence, fetched, untaken }) {
    // What it fetched before it was restarted does not help a pod that it does not list now.
    return fetched && !untaken ? undefined : otherUrl(evidence);
  },
  function kubeletIsDown({ evidence }) {
    return evidence.row.drift === "Orphaned"
      ? undefined
      : kubeletDown(evidence) ?? kubeletHangs(evidence);
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
        "`podstead import --take-over` takes the folder's pods over; or remove that file, or the pod " +
        "from podstead's config; `podstead doctor` names the file",
    };
  },
  function twoVersions({ evidence: { row }, pod }) {
    const live = liveVersions(row.joined.sandboxes);
    if (live.length < 2) return undefined;
    const hashes = live.map(({ specHash, sandboxId }) => specHash ?? sandboxId.slice(0, 12));
    return {
      code: "two-versions",
      cause: `${live.length} versions of ${pod} run at once (${
        hashes.join(", ")
      }): a kubelet that was restarted while a source of it (its API server) was away ends nothing`,
      nextStep:
        "Restart the kubelet once its API server answers: `systemctl restart kubelet`; `podstead containers -k` shows both",
    };
  },
  function mirrorPodConflict({ kubeletLog, evidence: { row, nowMs }, pod }) {
    if (row.ready === "True") return undefined;
    const line = kubeletLog(MIRROR_CONFLICT);
    if (line === undefined || !isRecent(line, nowMs)) return undefined;
    return {
      code: "mirror-pod-conflict",
      cause: `The kubelet cannot make the mirror pod of ${pod} in the API server: ${saidIn(line)}`,
      nextStep:
        "The pod itself runs without it; delete the pod of that name, or allow it, in the API server",
    };
  },
  function sourcesNotReady({ evidence, fetched, untaken, kubeletLog, pod }) {
    const { row, kubeletPodCount } = evidence;
    const waits = fetched && row.drift !== "Current";
    if (!waits && !(row.drift === "Orphaned" && !row.ending)) return undefined;
    const line = kubeletLog(SOURCES_NOT_READY);
    // A pod that has no older version is still started.
    const stuck = row.drift === "Updating" || row.drift === "Stale" || row.drift === "Orphaned";
    const unseen = stuck ? evidence.apiServerUnseen : undefined;
    const starting = evidence.kubeletFailure?.problem === "starting"
      ? evidence.kubeletFailure.message
      : undefined;
    const said = (line === undefined ? undefined : saidIn(line)) ?? starting ?? unseen;
    if (said === undefined && !(untaken && kubeletPodCount === 0)) return undefined;
    return {
      code: "sources-not-ready",
      cause: said === undefined
        ? `The kubelet has fetched the list and has no pod at all: it takes none, or a source of it (the API server, staticPodPath) is not ready`
        : `The kubelet makes no change to ${pod} until its other sources are ready, its API server most likely: ${said}`,
      nextStep:
        "Restart the kubelet: `systemctl restart kubelet`; if it says so again, check its --kubeconfig and its staticPodPath",
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
