/** The checks of what podstead works with: kubelet and container runtime. Pure. */
import { formatDuration, parseDuration } from "../core/mod.ts";
import { gatesFromText } from "../kubelet/mod.ts";
import {
  assumedGates,
  gateProblems,
  gateProblemText,
  minorOf,
  NEWEST_MINOR,
  OLDEST_MINOR,
} from "../pods/mod.ts";
import { DEFAULT_LIMITS, silenceLimitMs } from "../status/mod.ts";
import { ago } from "./checks.ts";
import type { DoctorFacts } from "./facts.ts";
import { type Answer, bad, doubtful, good, untold } from "./finding.ts";

/** Whether the kubelet runs. */
export function checkKubelet({ kubelet, agent, nowMs }: DoctorFacts): Answer {
  const { healthz, pods, found } = kubelet;
  if ("value" in healthz || "value" in pods) return good("The kubelet runs and is healthy");
  const { problem } = pods.failure;
  if (problem !== undefined && !UNANSWERED.has(problem)) return good("The kubelet runs");
  const last = "value" in agent ? agent.value.fetches.lastGood : undefined;
  if (last !== undefined && nowMs - last.atMs < RECENT_MS) {
    return good(`The kubelet runs: it fetched the list ${ago(last.atMs, nowMs)}`);
  }
  if (healthz.failure.problem !== "refused") {
    return bad(`The kubelet is not healthy: ${healthz.failure.message}`, "`journalctl -u kubelet`");
  }
  return bad(
    "The kubelet does not run: nothing listens on its ports",
    found.kind === "embedded"
      ? `Start ${found.by}, which has it inside: \`systemctl start ${found.unit}\``
      : found.kind === "none"
      ? "Install and start a kubelet; `podstead kubelet-config` prints what it must know"
      : "`systemctl start kubelet`; why it ended is in `journalctl -u kubelet`",
  );
}

/** What goes wrong without an answer: no process there, or a file of ours that prevented it. */
const UNANSWERED: ReadonlySet<string> = new Set(["refused", "timeout", "credentials"]);
/** A kubelet that polled so recently runs. */
const RECENT_MS = 5_000;

/** Whether the kubelet polls this URL. */
export function checkKubeletUrl(facts: DoctorFacts): Answer {
  const { settings, agent, nowMs } = facts;
  const { url } = settings.manifest;
  const fix =
    `Set \`staticPodURL: ${url}\` in its config (\`podstead kubelet-config\`), and restart the kubelet`;
  const fetches = "value" in agent ? agent.value.fetches : undefined;
  const { lastGood, lastRefused } = fetches ?? {};
  if (lastRefused !== undefined && lastRefused.atMs > (lastGood?.atMs ?? 0)) {
    const { status, path } = lastRefused;
    if (status === 404 || status === 421 || status === 405) {
      return bad(
        `The kubelet polls this address in another way: ${status} for ${path ?? "its request"}, ${
          ago(lastRefused.atMs, nowMs)
        }`,
        fix,
      );
    }
  }
  const configured = kubeletSetting(facts, "staticPodURL");
  if (configured !== undefined && configured !== url) {
    return bad(
      configured === ""
        ? "The kubelet polls no URL"
        : `The kubelet polls ${configured}, not ${url}`,
      fix,
    );
  }
  const limitMs = fetches === undefined ? 0 : silenceLimitMs(fetches, DEFAULT_LIMITS);
  if (lastGood !== undefined && nowMs - lastGood.atMs < limitMs) {
    return good(`The kubelet polls ${url}, last ${ago(lastGood.atMs, nowMs)}`);
  }
  if (fetches === undefined) {
    return configured === url
      ? good(`The kubelet is set to ${url}`)
      : untold("Neither an agent nor the kubelet's config can be asked");
  }
  const silentMs = nowMs - (lastGood?.atMs ?? fetches.listeningSinceMs);
  const refused = lastRefused !== undefined && lastRefused.atMs > (lastGood?.atMs ?? 0);
  if (refused) return good(`The kubelet polls ${url}, and is refused`);
  if (silentMs < limitMs) {
    return untold(`No poll in the ${formatDuration(silentMs)} that were watched`);
  }
  return bad(`The kubelet has not polled ${url} for ${formatDuration(silentMs)}`, fix);
}

/** Whether the kubelet brings the token. */
export function checkKubeletToken(facts: DoctorFacts): Answer {
  const { settings, agent, nowMs, endpoint } = facts;
  const fix =
    "Put `staticPodURLHeader` from `podstead kubelet-config` into the kubelet's config, and restart it";
  if (settings.manifest.tokenFile === null) return good("No token is wanted");
  const { lastGood, lastRefused } = "value" in agent ? agent.value.fetches : {} as {
    readonly lastGood?: undefined;
    readonly lastRefused?: undefined;
  };
  if (lastRefused?.status === 401 && lastRefused.atMs > (lastGood?.atMs ?? 0)) {
    return bad(
      `The kubelet polls with no token or a wrong one: 401, ${ago(lastRefused.atMs, nowMs)}`,
      fix,
    );
  }
  const header = headerOf(facts);
  const { token } = endpoint;
  if (header !== undefined && token !== undefined && "value" in token) {
    return header.includes(`Bearer ${token.value}`)
      ? good("The kubelet has the token")
      : bad("The kubelet's config has no token, or another one", fix);
  }
  return lastGood === undefined
    ? untold("No poll was seen, and the kubelet's config cannot be read")
    : good("The kubelet brings the token");
}

/** How long a change waits for the next poll before a person minds. */
const SLOW_POLL_MS = 10_000;

/** Whether the kubelet polls often enough. */
export function checkKubeletInterval(facts: DoctorFacts): Answer {
  const text = kubeletSetting(facts, "httpCheckFrequency");
  const seen = "value" in facts.agent ? facts.agent.value.fetches.intervalMs : undefined;
  const intervalMs = seen ?? (text === undefined ? undefined : parseDuration(text));
  if (intervalMs === undefined) return untold("No two polls were seen yet");
  const said = `The kubelet polls every ${formatDuration(intervalMs)}`;
  return intervalMs > SLOW_POLL_MS
    ? doubtful(
      `${said}: so long a change may wait`,
      "Set `httpCheckFrequency: 1s` in the kubelet's config",
    )
    : good(said);
}

/** Whether the kubelet may be asked what happened to the pods. */
export function checkKubeletApi({ kubelet, settings }: DoctorFacts): Answer {
  const { pods, podsSocket, verification } = kubelet;
  if ("value" in pods) {
    const count = `${pods.value.count} pod${pods.value.count === 1 ? "" : "s"}`;
    return good(
      podsSocket === undefined
        ? `${settings.kubelet.endpoint} answers: ${count}; ${verification}`
        : `"${podsSocket}" answers: ${count}; its pods API needs no certificate`,
    );
  }
  const refused = pods.failure.problem === "forbidden" ||
    pods.failure.problem === "authorizer-down";
  return doubtful(
    `The kubelet's pods cannot be read: ${pods.failure.message}; readiness by probes is not visible`,
    refused && standsAlone(kubelet.found)
      ? "It has no API server to ask: set `authorization.mode: AlwaysAllow` in its config, with `authentication.x509.clientCAFile` and without anonymous access"
      : pods.failure.hint ?? "See `agent.kubelet` in the config",
  );
}

/**
 * Whether the kubelet has no API server. Where it may have one, everything that
 * can reach its port with any certificate would rule the node by `AlwaysAllow`.
 */
function standsAlone(found: DoctorFacts["kubelet"]["found"]): boolean {
  if (found.kind !== "unit" || found.facts.kubeadm) return false;
  const { flags } = found.facts;
  return flags["kubeconfig"] === undefined && flags["bootstrap-kubeconfig"] === undefined;
}

/** Whether podstead and the kubelet call the node by one name. */
export function checkNodeName(facts: DoctorFacts): Answer {
  const { settings, kubelet } = facts;
  const ours = settings.node.name;
  const override = kubelet.found.kind === "unit"
    ? kubelet.found.facts.settings.nodeName
    : undefined;
  const named = "value" in kubelet.pods ? kubelet.pods.value.ours : [];
  const foreign = named.find((name) => !name.endsWith(`-${ours.toLowerCase()}`));
  if (foreign !== undefined) {
    return bad(
      `The kubelet calls a pod of ours "${foreign}", which does not end with this node's name, "${ours}": it is not found by its name`,
      "Set `agent.node.name` to the end of that name, as the kubelet calls this node",
    );
  }
  if (named.length > 0) return good(`"${ours}", as the kubelet calls it`);
  if (override === undefined) return good(`"${ours}", and the kubelet is told no other name`);
  return override.toLowerCase() === ours.toLowerCase()
    ? good(`"${ours}", as the kubelet calls it`)
    : bad(
      `The kubelet calls this node "${override}" (--hostname-override), podstead "${ours}": no pod is found by its name`,
      `Set \`agent.node.name: ${override.toLowerCase()}\``,
    );
}

/** Whether the kubelet has pods of ours from its directory as well. */
export function checkStaticPodPath({ otherStaticPods, config }: DoctorFacts): Answer {
  const twice = otherStaticPods.filter(({ key }) => config.podKeys.includes(key));
  const [first] = twice;
  if (first === undefined) {
    return good(
      otherStaticPods.length === 0
        ? "No pod comes from the kubelet's staticPodPath"
        : `${otherStaticPods.length} pods come from the kubelet's staticPodPath, none of them ours`,
    );
  }
  return bad(
    `${first.key} is declared here and in "${first.file}": the kubelet takes only one of them`,
    `\`podstead import --take-over\`, or remove "${first.file}", or the pod from podstead's config`,
  );
}

/** Whether the runtime answers, with CRI. */
export function checkRuntime({ runtime, settings }: DoctorFacts): Answer {
  if ("failure" in runtime) {
    return bad(
      runtime.failure.message,
      runtime.failure.hint ?? "`systemctl status containerd`; see `agent.runtime.endpoint`",
    );
  }
  return runtime.value.ready
    ? good(`${runtime.value.name} answers on ${settings.runtime.endpoint}`)
    : bad(
      `${runtime.value.name} says that it is not ready: ${runtime.value.message}`,
      "`journalctl -u containerd`",
    );
}

/** Whether the image that every pod needs is on the node. */
export function checkSandboxImage({ runtime }: DoctorFacts): Answer {
  if ("failure" in runtime) return untold("The runtime cannot be asked");
  const { sandboxImage } = runtime.value;
  if (sandboxImage === undefined) return untold("The runtime does not say which image it is");
  return sandboxImage.present ? good(`${sandboxImage.name} is on this node`) : doubtful(
    `The sandbox image ${sandboxImage.name} is not on this node: the first pod pulls it`,
    `Load it where there is no registry: \`ctr -n k8s.io images pull ${sandboxImage.name}\``,
  );
}

/** Whether kubelet and runtime use one cgroup driver. */
export function checkCgroupDriver({ runtime, kubelet }: DoctorFacts): Answer {
  const theirs = "value" in kubelet.configz ? kubelet.configz.value["cgroupDriver"] : undefined;
  const ours = "value" in runtime ? runtime.value.cgroupDriver : undefined;
  if (typeof theirs !== "string" || ours === undefined) {
    return untold("Kubelet or runtime does not say which it uses");
  }
  return theirs === ours ? good(`Both use ${ours}`) : bad(
    `The kubelet uses ${theirs}, the runtime ${ours}: pods fail or are killed at random`,
    `Set \`cgroupDriver: ${ours}\` in the kubelet's config, or SystemdCgroup in the runtime's`,
  );
}

/** Whether there is a pod network, where a pod needs one. */
export function checkNetwork({ runtime, config }: DoctorFacts): Answer {
  const [first] = config.podsWithNetwork;
  if (first === undefined) return good("No pod needs a pod network");
  if ("failure" in runtime) return untold("The runtime cannot be asked");
  return runtime.value.networkReady ? good("The pod network is ready") : bad(
    `${first} needs a pod network, and the runtime has none: ${runtime.value.message}`,
    "Install a CNI plugin with a config in /etc/cni/net.d, or set `hostNetwork: true` in the pod",
  );
}

/** Whether the kubelet's version is one that podstead knows the rules of. */
export function checkVersions({ kubelet, version }: DoctorFacts): Answer {
  const minor = /^v?1\.(\d+)\./.exec(kubelet.version ?? "")?.[1];
  if (minor === undefined) return untold(`podstead ${version}; the kubelet's version is not known`);
  const said = `podstead ${version}, kubelet ${kubelet.version}`;
  return Number(minor) < OLDEST_MINOR || Number(minor) > NEWEST_MINOR
    ? doubtful(
      `${said}: podstead knows the rules of 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}`,
      "Verdicts on pods may differ from the kubelet's; use a podstead that knows it",
    )
    : good(said);
}

/** With which feature gates of the kubelet pods are judged. */
export function checkFeatureGates({ kubelet, settings }: DoctorFacts): Answer {
  const { version, gates, from } = kubelet.judgedBy;
  const minor = minorOf(version ?? "") ?? NEWEST_MINOR;
  const [problem] = gateProblems(minor, settings.kubelet.featureGates)
    .filter(({ kind }) => kind !== "unknown");
  if (problem !== undefined) {
    return doubtful(
      `agent.kubelet.featureGates: ${gateProblemText(problem, minor)}`,
      `Take ${problem.name} out of the config`,
    );
  }
  const changed = assumedGates(minor, gates).filter(({ isDefault }) => !isDefault)
    .map(({ name, enabled }) => `${name}=${enabled}`);
  const said = changed.length === 0
    ? `Pods are judged with the default feature gates of 1.${minor}`
    : `Pods are judged with ${changed.join(", ")}, else the defaults of 1.${minor}`;
  return good(
    from === "defaults"
      ? `${said}; no kubelet was found to read others from`
      : `${said}, ${gatesFromText(from)}`,
  );
}

/** A setting of the kubelet: its current value, or else what its files say. */
function kubeletSetting(
  { kubelet }: DoctorFacts,
  name: "staticPodURL" | "httpCheckFrequency",
): string | undefined {
  if ("value" in kubelet.configz) {
    const value = kubelet.configz.value[name];
    return typeof value === "string" ? value : name === "staticPodURL" ? "" : undefined;
  }
  return kubelet.found.kind === "unit" ? kubelet.found.facts.settings[name] : undefined;
}

/** The values of the kubelet's Authorization header. */
function headerOf({ kubelet }: DoctorFacts): readonly string[] | undefined {
  const headers = "value" in kubelet.configz
    ? kubelet.configz.value["staticPodURLHeader"]
    : kubelet.found.kind === "unit"
    ? kubelet.found.facts.settings.staticPodURLHeader
    : undefined;
  if (headers === undefined) return undefined;
  const found = Object.entries(typeof headers === "object" && headers !== null ? headers : {})
    .find(([name]) => name.toLowerCase() === "authorization");
  return Array.isArray(found?.[1]) ? found[1].map(String) : [];
}
