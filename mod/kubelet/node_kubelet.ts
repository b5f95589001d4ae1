import { type NodeFiles, nodeFiles } from "../os/mod.ts";
import { apiServerOf, type ApiServerOfKubelet } from "./api_server.ts";
import { type KubeletCommand, type KubeletSettings, readCommand } from "./command.ts";
import { discoverKubelet, type KubeletFound } from "./discover.ts";
import type { FeatureGates } from "./feature_gates.ts";
import { findRunningKubelet, kubeletVersionOf, type RunningKubelet } from "./version.ts";

/** This node's kubelet: by what it is, pods are judged. */
export interface NodeKubelet {
  /** Its unit, its command line and its settings, as they lie on the disk. */
  readonly found: KubeletFound;
  /** Such as `1.36.2`; undefined if none is found, or it cannot be asked. */
  readonly version: string | undefined;
  /** The gates that its command line and its files set, and whose command line that is. */
  readonly gates: {
    readonly set: FeatureGates;
    readonly from: "process" | "unit" | "nowhere";
  };
  /** The API server that it belongs to. */
  readonly apiServer: ApiServerOfKubelet;
}

const THIS_NODE = { root: "/", procDirectory: "/proc" };

/**
 * Finds this node's kubelet. `validate`, `render`, `doctor` and the agent judge pods by its
 * version and its feature gates, so that they say the same.
 *
 * They are those of the kubelet that runs, else of the one that its unit starts: at boot
 * none runs yet, because podstead is started before it, and a service that systemd
 * confines does not see other processes.
 *
 * @param places for tests; this node otherwise
 */
export async function findNodeKubelet(
  places: { readonly root: string; readonly procDirectory: string } = THIS_NODE,
): Promise<NodeKubelet> {
  const files = nodeFiles(places.root);
  const [found, running] = await Promise.all([
    discoverKubelet(files),
    findRunningKubelet(places.procDirectory),
  ]);
  const [version, command] = await Promise.all([
    running === undefined ? undefined : kubeletVersionOf(running.executable),
    commandOf(files, found, running),
  ]);
  return {
    found,
    version: version ?? await versionByUnit(found),
    gates: { set: command?.settings.featureGates ?? {}, from: command?.from ?? "nowhere" },
    apiServer: apiServerOf(command?.flags, found),
  };
}

/**
 * The settings of this node's kubelet by its command line and its files, for when it cannot be
 * asked itself. They are those of its next start, where a file was changed since its last one.
 *
 * @param places for tests; this node otherwise
 * @returns undefined if there is no kubelet, or a file that it reads cannot be read
 */
export async function kubeletSettingsOnDisk(
  places: { readonly root: string; readonly procDirectory: string } = THIS_NODE,
): Promise<KubeletSettings | undefined> {
  const files = nodeFiles(places.root);
  const [found, running] = await Promise.all([
    discoverKubelet(files),
    findRunningKubelet(places.procDirectory),
  ]);
  const command = await commandOf(files, found, running);
  if (command === undefined) return undefined;
  const read = [command.configFile ?? [], ...command.configDropIns].flat();
  const texts = await Promise.all(read.map((path) => files.text(path)));
  return texts.includes(undefined) ? undefined : command.settings;
}

/** The command line that counts: of the kubelet that runs, else of its unit. */
async function commandOf(
  files: NodeFiles,
  found: KubeletFound,
  running: RunningKubelet | undefined,
): Promise<KubeletCommand & { readonly from: "process" | "unit" } | undefined> {
  if (running !== undefined && running.command.length > 0) {
    return { ...await readCommand(files, running.command), from: "process" };
  }
  return found.kind === "unit" ? { ...found.facts, from: "unit" } : undefined;
}

async function versionByUnit(found: KubeletFound): Promise<string | undefined> {
  const executable = found.kind === "unit" ? found.facts.command[0] : undefined;
  return executable === undefined ? undefined : await kubeletVersionOf(executable);
}
