/** Fields of a pod that mean something else in a static pod. */
import { FieldPath } from "../issue.ts";
import { allContainers } from "../validation/containers/visit_containers.ts";
import type { WarningRule } from "./rule.ts";

const METADATA = FieldPath.root("metadata");
const SPEC = FieldPath.root("spec");

/** Rules on single fields. */
export const POD_FIELD_RULES: readonly WarningRule[] = [
  {
    name: "uid-given",
    type: "Discouraged",
    fields: ["metadata.uid"],
    about:
      "A UID that stays: kubelets from 1.34 to 1.36 panic when a container disappears under it, " +
      "so that podstead serves most changes only after a kubelet has ended the pod.",
    hint: "Remove it: podstead gives each pod a uid",
    find({ pod: { metadata } }, report) {
      if (metadata.uid === "") return;
      report(
        METADATA.child("uid"),
        "kubelets from 1.34 to 1.36 panic at a container that disappears under the same uid",
      );
    },
  },
  {
    name: "kind-not-pod",
    type: "Discouraged",
    fields: ["kind"],
    about: "An item of a PodList with another kind: the kubelet ignores it and reads a Pod.",
    hint: "Write kind: Pod",
    find({ pod: { kind } }, report) {
      if (kind === "" || kind === "Pod") return;
      report(
        FieldPath.root("kind"),
        `must be Pod; the kubelet takes it for one in spite of "${kind}"`,
      );
    },
  },
  {
    name: "no-grace-period",
    type: "Discouraged",
    fields: ["spec.terminationGracePeriodSeconds"],
    about: "A grace period of 0 kills the containers without asking them to stop.",
    hint: "Leave it out for 30 seconds, or write how many the pod needs",
    find({ pod: { spec } }, report) {
      if (spec.terminationGracePeriodSeconds !== 0) return;
      report(
        SPEC.child("terminationGracePeriodSeconds"),
        "0 kills the containers without asking them to stop",
      );
    },
  },
  {
    name: "node-name-given",
    type: "Discouraged",
    fields: ["spec.nodeName"],
    about: "The kubelet overwrites `nodeName` with the name of its own node.",
    hint: "Remove it",
    find({ pod: { spec } }, report) {
      if (spec.nodeName === "") return;
      report(SPEC.child("nodeName"), "the kubelet overwrites it with its own node's name");
    },
  },
  {
    name: "runtime-class",
    type: "Discouraged",
    fields: ["spec.runtimeClassName"],
    about: "A `runtimeClassName` is looked up in the API server. A kubelet that was started " +
      "without one panics at such a pod, again and again, and takes care of no pod any more: " +
      "where podstead sees such a kubelet, it refuses the pod.",
    hint:
      "Remove it unless the kubelet has an API server; the runtime's own config sets its default",
    find({ pod: { spec }, facts }, report) {
      // With `standAlone` it is an error.
      if ((spec.runtimeClassName ?? "") === "" || facts.standAlone === true) return;
      report(
        SPEC.child("runtimeClassName"),
        "a kubelet without an API server panics at it, and takes care of no pod any more",
      );
    },
  },
  {
    name: "service-account-alias",
    type: "Deprecated",
    fields: ["spec.serviceAccount"],
    about: "The old name of `serviceAccountName`.",
    hint: "Remove it: a static pod has no service account",
    find({ pod: { spec } }, report) {
      if (spec.serviceAccount === "") return;
      report(SPEC.child("serviceAccount"), "the old name of spec.serviceAccountName");
    },
  },
  {
    name: "no-requests-beside-control-plane",
    type: "Discouraged",
    fields: ["spec.containers.resources"],
    about: "On a node with a control plane, a container without requests for cpu and memory.",
    hint: "Add resources.requests with cpu and memory",
    find({ pod: { metadata, spec }, facts }, report) {
      // A component of the control plane, podstead's or kubeadm's, does not compete with itself.
      const isPart = metadata.namespace === "kube-system" &&
        metadata.labels.get("tier") === "control-plane";
      if (facts.controlPlane !== true || isPart) return;
      for (const { container: { resources }, path } of allContainers(spec, SPEC)) {
        const { requests, limits } = resources;
        if (["cpu", "memory"].every((name) => requests.has(name) || limits.has(name))) continue;
        report(
          path.child("resources"),
          "without requests for cpu and memory it competes with the control plane",
        );
      }
    },
  },
];
