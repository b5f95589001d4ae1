import { container, describeRules } from "./found.ts";

const spec = (part: unknown) => part as never;

describeRules("validatePodSpec() policies", "spec.", spec, [
  ["OnFailure", { restartPolicy: "OnFailure" }],
  ["Never", { restartPolicy: "Never" }],
  ["another restart policy", { restartPolicy: "always" }, ["restartPolicy: Unsupported value"]],
  ["a deadline of 1", { activeDeadlineSeconds: 1 }],
  ["a deadline of 0", { activeDeadlineSeconds: 0 }, ["activeDeadlineSeconds: Invalid value"]],
  ["the longest deadline", { activeDeadlineSeconds: 2147483647 }],
  ["one longer", { activeDeadlineSeconds: 2147483648 }, ["activeDeadlineSeconds: Invalid value"]],
  ["a negative grace period, which becomes 1", { terminationGracePeriodSeconds: -1 }],
  ["preemption", { preemptionPolicy: "Never" }],
  ["no preemption policy", { preemptionPolicy: "" }, ["preemptionPolicy: Required value"]],
  ["another one", { preemptionPolicy: "Always" }, ["preemptionPolicy: Unsupported value"]],
]);

describeRules("validatePodSpec() names", "spec.", spec, [
  ["a node selector", { nodeSelector: { "example.com/disk": "ssd" } }],
  ["a bad key and a bad value of it", { nodeSelector: { "-": "ssd", disk: "-" } }, [
    "nodeSelector: Invalid value",
    "nodeSelector: Invalid value",
  ]],
  ["a priority class", { priorityClassName: "system-node-critical" }],
  ["a bad priority class", { priorityClassName: "System" }, ["priorityClassName: Invalid value"]],
  ["a runtime class", { runtimeClassName: "gvisor" }],
  ["an empty runtime class", { runtimeClassName: "" }, ["runtimeClassName: Invalid value"]],
  ["a service account by its rules", { serviceAccountName: "builder" }],
  ["a bad service account", { serviceAccountName: "A" }, ["serviceAccountName: Invalid value"]],
  ["a bad service account under its old name", { serviceAccount: "A" }, [
    "serviceAccountName: Invalid value",
  ]],
  ["a readiness gate", { readinessGates: [{ conditionType: "example.com/ready" }] }],
  ["a bad readiness gate", { readinessGates: [{ conditionType: "a b" }] }, [
    "readinessGates[0].conditionType: Invalid value",
  ]],
  ["a scheduling group", { schedulingGroup: { podGroupName: "group" } }],
  ["a scheduling group without a name", { schedulingGroup: {} }, [
    "schedulingGroup.podGroupName: Invalid value",
  ]],
  ["a node name that is overwritten", { nodeName: "Not A Node" }],
  ["ephemeral containers", { ephemeralContainers: [container({ name: "debug" })] }, [
    "ephemeralContainers: Forbidden",
  ]],
]);

describeRules("validateResourceClaims()", "spec.resourceClaims", (part) => ({
  resourceClaims: part,
}), [
  ["a claim", [{ name: "gpu", resourceClaimName: "gpu-1" }]],
  ["a template", [{ name: "gpu", resourceClaimTemplateName: "gpu" }]],
  ["both", [{ name: "gpu", resourceClaimName: "a", resourceClaimTemplateName: "b" }], [
    "[0]: Invalid value",
  ]],
  ["neither", [{ name: "gpu" }], ["[0]: Invalid value"]],
  ["no name", [{ resourceClaimName: "a" }], ["[0].name: Required value"]],
  ["a bad name", [{ name: "a.b", resourceClaimName: "a" }], ["[0].name: Invalid value"]],
  [
    "one name twice",
    [{ name: "a", resourceClaimName: "a" }, { name: "a", resourceClaimName: "b" }],
    [
      "[1].name: Duplicate value",
    ],
  ],
  ["bad names of claims", [
    { name: "a", resourceClaimName: "A" },
    { name: "b", resourceClaimTemplateName: "" },
  ], ["[0].resourceClaimName: Invalid value", "[1].resourceClaimTemplateName: Invalid value"]],
]);

const asks = (requests: Record<string, string>, limits: Record<string, string> = {}) =>
  container({ resources: { requests, limits } });

describeRules("validatePodResources()", "spec.resources.", spec, [
  ["limits", { resources: { limits: { cpu: "2", memory: "1Gi" } } }],
  ["huge pages with memory", { resources: { limits: { memory: "1Gi", "hugepages-2Mi": "4Mi" } } }],
  ["a resource that only containers have", {
    resources: { limits: { "ephemeral-storage": "1Gi" } },
  }, ["limits[ephemeral-storage]: Unsupported value"]],
  ["claims", { resources: { claims: [] } }, ["claims: Forbidden"]],
  ["requests above limits", { resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } }, [
    "requests: Invalid value",
  ]],
  ["requests of the containers within the pod's", {
    resources: { requests: { cpu: "2" } },
    containers: [asks({ cpu: "1" }), { ...asks({ cpu: "1" }), name: "b" }],
  }],
  ["requests of the containers above the pod's", {
    resources: { requests: { cpu: "1999m" } },
    containers: [asks({ cpu: "1" }), { ...asks({ cpu: "1" }), name: "b" }],
  }, ["requests[cpu]: Invalid value"]],
  ["an init container above the pod's", {
    resources: { requests: { cpu: "1" } },
    initContainers: [{ ...asks({ cpu: "2" }), name: "init" }],
  }, ["requests[cpu]: Invalid value"]],
  ["a container's limit above the pod's", {
    resources: { limits: { cpu: "1" } },
    containers: [asks({ cpu: "100m" }, { cpu: "2" })],
  }, ["containers[0][cpu].limits: Invalid value"]],
]);

describeRules(
  "validatePodResources() of kubelets without options",
  "spec.resources.",
  spec,
  [["claims, which it does not look at", { resources: { claims: [] } }]],
  34,
);

describeRules("validateOverhead()", "spec.overhead.limits", (part) => ({ overhead: part }), [
  ["cpu and memory", { cpu: "100m", memory: "64Mi" }],
  ["less than nothing", { cpu: "-1" }, ["[cpu]: Invalid value"]],
  ["a resource that does not exist", { disk: "1" }, [
    "[disk]: Invalid value",
    "[disk]: Invalid value",
  ]],
]);
