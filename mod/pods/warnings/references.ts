/** References to objects of an API server, on kubelets that do not refuse them. */
import { findAllReferences } from "../api_references.ts";
import type { WarningRule } from "./rule.ts";

/** The rule on references that a kubelet takes and cannot resolve. */
export const REFERENCE_RULES: readonly WarningRule[] = [{
  name: "reference-unresolvable",
  type: "Will not work",
  fields: [
    "spec.serviceAccountName",
    "spec.imagePullSecrets",
    "spec.volumes",
    "spec.containers.env",
  ],
  about: "A reference to an object of the API server, on a kubelet before 1.34 or with gate " +
    "PreventStaticPodAPIReferences off: without an API server the containers never start, and a " +
    "kubelet from 1.37 on refuses the pod.",
  hint: "Put what it refers to on the node",
  find({ pod, rules }, report) {
    if (rules.apiReferences === "all") return;
    for (const { path, what, hint } of findAllReferences(pod.spec)) {
      report(
        path,
        `the kubelet asks the API server for ${what}; without one the containers never start`,
        hint,
      );
    }
  },
}];
