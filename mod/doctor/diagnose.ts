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

/** What is right and wrong with a node, one finding for each check. */
export function diagnose(facts: DoctorFacts): readonly Finding[] {
  return CHECKS.map(([check, run]) => ({ check, ...run(facts) }));
}
