import type { PodStatusRow } from "../status/mod.ts";

type Sandboxes = PodStatusRow["joined"]["sandboxes"];

/**
 * The sandboxes of a pod that are alive, newest first. More than one means that
 * two versions run side by side: a kubelet that was restarted while one of its
 * sources is away starts the new version and does not end the old one.
 */
export function liveVersions(sandboxes: Sandboxes): Sandboxes {
  return sandboxes.filter(({ state, containers }) =>
    state === "SANDBOX_READY" ||
    containers.some((container) => container.state === "CONTAINER_RUNNING")
  );
}
