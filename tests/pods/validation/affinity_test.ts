import type { JsonValue } from "../../../mod/core/mod.ts";
import { describeRules } from "./found.ts";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

const requiredTerm = (part: JsonValue) => ({
  affinity: { nodeAffinity: { [REQUIRED]: { nodeSelectorTerms: [part] } } },
});
const TERM = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms[0].`;

describeRules(
  "validateAffinity() node expressions",
  TERM,
  (part) => requiredTerm({ matchExpressions: [part] }),
  [
    ["In with a value", { key: "zone", operator: "In", values: ["a"] }],
    ["In without one", { key: "zone", operator: "In" }, [
      "matchExpressions[0].values: Required value",
    ]],
    ["NotIn with two values", { key: "zone", operator: "NotIn", values: ["a", "b"] }],
    ["NotIn without one", { key: "zone", operator: "NotIn" }, [
      "matchExpressions[0].values: Required value",
    ]],
    ["Exists alone", { key: "zone", operator: "Exists" }],
    ["Exists with a value", { key: "zone", operator: "Exists", values: ["a"] }, [
      "matchExpressions[0].values: Forbidden",
    ]],
    ["DoesNotExist alone", { key: "zone", operator: "DoesNotExist" }],
    ["DoesNotExist with a value", { key: "zone", operator: "DoesNotExist", values: ["a"] }, [
      "matchExpressions[0].values: Forbidden",
    ]],
    ["Gt with one value", { key: "cores", operator: "Gt", values: ["4"] }],
    ["Gt with two", { key: "cores", operator: "Gt", values: ["4", "5"] }, [
      "matchExpressions[0].values: Required value",
    ]],
    ["Lt with one value", { key: "cores", operator: "Lt", values: ["4"] }],
    ["Lt without", { key: "cores", operator: "Lt" }, [
      "matchExpressions[0].values: Required value",
    ]],
    ["an unknown operator", { key: "zone", operator: "Is", values: ["a"] }, [
      "matchExpressions[0].operator: Invalid value",
    ]],
    ["a bad key", { key: "-", operator: "Exists" }, ["matchExpressions[0].key: Invalid value"]],
    ["a bad value", { key: "zone", operator: "In", values: ["a", "-"] }, [
      "matchExpressions[0].values[1]: Invalid value",
    ]],
  ],
);

describeRules(
  "validateAffinity() node fields",
  TERM,
  (part) => requiredTerm({ matchFields: [part] }),
  [
    ["the node's name", { key: "metadata.name", operator: "In", values: ["node-1"] }],
    ["two names", { key: "metadata.name", operator: "In", values: ["a", "b"] }, [
      "matchFields[0].values: Required value",
    ]],
    ["another operator", { key: "metadata.name", operator: "Exists" }, [
      "matchFields[0].operator: Invalid value",
    ]],
    ["another field", { key: "metadata.labels", operator: "In", values: ["a"] }, [
      "matchFields[0].key: Invalid value",
    ]],
    ["a name that no node has", { key: "metadata.name", operator: "NotIn", values: ["A"] }, [
      "matchFields[0].values[0]: Invalid value",
    ]],
  ],
);

describeRules(
  "validateAffinity() node selectors",
  "spec.affinity.nodeAffinity.",
  (part) => ({ affinity: { nodeAffinity: part } }),
  [
    ["nothing", {}],
    ["a required selector without terms", { [REQUIRED]: {} }, [
      `${REQUIRED}.nodeSelectorTerms: Required value`,
    ]],
    ["weight 1", { [PREFERRED]: [{ weight: 1, preference: {} }] }],
    ["weight 100", { [PREFERRED]: [{ weight: 100, preference: {} }] }],
    ["weight 0", { [PREFERRED]: [{ preference: {} }] }, [`${PREFERRED}[0].weight: Invalid value`]],
    ["weight 101", { [PREFERRED]: [{ weight: 101, preference: {} }] }, [
      `${PREFERRED}[0].weight: Invalid value`,
    ]],
    ["a value that no label has, where it is only preferred", {
      [PREFERRED]: [{
        weight: 1,
        preference: { matchExpressions: [{ key: "a", operator: "In", values: ["-"] }] },
      }],
    }],
    ["an unknown operator of a preference", {
      [PREFERRED]: [{
        weight: 1,
        preference: { matchExpressions: [{ key: "a", operator: "Is" }] },
      }],
    }, [`${PREFERRED}[0].preference.matchExpressions[0].operator: Invalid value`]],
  ],
);

for (const kind of ["podAffinity", "podAntiAffinity"]) {
  const near = {
    topologyKey: "kubernetes.io/hostname",
    labelSelector: { matchLabels: { a: "b" } },
  };
  describeRules(
    `validateAffinity() ${kind}`,
    `spec.affinity.${kind}.${REQUIRED}[0].`,
    (part) => ({ affinity: { [kind]: { [REQUIRED]: [part] } } }),
    [
      ["a selector and a topology key", near],
      ["no topology key", { labelSelector: {} }, [
        "topologyKey: Required value",
        "topologyKey: Invalid value",
        "topologyKey: Invalid value",
      ]],
      ["a bad topology key", { ...near, topologyKey: "a b" }, ["topologyKey: Invalid value"]],
      ["a namespace", { ...near, namespaces: ["kube-system"] }],
      ["a bad namespace", { ...near, namespaces: ["ok", "Kube"] }, ["namespace: Invalid value"]],
      ["a namespace selector", { ...near, namespaceSelector: {} }],
      ["an expression without values", {
        ...near,
        labelSelector: { matchExpressions: [{ key: "a", operator: "In" }] },
      }, ["labelSelector.matchExpressions[0].values: Required value"]],
      ["an expression of Exists with values", {
        ...near,
        labelSelector: { matchExpressions: [{ key: "a", operator: "Exists", values: ["b"] }] },
      }, ["labelSelector.matchExpressions[0].values: Forbidden"]],
      ["an expression with Gt", {
        ...near,
        namespaceSelector: { matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] },
      }, ["namespaceSelector.matchExpressions[0].operator: Invalid value"]],
      ["a bad label value", { ...near, labelSelector: { matchLabels: { a: "-" } } }, [
        "labelSelector.matchLabels: Invalid value",
      ]],
      ["matchLabelKeys", { ...near, matchLabelKeys: ["hash"] }],
      ["matchLabelKeys without a selector", { topologyKey: "zone", matchLabelKeys: ["hash"] }, [
        "matchLabelKeys: Forbidden",
      ]],
      ["mismatchLabelKeys without a selector", { topologyKey: "zone", mismatchLabelKeys: ["a"] }, [
        "mismatchLabelKeys: Forbidden",
      ]],
      ["a bad key among matchLabelKeys", { ...near, matchLabelKeys: ["-"] }, [
        "matchLabelKeys[0]: Invalid value",
      ]],
      ["a key in both lists", { ...near, matchLabelKeys: ["h"], mismatchLabelKeys: ["h"] }, [
        "matchLabelKeys[0]: Invalid value",
      ]],
    ],
  );
  describeRules(
    `validateAffinity() ${kind}, key and selector`,
    `spec.affinity.${kind}.${REQUIRED}`,
    (part) => ({ affinity: { [kind]: { [REQUIRED]: [part] } } }),
    [
      ["a key of the list once in the selector", {
        topologyKey: "zone",
        matchLabelKeys: ["h"],
        labelSelector: { matchExpressions: [{ key: "h", operator: "Exists" }] },
      }],
      ["a key of the list twice in the selector", {
        topologyKey: "zone",
        matchLabelKeys: ["h"],
        labelSelector: {
          matchLabels: { h: "x" },
          matchExpressions: [{ key: "h", operator: "Exists" }],
        },
      }, ["[0][0]: Invalid value"]],
    ],
  );
  describeRules(
    `validateAffinity() preferred ${kind}`,
    `spec.affinity.${kind}.${PREFERRED}[0].`,
    (part) => ({ affinity: { [kind]: { [PREFERRED]: [part] } } }),
    [
      ["a weight", { weight: 100, podAffinityTerm: near }],
      ["no weight", { podAffinityTerm: near }, ["weight: Invalid value"]],
      ["a term without its key", { weight: 1, podAffinityTerm: {} }, [
        "podAffinityTerm.topologyKey: Required value",
        "podAffinityTerm.topologyKey: Invalid value",
        "podAffinityTerm.topologyKey: Invalid value",
      ]],
    ],
  );
}
