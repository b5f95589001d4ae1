/** What `podstead support` gathers: command lines of podstead's own, and files of the node. */

/** One command whose output becomes a file. */
export interface SupportPart {
  /** The path in the archive. */
  readonly name: string;
  /** Arguments of podstead. */
  readonly args: readonly string[];
}

/** How many lines of each log: hours of an agent, and enough to see a pod end some times. */
const LOG_LINES = "1500";
const POD_LOG_LINES = "300";
/** How many pods are looked at closely: with more unwell ones the reason is the node's. */
const MAX_PODS = 20;

/** The verdict: it also says which pods are looked at closely. */
export const OVERVIEW: SupportPart = { name: "overview.json", args: ["overview", "-o", "json"] };

/** What is asked of every node; first what tells most if the agent hangs. */
export const NODE_PARTS: readonly SupportPart[] = [
  { name: "services.txt", args: ["services"] },
  ...["podstead", "kubelet", "containerd", "crio"].map((unit) => ({
    name: `logs/${unit}.log`,
    args: ["logs", "-u", unit, "--tail", LOG_LINES],
  })),
  { name: "overview.txt", args: ["overview"] },
  { name: "doctor.txt", args: ["doctor", "--all"] },
  { name: "doctor.json", args: ["doctor", "-o", "json"] },
  { name: "version.txt", args: ["version"] },
  { name: "validate.txt", args: ["validate"] },
  { name: "state/staticpods.json", args: ["get", "staticpods", "-o", "json"] },
  { name: "state/staticpodstatus.json", args: ["get", "staticpodstatus", "-o", "json"] },
  { name: "state/server.json", args: ["get", "staticpodserverstatus", "-o", "json"] },
  { name: "state/config.json", args: ["get", "configstatus", "-o", "json"] },
  { name: "state/pods.txt", args: ["get", "pods", "-o", "wide"] },
  { name: "state/history.json", args: ["history", "-o", "json"] },
  { name: "state/history.txt", args: ["history"] },
  { name: "events.txt", args: ["events"] },
  { name: "events.json", args: ["events", "-o", "json"] },
  { name: "runtime/containers.txt", args: ["containers", "-k"] },
  { name: "runtime/containers.json", args: ["containers", "-k", "-o", "json"] },
  { name: "runtime/images.txt", args: ["images"] },
  { name: "runtime/stats.txt", args: ["stats"] },
];

/** What is asked of each pod that is not well. */
export function podParts(overview: unknown): readonly SupportPart[] {
  return unwellPods(overview).slice(0, MAX_PODS).flatMap((id) => {
    const folder = `pods/${id.replace(/[^\w.-]+/g, "_").slice(0, 60)}`;
    const logs = ["logs", "-k", id, "--all-containers", "--tail", POD_LOG_LINES];
    return [
      { name: `${folder}/describe.txt`, args: ["describe", id] },
      { name: `${folder}/describe.json`, args: ["describe", id, "-o", "json"] },
      { name: `${folder}/current.log`, args: logs },
      { name: `${folder}/previous.log`, args: [...logs, "--previous"] },
    ];
  });
}

/** Of what `podstead overview -o json` says; none of anything else. */
function unwellPods(overview: unknown): readonly string[] {
  const { pods } = (overview ?? {}) as { readonly pods?: unknown };
  if (!Array.isArray(pods)) return [];
  return pods.flatMap((pod: { readonly id?: unknown; readonly well?: unknown }) =>
    typeof pod.id === "string" && pod.well !== true ? [pod.id] : []
  );
}

/** Files of the node that say what machine it is. */
export const NODE_FILES: readonly string[] = [
  "/etc/os-release",
  "/proc/version",
  "/proc/uptime",
  "/proc/loadavg",
  "/proc/meminfo",
  "/proc/pressure/cpu",
  "/proc/pressure/memory",
  "/proc/pressure/io",
];

/** YAML files besides the config of podstead. */
export const KUBELET_CONFIG = "/var/lib/kubelet/config.yaml";
