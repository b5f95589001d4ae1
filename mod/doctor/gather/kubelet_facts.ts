import { join } from "node:path";
import type { Settings } from "../../config/mod.ts";
import { SPEC_HASH_ANNOTATION } from "../../cri/mod.ts";
import {
  judgedBy,
  kubeletClient,
  type KubeletFound,
  type NodeKubelet,
  podsApi,
  podsApiSocket,
  withFoundCredentials,
} from "../../kubelet/mod.ts";
import { nodeFiles } from "../../os/mod.ts";
import { formatKey, podKey } from "../../pods/mod.ts";
import { parseYaml } from "../../yaml/mod.ts";
import type { DoctorFacts } from "../facts.ts";
import { ASK_TIMEOUT_MS, asked } from "./asked.ts";

/** Asks the kubelet, and says what it is judged by. */
export async function askKubelet(
  settings: Settings,
  node: NodeKubelet,
): Promise<DoctorFacts["kubelet"]> {
  const localPods = podsApi(() => podsApiSocket(settings.kubelet.podsDirectory));
  const client = kubeletClient({
    ...withFoundCredentials(settings.kubelet),
    nodeName: settings.node.name,
    timeoutMs: ASK_TIMEOUT_MS,
    podsApi: localPods,
  });
  const [local, healthz, pods, configz] = await Promise.all([
    localPods.pods().catch(() => undefined), // the same failure comes with the pods
    asked(client.healthz().then((): true => true)),
    asked(
      client.pods().then((pods) => ({
        count: pods.length,
        ours: pods.filter(({ annotations }) => SPEC_HASH_ANNOTATION in annotations)
          .map(({ name }) => name),
      })),
    ),
    asked(client.configz()),
  ]);
  localPods.close();
  return {
    healthz,
    pods,
    configz,
    verification: client.verification,
    ...(local === undefined ? {} : { podsSocket: podsApiSocket(settings.kubelet.podsDirectory) }),
    found: node.found,
    version: node.version,
    judgedBy: judgedBy(
      { ...node, version: settings.kubelet.version ?? node.version },
      "value" in configz ? configz.value : undefined,
      settings.kubelet.featureGates,
    ),
  };
}

/** Pods that the kubelet takes from its directory; a file that is no pod is the kubelet's business. */
export async function podsOfPath(
  { configz }: DoctorFacts["kubelet"],
  found: KubeletFound,
): Promise<DoctorFacts["otherStaticPods"]> {
  const path = "value" in configz
    ? configz.value["staticPodPath"]
    : found.kind === "unit"
    ? found.facts.settings.staticPodPath
    : undefined;
  if (typeof path !== "string" || path === "") return [];
  const files = nodeFiles("/");
  const pods: { file: string; key: string }[] = [];
  for (const name of await files.names(path)) {
    if (name.startsWith(".")) continue; // as the kubelet leaves them out
    const file = join(path, name);
    const text = await files.text(file);
    if (text === undefined) continue;
    const key = podKey(parseYaml(text, file).documents[0]?.value ?? null);
    if (key !== undefined) pods.push({ file, key: formatKey(key) });
  }
  return pods;
}

/** Where the kubelet has the logs of containers; its own default where it does not say. */
export function podLogsDirOf({ configz }: DoctorFacts["kubelet"]): string {
  const path = "value" in configz ? configz.value["podLogsDir"] : undefined;
  return typeof path === "string" && path !== "" ? path : "/var/log/pods";
}
