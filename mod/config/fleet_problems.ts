/** What is wrong with the way a node reaches its fleet. */
import type { Path, Problem } from "../core/mod.ts";
import type { Place } from "./check_settings.ts";
import type { Settings } from "./settings.ts";

const KUBEADM_PKI = "/etc/kubernetes/pki";

/**
 * Warns of a fleet on the etcd of a control plane: who may write there is root over every Secret
 * of the cluster, so that no worker may have such a certificate.
 *
 * @param placeOf where a setting stands in the main file
 */
export function fleetProblems(
  file: string,
  { fleet, controlPlane }: Pick<Settings, "fleet" | "controlPlane">,
  placeOf: (path: Path) => Place | undefined,
): readonly Problem[] {
  if (fleet === null) return [];
  const directory = controlPlane?.cluster.pkiDirectory ?? KUBEADM_PKI;
  const key = (["clientCertificate", "clientKey"] as const).find((name) =>
    fleet[name]?.startsWith(`${directory}/`)
  );
  if (key === undefined) return [];
  const path = ["agent", "fleet", key];
  return [{
    severity: "warning",
    code: "fleet-control-plane-etcd",
    file,
    ...placeOf(path),
    path,
    message: `agent.fleet uses a certificate of the control plane, "${fleet[key]}"`,
    wanted: "an etcd of the fleet's own, unless each of its nodes is a control plane node",
    hint: "Its etcd has no users: who may write there is root over every Secret of the cluster. " +
      'See "podstead fleet init --help"',
  }];
}
