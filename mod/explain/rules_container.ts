import { formatDuration } from "../core/mod.ts";
import type { PodStatusRow } from "../status/mod.ts";
import type { Facts } from "./facts.ts";
import { isRecent, klogValue, saidIn } from "./klog_time.ts";
import { failingProbe, restartingProbe } from "./probe_text.ts";
import type { Rule } from "./rules_delivery.ts";

const IMAGE_REASONS =
  /^(ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|ImageInspectError|RegistryUnavailable|SignatureValidationFailed)$/;
const CONFIG_REASONS =
  /^(CreateContainerConfigError|CreateContainerError|PreCreateHookError|PreStartHookError|PostStartHookError)$/;
/** What programs, shells and libraries say when they cannot bind a port. */
const PORT_IN_USE = /address already in use|EADDRINUSE|port is already allocated|bind.*in use/i;
/** What runc says of a container that it cannot prepare, before any program of it is looked for. */
const NO_MOUNT = /error mounting|error during container init: (?!exec)/i;
/** What runc and shells say of a program that is not there. */
const NO_PROGRAM =
  /executable file not found|no such file or directory: unknown|exec format error|permission denied: unknown|exec:.*(not found|no such file)/i;

/** The causes within the pod, from its images to its probes. */
export const CONTAINER_RULES: readonly Rule[] = [
  function imagePull({ failing, pod, kubeletLog, evidence: { absentImages, nowMs, row } }) {
    if (failing !== undefined && IMAGE_REASONS.test(failing.waiting)) {
      return {
        code: "image-pull",
        cause: `The image ${failing.image} of ${pod} cannot be pulled: ${
          failing.message || failing.waiting
        }`,
        nextStep: failing.waiting === "InvalidImageName"
          ? "Correct the image's name in the pod"
          : failing.waiting === "ErrImageNeverPull"
          ? "Load the image on this node, or take `imagePullPolicy: Never` out"
          : pullStep(failing.message),
      };
    }
    const [absent] = absentImages ?? [];
    if (absent === undefined || row.ready === "True" || row.joined.kubelet !== undefined) {
      return undefined;
    }
    const said = pullError(kubeletLog);
    if (said !== undefined) {
      return {
        code: "image-pull",
        cause: `The image ${absent} of ${pod} cannot be pulled: ${said}`,
        nextStep: pullStep(said),
      };
    }
    return {
      // Until its time is up it may still be pulled.
      code: inTime(row, nowMs) ? "on-its-way" : "image-pull",
      cause:
        `The node does not have the image ${absent} of ${pod}, so it is being pulled, or cannot be`,
      nextStep:
        `Try it: \`ctr -n k8s.io images pull ${absent}\`; the kubelet's words are in \`journalctl -u kubelet\``,
    };
  },
  function hostPathMissing({ evidence: { badHostPaths, row }, kubeletLog, pod }) {
    if (row.ready === "True") return undefined;
    const [bad] = badHostPaths ?? [];
    const line = kubeletLog(/hostPath type check failed: \S+ is not an? [\w ]+/);
    if (bad === undefined && line === undefined) return undefined;
    const what = bad === undefined
      ? /hostPath type check failed: ([^"]+?)["\s]*$/.exec(line ?? "")?.[1] ?? line
      : `${bad.path} is not there as ${bad.type}`;
    return {
      code: "host-path-missing",
      cause: `A host path of ${pod} is not what the pod wants: ${what}`,
      nextStep: bad === undefined
        ? "Make it on the node, or change the volume's `type`"
        : `Make "${bad.path}" on the node, or change the volume's \`type\` to ${
          bad.type.startsWith("File") ? "FileOrCreate" : "DirectoryOrCreate"
        }`,
    };
  },
  function noCni(facts) {
    const { evidence, hostNetwork, pod, kubeletLog } = facts;
    if (hostNetwork || hasSandbox(facts) || evidence.row.ready === "True") return undefined;
    const line = kubeletLog(
      /network is not ready|cni plugin not initialized|setup network for sandbox|cni config uninitialized/i,
    );
    if (evidence.networkReady !== false && line === undefined) return undefined;
    return {
      code: "no-cni",
      cause: `${pod} needs a pod network, and this node has none: ${
        line === undefined
          ? "the container runtime says that its network is not ready"
          : saidIn(line)
      }`,
      nextStep:
        "Install a CNI plugin with a config in /etc/cni/net.d, or set `hostNetwork: true` in the pod",
    };
  },
  function sandboxFailed(facts) {
    const { pod, kubeletLog, evidence } = facts;
    if (hasSandbox(facts) || evidence.row.ready === "True") return undefined;
    const line = kubeletLog(
      /Failed to create sandbox|CreatePodSandbox(Error)? for pod|RunPodSandbox from runtime service failed/i,
    );
    if (line === undefined) return undefined;
    return {
      code: "sandbox-failed",
      cause: `The container runtime cannot make the sandbox of ${pod}: ${saidIn(line)}`,
      nextStep:
        "See `podstead logs containerd`; is the sandbox image there, and does the cgroup driver match?",
    };
  },
  function cannotBePrepared({ failing, pod }) {
    if (failing === undefined || !NO_MOUNT.test(failing.message)) return undefined;
    return {
      code: "container-config",
      cause: `Container ${failing.name} of ${pod} cannot be made: ${failing.message}`,
      nextStep: "Correct what it names in the pod: `volumeMounts`, `volumes`, `securityContext`",
    };
  },
  function badCommand({ failing, pod, logTail }) {
    if (failing === undefined) return undefined;
    const started = failing.exit;
    const text = failing.message;
    const said = logTail(/: not found$|: Permission denied$|No such file or directory$/);
    const bad = NO_PROGRAM.test(text) || started?.reason === "StartError" ||
      started?.reason === "ContainerCannotRun" || failing.waiting === "RunContainerError" ||
      ((started?.code === 127 || started?.code === 126) &&
        (failing.waiting !== "" || said !== undefined));
    if (!bad) return undefined;
    return {
      code: "bad-command",
      cause: `The program of container ${failing.name} in ${pod} cannot be started: ${
        text || said || `exit code ${started?.code}`
      }`,
      nextStep: "Check `command` and `args`, and that the image has that program for this CPU",
    };
  },
  function outOfMemory({ failing, pod }) {
    if (failing?.exit?.reason !== "OOMKilled") return undefined;
    return {
      code: "out-of-memory",
      cause: `Container ${failing.name} of ${pod} used more memory than it may and was killed`,
      nextStep: "Raise `resources.limits.memory`, or let it need less: `podstead stats`",
    };
  },
  function portTaken({ failing, pod, logTail, id }) {
    if (failing === undefined) return undefined;
    const line = logTail(PORT_IN_USE);
    if (line === undefined) return undefined;
    return {
      code: "port-taken",
      cause: `Container ${failing.name} of ${pod} cannot listen, its port is taken: ${line.trim()}`,
      nextStep:
        `See who has it: \`ss -ltnp\`; the whole log: \`podstead logs -k ${id}:${failing.name}\``,
    };
  },
  function containerConfig({ failing, pod }) {
    if (failing === undefined || !CONFIG_REASONS.test(failing.waiting)) return undefined;
    return {
      code: "container-config",
      cause: `Container ${failing.name} of ${pod} cannot be made (${failing.waiting}): ${
        failing.message || "the kubelet says no more"
      }`,
      nextStep: "Correct what it names in the pod; the whole story is in `journalctl -u kubelet`",
    };
  },
  function failingHook({ failing, pod, kubeletLog, evidence: { nowMs } }) {
    if (failing === undefined) return undefined;
    // Its own reason is shown for a moment only, between two starts.
    const line = kubeletLog(/"Failed to execute PostStartHook" err="/);
    if (line === undefined || !isRecent(line, nowMs)) return undefined;
    if (!line.includes(`containerName="${failing.name}"`)) return undefined;
    const said = klogValue(line, "err");
    return {
      code: "container-config",
      cause: `Container ${failing.name} of ${pod} is ended because its postStart hook fails${
        said === undefined ? "" : `: ${said}`
      }`,
      nextStep: "Correct `lifecycle.postStart` of the container",
    };
  },
  function initContainer({ failing, pod, id }) {
    if (failing === undefined || !failing.isInit || failing.exit === undefined) return undefined;
    return {
      code: "init-container",
      cause: `Init container ${failing.name} of ${pod} fails ${
        times(failing.restarts)
      }with exit code ${failing.exit.code}, so the others are not started`,
      nextStep: `See what it says: \`podstead logs -k ${id}:${failing.name}\``,
    };
  },
  function liveness(facts) {
    const { failing, kubeletLog, pod } = facts;
    if (failing?.exit === undefined) return undefined;
    const line = kubeletLog(/failed (liveness|startup) probe, will be restarted/);
    const kind = line === undefined
      ? restartingProbe(facts, failing)
      : line.includes("failed startup probe")
      ? "startup"
      : "liveness";
    if (kind === undefined) return undefined;
    return {
      code: "liveness",
      cause: `The kubelet restarts container ${failing.name} of ${pod}, because ${
        failingProbe(facts, failing.name, [kind]) ?? `its ${kind} probe fails`
      }`,
      nextStep:
        "Try the probe by hand, or give it more time: `initialDelaySeconds`, `timeoutSeconds`",
    };
  },
  function crashLoop({ failing, pod, id }) {
    if (failing?.exit === undefined) return undefined;
    if (failing.waiting !== "CrashLoopBackOff" && failing.restarts === 0) return undefined;
    const { code, reason } = failing.exit;
    const how = code === 0
      ? "with exit code 0, though it should keep running"
      : `with exit code ${code}${reason === "" || reason === "Error" ? "" : ` (${reason})`}`;
    return {
      code: "crash-loop",
      cause:
        `Container ${failing.name} of ${pod} ends again and again ${how}, ${failing.restarts} restart${
          failing.restarts === 1 ? "" : "s"
        } so far`,
      nextStep: `See what it says: \`podstead logs -k ${id}:${failing.name}\``,
    };
  },
  function exited({ failing, pod, id }) {
    if (failing?.exit === undefined) return undefined;
    return {
      code: "exited",
      cause: `Container ${failing.name} of ${pod} has ended with exit code ${failing.exit.code}`,
      nextStep: `See what it says: \`podstead logs -k ${id}:${failing.name}\``,
    };
  },
  function initRuns({ evidence: { row, nowMs }, pod, id }) {
    const { kubelet } = row.joined;
    if (row.ready === "True" || kubelet === undefined) return undefined;
    const waits = kubelet.containers.every(({ state }) => state.kind === "waiting");
    const runs = kubelet.initContainers.find(({ state, ready }) =>
      state.kind === "running" && !ready
    );
    if (!waits || runs === undefined) return undefined;
    const sinceMs = Date.parse(runs.state.kind === "running" ? runs.state.startedAt ?? "" : "");
    const since = Number.isNaN(sinceMs)
      ? ""
      : ` for ${formatDuration(Math.max(0, nowMs - sinceMs))}`;
    return {
      code: "init-container",
      cause:
        `Init container ${runs.name} of ${pod} has been running${since}; the others are not started before it has done its work`,
      nextStep: `See what it says: \`podstead logs -k ${id}:${runs.name}\``,
    };
  },
  function notReady(facts) {
    const { evidence: { row }, pod, id } = facts;
    const { kubelet } = row.joined;
    if (row.ready === "True") return undefined;
    const unready =
      kubelet?.containers.filter(({ ready, state }) => !ready && state.kind === "running") ?? [];
    const [first] = unready;
    if (first === undefined) return undefined;
    return {
      code: "not-ready",
      cause: `Container ${unready.map(({ name }) => name).join(", ")} of ${pod} runs, but ${
        failingProbe(facts, first.name, kindsOf(first.started)) ??
          "its readiness or startup probe does not pass"
      }`,
      nextStep: `See what it says: \`podstead logs -k ${id}:${first.name}\``,
    };
  },
];

/** Which probes may keep a running container from being ready: until it has started, only one. */
function kindsOf(started: boolean | undefined): readonly ("startup" | "readiness")[] {
  if (started === undefined) return ["startup", "readiness"];
  return started ? ["readiness"] : ["startup"];
}

function hasSandbox({ evidence: { row } }: Facts): boolean {
  return row.joined.sandboxes.some(({ state }) => state === "SANDBOX_READY");
}

function times(restarts: number): string {
  return restarts === 0 ? "" : `(${restarts} restart${restarts === 1 ? "" : "s"}) `;
}

/** How long a pod may be without a container after its sandbox was made, in milliseconds. */
const START_MS = 30_000;

/** Whether a pod has not had enough time to come up yet. */
function inTime({ drift, startedAtMs }: PodStatusRow, nowMs: number): boolean {
  return drift === "Pending" || drift === "Updating" ||
    drift === "Current" && startedAtMs !== undefined && nowMs - startedAtMs <= START_MS;
}

/** Why the kubelet could not pull an image, by its log; undefined if it does not say. */
function pullError(kubeletLog: Facts["kubeletLog"]): string | undefined {
  const said = klogValue(kubeletLog(/with (ErrImagePull|ImagePullBackOff): /) ?? "", "err");
  return /ErrImagePull: "?(.*?)"?$/s.exec(said ?? "")?.[1]?.replaceAll('\\"', '"');
}

function pullStep(said: string): string {
  return /\b401\b|\b403\b|unauthorized|authoriz|denied/i.test(said)
    ? "The registry wants a login, or another one: `agent.pull` or the pod's `imagePullSecrets`; or the name is wrong, which some registries answer like this"
    : "Check its name, the registry and the network, or load it: `ctr -n k8s.io images import FILE`";
}
