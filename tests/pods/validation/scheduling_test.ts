import { describeRules } from "./found.ts";

describeRules(
  "validateTolerations()",
  "spec.tolerations[0].",
  (part) => ({ tolerations: [part] }),
  [
    ["everything", { operator: "Exists" }],
    ["a key and a value", { key: "dedicated", value: "edge", effect: "NoSchedule" }],
    ["Equal by name", { key: "dedicated", operator: "Equal", value: "edge" }],
    ["a key that exists", { key: "dedicated", operator: "Exists" }],
    ["an empty key without Exists", { value: "edge" }, ["operator: Invalid value"]],
    ["a bad key", { key: "a b", operator: "Exists" }, ["key: Invalid value"]],
    ["Exists with a value", { key: "a", operator: "Exists", value: "b" }, [
      "operator: Invalid value",
    ]],
    ["a value that is no label", { key: "a", value: "-" }, ["operator: Invalid value"]],
    ["an unknown operator", { key: "a", operator: "Gt", value: "1" }, [
      "operator: Unsupported value",
    ]],
    ["each effect", { key: "a", effect: "PreferNoSchedule" }],
    ["an unknown effect", { key: "a", effect: "Never" }, ["effect: Unsupported value"]],
    ["seconds with NoExecute", { key: "a", effect: "NoExecute", tolerationSeconds: 5 }],
    ["seconds with NoSchedule", { key: "a", effect: "NoSchedule", tolerationSeconds: 5 }, [
      "effect: Invalid value",
    ]],
    ["seconds without an effect", { key: "a", tolerationSeconds: 5 }, ["effect: Invalid value"]],
  ],
);

const spread = { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" };
const selector = { matchLabels: { app: "web" } };

describeRules(
  "validateTopologySpread()",
  "spec.topologySpreadConstraints[0].",
  (part) => ({ topologySpreadConstraints: [part] }),
  [
    ["a constraint", spread],
    ["ScheduleAnyway", { ...spread, whenUnsatisfiable: "ScheduleAnyway" }],
    ["another action", { ...spread, whenUnsatisfiable: "Maybe" }, [
      "whenUnsatisfiable: Unsupported value",
    ]],
    ["no action", { maxSkew: 1, topologyKey: "zone" }, ["whenUnsatisfiable: Unsupported value"]],
    ["skew 0", { ...spread, maxSkew: 0 }, ["maxSkew: Invalid value"]],
    ["no topology key", { ...spread, topologyKey: "" }, ["topologyKey: Required value"]],
    ["minDomains", { ...spread, minDomains: 1 }],
    ["minDomains 0", { ...spread, minDomains: 0 }, ["minDomains: Invalid value"]],
    ["minDomains with ScheduleAnyway", {
      ...spread,
      whenUnsatisfiable: "ScheduleAnyway",
      minDomains: 2,
    }, ["minDomains: Invalid value"]],
    ["policies", { ...spread, nodeAffinityPolicy: "Honor", nodeTaintsPolicy: "Ignore" }],
    ["other policies", { ...spread, nodeAffinityPolicy: "honor", nodeTaintsPolicy: "" }, [
      "nodeAffinityPolicy: Unsupported value",
      "nodeTaintsPolicy: Unsupported value",
    ]],
    ["matchLabelKeys with a selector", {
      ...spread,
      labelSelector: selector,
      matchLabelKeys: ["hash"],
    }],
    ["matchLabelKeys without one", { ...spread, matchLabelKeys: ["hash"] }, [
      "matchLabelKeys: Forbidden",
    ]],
    ["a key in the selector's labels too", {
      ...spread,
      labelSelector: selector,
      matchLabelKeys: ["app"],
    }],
    ["a bad selector", { ...spread, labelSelector: { matchLabels: { "-": "a" } } }, [
      "labelSelector.matchLabels: Invalid value",
    ]],
  ],
);

describeRules(
  "validateTopologySpread() of kubelets without options",
  "spec.topologySpreadConstraints[0].",
  (part) => ({ topologySpreadConstraints: [part] }),
  [
    ["a key that the selector does not have", {
      ...spread,
      labelSelector: selector,
      matchLabelKeys: ["hash"],
    }],
    ["a key that it has", { ...spread, labelSelector: selector, matchLabelKeys: ["app"] }, [
      "matchLabelKeys[0]: Invalid value",
    ]],
    ["a key that one of its expressions has", {
      ...spread,
      labelSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] },
      matchLabelKeys: ["app"],
    }, ["matchLabelKeys[0]: Invalid value"]],
    ["keys without a selector", { ...spread, matchLabelKeys: ["app"] }, [
      "matchLabelKeys: Forbidden",
    ]],
  ],
  34,
);

describeRules(
  "validateTopologySpread() pairs",
  "spec.topologySpreadConstraints",
  (part) => ({ topologySpreadConstraints: part }),
  [
    ["two keys", [spread, { ...spread, topologyKey: "host" }]],
    ["two actions", [spread, { ...spread, whenUnsatisfiable: "ScheduleAnyway" }]],
    ["one pair twice", [spread, spread], [
      "[0].{topologyKey, whenUnsatisfiable}: Duplicate value",
    ]],
  ],
);

describeRules("validateSchedulingGates()", "spec.", (part) => ({ schedulingGates: part }), [
  ["none", []],
  ["one on a node, which no static pod may have", [{ name: "example.com/gate" }], [
    "nodeName: Forbidden",
  ]],
  ["a bad name", [{ name: "a b" }], ["nodeName: Forbidden", "schedulingGates[0]: Invalid value"]],
  ["one name twice", [{ name: "a" }, { name: "a" }], [
    "nodeName: Forbidden",
    "schedulingGates[1]: Duplicate value",
  ]],
]);
