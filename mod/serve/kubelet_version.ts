import { discoverKubelet, nodeFiles } from "../install/mod.ts";
import { kubeletVersionOf, runningKubeletVersion } from "../kubelet/mod.ts";

/**
 * The version of this node's kubelet: of the one that runs, else of the one that its
 * unit will start. At boot there is none yet, for podstead is started before it; and a
 * service that systemd locks in does not see other processes.
 */
export async function nodeKubeletVersion(): Promise<string | undefined> {
  return await runningKubeletVersion() ?? await versionByUnit();
}

async function versionByUnit(): Promise<string | undefined> {
  const found = await discoverKubelet(nodeFiles("/"));
  const executable = found.kind === "unit" ? found.facts.command[0] : undefined;
  return executable === undefined ? undefined : await kubeletVersionOf(executable);
}
