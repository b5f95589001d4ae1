/** Looks at a node for the doctor. Changes nothing; everything has a deadline. */
import { loadConfig, type LoadDeps, type Settings } from "../../config/mod.ts";
import { controlPlaneEntries } from "../../controlplane/mod.ts";
import { type JsonObject, valueAt } from "../../core/mod.ts";
import type { NodeKubelet } from "../../kubelet/mod.ts";
import { hasPullSecrets, judgeResolved, objectSource } from "../../materialize/mod.ts";
import { buildInfo, defaultNodeAddress, defaultNodeName } from "../../os/mod.ts";
import type { PkiReport } from "../../pki/mod.ts";
import { declareObjects, declarePods, formatKey, judge, podKey } from "../../pods/mod.ts";
import { formatProblem } from "../../text/mod.ts";
import type { AgentFacts, DoctorFacts } from "../facts.ts";
import { asked } from "./asked.ts";
import { askEndpoint } from "./endpoint_facts.ts";
import { lookAtDisks, lookAtSecrets } from "./file_facts.ts";
import { askSystemd, isClockSynchronized } from "./host_facts.ts";
import { askKubelet, podLogsDirOf, podsOfPath } from "./kubelet_facts.ts";
import { askRuntime } from "./runtime_facts.ts";

/** What the doctor needs to begin. */
export interface GatherOptions {
  readonly configPath: string;
  /** Used if the config is unusable. */
  readonly fallback: Settings;
  readonly socket: string;
  /** Asks the agent. */
  readonly agent: () => Promise<AgentFacts>;
  /** Finds this node's kubelet. */
  readonly kubelet: () => Promise<NodeKubelet>;
  readonly nowMs: number;
  /** Whether root asks. */
  readonly root: boolean;
  /** Gives the agent's environment; default: an empty one. */
  readonly env?: NonNullable<LoadDeps["env"]>;
}

/** Gathers what the checks look at. */
export async function gatherDoctorFacts(options: GatherOptions): Promise<DoctorFacts> {
  const { configPath, nowMs, socket } = options;
  const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
  const { env } = options;
  const [loaded, node] = await Promise.all([
    loadConfig(configPath, { ...host, ...(env === undefined ? {} : { env }) }),
    options.kubelet(),
  ]);
  const settings = loaded.settings ?? options.fallback;
  const declared = declarePods(loaded.entries);
  const { controlPlane, node: self } = settings;
  const components = loaded.settings === undefined
    ? []
    : controlPlaneEntries({ config: controlPlane, node: self, file: configPath });
  const objects = declareObjects(loaded.objects, new Map(), {
    sealedOnly: settings.secrets === "sealed-only",
  });
  const errors = [...loaded.problems, ...declared.problems, ...objects.problems]
    .filter(({ severity }) => severity === "error")
    .map((problem) => formatProblem(problem, { color: false }).split("\n")[0] ?? "");
  const [agent, endpoint, kubelet, runtime, secrets, clock, systemd] = await Promise.all([
    asked(options.agent()),
    askEndpoint(settings),
    askKubelet(settings, node),
    asked(askRuntime(settings)),
    lookAtSecrets(settings),
    isClockSynchronized(),
    askSystemd(),
  ]);
  const judging = {
    nodeName: settings.node.name,
    kubeletVersion: kubelet.judgedBy.version,
    featureGates: kubelet.judgedBy.gates,
    standAlone: kubelet.judgedBy.standAlone,
    unknownFields: settings.kubelet.unknownFields,
  };
  const servable = judgeResolved(declared.pods.map(({ pod }) => pod), {
    objects: objectSource(objects.objects.map(({ object }) => object)),
    nodeName: settings.node.name,
    volumesDirectory: settings.volumesDir,
  }, (pods) => pods.map((pod) => judge(pod, judging)));
  const refused = declared.pods.flatMap((pod, at) => {
    const issue = servable[at]?.errors[0];
    if (issue === undefined) return [];
    const { line, column } = pod.entry.positionOf(issue.path);
    const { file } = pod.entry.source;
    return [`${file}:${line}:${column}: error: ${issue.field}: ${issue.type}`];
  });
  return {
    nowMs,
    root: options.root,
    version: buildInfo().version,
    config: {
      path: configPath,
      usable: loaded.settings !== undefined,
      errors: [...errors, ...refused],
      pods: declared.pods.length + components.length,
      podsWithNetwork: declared.pods.filter(({ pod }) => !usesHostNetwork(pod))
        .map(({ key }) => formatKey(key)),
      podsWithPullSecrets: declared.pods.filter(({ pod }) => hasPullSecrets(pod))
        .map(({ key }) => formatKey(key)),
      podKeys: [
        ...declared.pods.map(({ key }) => key),
        ...components.flatMap(({ pod }) => podKey(pod) ?? []),
      ].map(formatKey),
    },
    settings,
    socket,
    agent,
    endpoint,
    kubelet,
    otherStaticPods: await podsOfPath(kubelet, node.found),
    runtime,
    disks: await lookAtDisks(settings.stateDir, podLogsDirOf(kubelet)),
    secrets,
    certificates: await lookAtCertificates(settings, nowMs),
    clockSynchronized: clock,
    systemd,
  };
}

async function lookAtCertificates(
  { controlPlane, node }: Settings,
  nowMs: number,
): Promise<PkiReport | undefined> {
  if (controlPlane === null) return undefined;
  const { checkPki, pkiPlaceOf } = await import("../../pki/look.ts");
  return await checkPki({ ...pkiPlaceOf(controlPlane, node), nowMs });
}

function usesHostNetwork(pod: JsonObject): boolean {
  return valueAt(pod, ["spec", "hostNetwork"]) === true;
}
