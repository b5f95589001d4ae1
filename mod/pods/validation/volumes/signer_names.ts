/**
 * Names of certificate signers and of the trust bundles that belong to them.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/names.go, `ValidateSignerName`,
 * `ValidateClusterTrustBundleName`, `IsKubernetesSignerName`.
 */
import { invalid, required, tooLong } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import { byteLength, dnsLabel, dnsSubdomain } from "../names.ts";
import type { Reasons } from "../names.ts";

const MAX_DOMAIN_BYTES = 253;
/** A domain, a slash, and `<namespace>.<name>`. */
const MAX_SIGNER_BYTES = MAX_DOMAIN_BYTES + 1 + 63 + 1 + 253;

/** A signer is `example.com/path`. */
export function validateSignerName(name: string, path: FieldPath, issues: PodIssue[]): void {
  if (name === "") {
    issues.push(required(path));
    return;
  }
  const [domain = "", rest, ...more] = name.split("/");
  if (rest === undefined || more.length > 0) {
    issues.push(invalid(path, name, "must be a domain and a path, such as 'example.com/signer'"));
    return;
  }
  if (byteLength(domain) > MAX_DOMAIN_BYTES) issues.push(tooLong(path, MAX_DOMAIN_BYTES));
  const labels = domain.split(".");
  pushFirstProblem(labels, dnsLabel, domain, path, issues);
  if (labels.length < 2) {
    issues.push(invalid(path, domain, "must be a domain of at least two labels"));
  }
  pushFirstProblem(rest.split("."), dnsSubdomain, rest, path, issues);
  if (byteLength(name) > MAX_SIGNER_BYTES) issues.push(tooLong(path, MAX_SIGNER_BYTES));
}

function pushFirstProblem(
  labels: readonly string[],
  check: (label: string) => Reasons,
  value: string,
  path: FieldPath,
  issues: PodIssue[],
): void {
  for (const label of labels) {
    const reasons = check(label);
    if (reasons.length === 0) continue;
    for (const reason of reasons) {
      issues.push(invalid(path, value, `label ${JSON.stringify(label)} ${reason}`));
    }
    return;
  }
}

/** What is wrong with the name of a trust bundle; before its last colon is the name of a signer. */
export function trustBundleName(name: string): Reasons {
  const colon = name.lastIndexOf(":");
  if (colon < 0) return dnsSubdomain(name);
  const signer = name.slice(0, colon);
  if (signer === "") return ["must have a signer before ':'"];
  if (signer.includes("/")) return ["must have ':' for each '/' of its signer"];
  return dnsSubdomain(name.slice(colon + 1));
}

/** True for a signer that Kubernetes keeps for itself. */
export function isKubernetesSigner(name: string): boolean {
  const domain = name.split("/", 1)[0]!;
  return domain === "kubernetes.io" || domain.endsWith(".kubernetes.io");
}
