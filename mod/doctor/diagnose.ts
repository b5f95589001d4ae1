import {
  type Check,
  checkAgent,
  checkClock,
  checkConfig,
  checkDisk,
  checkEndpoint,
  checkPods,
  checkSecrets,
  checkSystemd,
} from "./checks.ts";
import { checkCertificates } from "./certificate_checks.ts";
import type { DoctorFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { checkKubeletLogins } from "./login_checks.ts";
import {
  checkCgroupDriver,
  checkFeatureGates,
  checkKubelet,
  checkKubeletApi,
  checkKubeletInterval,
  checkKubeletToken,
  checkKubeletUrl,
  checkNetwork,
  checkNodeName,
  checkRuntime,
  checkSandboxImage,
  checkStaticPodPath,
  checkVersions,
} from "./node_checks.ts";

/** Every check, in the order in which a pod comes to run: what is broken first breaks the rest. */
const CHECKS: readonly (readonly [name: string, check: Check])[] = [
  ["config", checkConfig],
  ["agent", checkAgent],
  ["endpoint", checkEndpoint],
  ["kubelet", checkKubelet],
  ["kubelet-url", checkKubeletUrl],
  ["kubelet-token", checkKubeletToken],
  ["kubelet-interval", checkKubeletInterval],
  ["kubelet-api", checkKubeletApi],
  ["kubelet-logins", checkKubeletLogins],
  ["node-name", checkNodeName],
  ["static-pod-path", checkStaticPodPath],
  ["runtime", checkRuntime],
  ["sandbox-image", checkSandboxImage],
  ["cgroup-driver", checkCgroupDriver],
  ["network", checkNetwork],
  ["pods", checkPods],
  ["disk", checkDisk],
  ["secrets", checkSecrets],
  ["certificates", checkCertificates],
  ["clock", checkClock],
  ["systemd", checkSystemd],
  ["versions", checkVersions],
  ["feature-gates", checkFeatureGates],
];

/**
 * Checks that look at files, sockets and settings that only root may read: what
 * they find missing without root may be there, and its advice would be false.
 */
const NEEDS_ROOT: ReadonlySet<string> = new Set([
  ...["endpoint", "kubelet-url", "kubelet-token", "kubelet-interval"],
  ...["kubelet-api", "kubelet-logins", "node-name", "static-pod-path", "runtime", "sandbox-image"],
  ...["cgroup-driver", "network", "disk", "secrets", "versions", "feature-gates"],
]);

/** What is right and wrong with a node, one finding for each check. */
export function diagnose(facts: DoctorFacts): readonly Finding[] {
  return CHECKS.map(([check, run]) => {
    const answer = run(facts);
    const denied = /EACCES|EPERM|permission/i.test(answer.summary);
    const blind = !facts.root && (NEEDS_ROOT.has(check) || denied) && answer.status !== "ok";
    return blind
      ? { check, status: "skipped", summary: "needs root", needsRoot: true }
      : { check, ...answer };
  });
}
