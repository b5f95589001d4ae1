/**
 * Labels of nodes that have other names now.
 *
 * Source: kubernetes pkg/api/node/util.go and pkg/api/pod/warnings.go.
 */
import { FieldPath } from "../issue.ts";
import type { NodeSelectorTerm } from "../types/mod.ts";
import { labelValue } from "../validation/names.ts";
import type { WarningRule } from "./rule.ts";

const SPEC = FieldPath.root("spec");

const DEPRECATED: ReadonlyMap<string, string | undefined> = new Map([
  ["beta.kubernetes.io/arch", "kubernetes.io/arch"],
  ["beta.kubernetes.io/os", "kubernetes.io/os"],
  ["failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"],
  ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"],
  ["beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"],
  ["node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane"],
  ["app.kubernetes.io/created-by", undefined],
  ["scheduler.alpha.kubernetes.io/preferAvoidPods", undefined],
]);

/** Labels that a kubelet without an API server does not give its node. */
const FROM_OUTSIDE =
  /^(?:failure-domain\.beta\.kubernetes\.io|topology\.kubernetes\.io|node-role\.kubernetes\.io)\/|instance-type$/;

/** Rules on the labels of nodes. */
export const NODE_LABEL_RULES: readonly WarningRule[] = [
  {
    name: "node-label-deprecated",
    type: "Deprecated",
    fields: ["spec.nodeSelector", "spec.affinity.nodeAffinity", "spec.topologySpreadConstraints"],
    about: "A label of nodes that has another name now.",
    hint: "Use the label's new name",
    find({ pod: { spec } }, report) {
      const look = (label: string, path: FieldPath) => {
        if (!DEPRECATED.has(label)) return;
        const now = DEPRECATED.get(label);
        report(
          path,
          `the label "${label}" is deprecated`,
          now === undefined ? "Remove it" : `Use "${now}"`,
        );
      };
      for (const label of spec.nodeSelector.keys()) {
        look(label, SPEC.child("nodeSelector").key(label));
      }
      for (const [term, path] of nodeTerms(spec.affinity)) {
        term.matchExpressions.forEach(({ key }, at) =>
          look(key, path.child("matchExpressions").index(at).child("key"))
        );
      }
      for (const [at, { topologyKey }] of spec.topologySpreadConstraints.entries()) {
        look(topologyKey, SPEC.child("topologySpreadConstraints").index(at).child("topologyKey"));
      }
    },
  },
  {
    name: "node-label-value",
    type: "Discouraged",
    fields: ["spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution"],
    about: "A preferred value of a label that no label can have.",
    hint:
      "A label's value has up to 63 letters, digits, - _ and . and begins and ends with a letter or digit",
    find({ pod: { spec } }, report) {
      for (const [term, path, isPreferred] of nodeTerms(spec.affinity)) {
        if (!isPreferred) continue;
        for (const [at, { values }] of term.matchExpressions.entries()) {
          for (const [index, value] of values.entries()) {
            if (labelValue(value).length === 0) continue;
            const place = path.child("matchExpressions").index(at).child("values").index(index);
            report(place, `"${value}" is no value that a label can have`);
          }
        }
      }
    },
  },
  {
    name: "node-label-from-outside",
    type: "Discouraged",
    fields: ["spec.nodeSelector"],
    about: "A kubelet without an API server gives its node no zone, role or instance label, and " +
      "refuses a pod that selects one (`NodeAffinity`); with one, the pod may start before the " +
      "label is there.",
    hint: "Leave it out: a static pod runs on the node that declares it",
    find({ pod: { spec } }, report) {
      for (const label of spec.nodeSelector.keys()) {
        if (!FROM_OUTSIDE.test(label)) continue;
        report(
          SPEC.child("nodeSelector").key(label),
          `a kubelet without an API server has no label "${label}" and refuses the pod ` +
            "(NodeAffinity)",
        );
      }
    },
  },
];

type Affinity = Parameters<WarningRule["find"]>[0]["pod"]["spec"]["affinity"];

function nodeTerms(
  affinity: Affinity,
): readonly (readonly [NodeSelectorTerm, FieldPath, boolean])[] {
  const node = affinity?.nodeAffinity;
  if (node === undefined) return [];
  const place = SPEC.child("affinity").child("nodeAffinity");
  const required = place.child("requiredDuringSchedulingIgnoredDuringExecution");
  const preferred = place.child("preferredDuringSchedulingIgnoredDuringExecution");
  return [
    ...(node.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [])
      .map((term, at) => [term, required.child("nodeSelectorTerms").index(at), false] as const),
    ...node.preferredDuringSchedulingIgnoredDuringExecution
      .map(({ preference }, at) =>
        [preference, preferred.index(at).child("preference"), true] as const
      ),
  ];
}
