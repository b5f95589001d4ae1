/** The check of who can log in to image registries. Pure. */
import { credentialProviderFlags, credentialProviderOf } from "../install/mod.ts";
import type { DoctorFacts } from "./facts.ts";
import { type Answer, doubtful, good, untold } from "./finding.ts";

/** Whether the kubelet has the logins of pods with Secrets to pull with, for its own pulls. */
export function checkKubeletLogins({ config, kubelet }: DoctorFacts): Answer {
  const [first, ...others] = config.podsWithPullSecrets;
  if (first === undefined) return good("No pod has imagePullSecrets");
  if (kubelet.found.kind !== "unit") return untold("The kubelet's flags are not known");
  switch (credentialProviderOf(kubelet.found)) {
    case "podstead":
      return good("The kubelet asks podstead for registry logins");
    case "other":
      return untold("The kubelet has another credential provider; what that knows is not seen");
    case "none": {
      const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
      return doubtful(
        `${first}${more} has imagePullSecrets, and the kubelet cannot use them for its own pulls`,
        "podstead pulls new images by itself; for imagePullPolicy: Always give the kubelet " +
          `${credentialProviderFlags(false).join(" ")} (docs/registries.md)`,
      );
    }
  }
}
