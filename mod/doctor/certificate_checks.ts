/** The check of a control plane's certificates. Pure. */
import type { DoctorFacts } from "./facts.ts";
import { type Answer, bad, doubtful, good, untold } from "./finding.ts";

/**
 * Whether the certificates that are there can be used, and for how long. What
 * is missing is left out: which files a control plane needs depends on where
 * its etcd and authorities are, and a component that lacks one says so.
 */
export function checkCertificates({ certificates: report }: DoctorFacts): Answer {
  if (report === undefined) return untold("No control plane is configured");
  const found = report.findings.filter(({ code }) => code !== "missing");
  const wrong = found.find(({ severity }) => severity === "held") ?? found[0];
  if (wrong !== undefined) {
    const others = found.length === 1 ? "" : ` (and ${found.length - 1} more)`;
    const answer = wrong.severity === "held" ? bad : doubtful;
    return answer(
      `${wrong.message}${others}`,
      wrong.hint ?? "See all of it with `podstead pki check`",
    );
  }
  if (report.certificates.length === 0) {
    return untold("There are no certificates yet; `podstead pki init` makes them");
  }
  const first = Math.min(...report.certificates.map(({ toMs }) => toMs));
  return good(
    `${report.certificates.length} certificates; the first ends on ${
      new Date(first).toISOString().slice(0, 10)
    }`,
  );
}
