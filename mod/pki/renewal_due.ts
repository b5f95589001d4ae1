/** Whether certificates should be renewed now. */
import type { PkiReport } from "./check.ts";
import { AUTHORITIES } from "./layout.ts";
import type { PkiOptions } from "./options.ts";

/** How long before the first certificate's end all are renewed, in milliseconds. */
const DUE_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Whether a certificate that `renewPki` issues ends within 30 days, or within
 * the last third of its validity if that is shorter. Authorities, and what a
 * kubelet rotates itself, do not count.
 */
export function renewalIsDue(
  { certificates }: Pick<PkiReport, "certificates">,
  options: Pick<PkiOptions, "directory" | "kubeconfigDirectory" | "nowMs">,
): boolean {
  const { directory, kubeconfigDirectory, nowMs } = options;
  const authorities = new Set(AUTHORITIES.map(({ name }) => `${directory}/${name}.crt`));
  return certificates.some(({ path, fromMs, toMs }) => {
    const isOurs = path.startsWith(`${directory}/`) ||
      path.startsWith(`${kubeconfigDirectory}/`) && path.endsWith(".conf");
    if (!isOurs || authorities.has(path)) return false;
    return toMs - nowMs < Math.min(DUE_MS, (toMs - fromMs) / 3);
  });
}
