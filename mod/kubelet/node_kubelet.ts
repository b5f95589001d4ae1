import { nodeFiles } from "../os/mod.ts";
import { discoverKubelet, type KubeletFound } from "./discover.ts";
import { kubeletVersionOf, runningKubeletVersion } from "./version.ts";

/** This node's kubelet: by what it is, pods are judged. */
export interface NodeKubelet {
  /** Its unit, its command line and its settings, as they lie on the disk. */
  readonly found: KubeletFound;
  /** Such as `1.36.2`; undefined if none is found, or it cannot be asked. */
  readonly version: string | undefined;
}

/**
 * Finds this node's kubelet. `validate`, `render`, `doctor` and the agent judge pods by its
 * version, so that they say the same.
 *
 * The version is that of the kubelet that runs, else of the one that its unit starts: at
 * boot none runs yet, because podstead is started before it, and a service that systemd
 * confines does not see other processes.
 *
 * @param places for tests; this node otherwise
 */
export async function findNodeKubelet(
  places: { readonly root: string; readonly procDirectory: string } = {
    root: "/",
    procDirectory: "/proc",
  },
): Promise<NodeKubelet> {
  const [found, running] = await Promise.all([
    discoverKubelet(nodeFiles(places.root)),
    runningKubeletVersion(places.procDirectory),
  ]);
  return { found, version: running ?? await versionByUnit(found) };
}

async function versionByUnit(found: KubeletFound): Promise<string | undefined> {
  const executable = found.kind === "unit" ? found.facts.command[0] : undefined;
  return executable === undefined ? undefined : await kubeletVersionOf(executable);
}
