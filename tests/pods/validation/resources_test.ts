import type { JsonValue } from "../../../mod/core/mod.ts";
import { container, describeRules } from "./found.ts";
import type { Json } from "./found.ts";

const resources = (part: JsonValue) => ({ containers: [container({ resources: part })] });
/** Requests equal to the limits, so that each mistake is there on both sides. */
const limits = (part: JsonValue) => resources({ limits: part, requests: part });
const onBothSides = (name: string, times = 1) =>
  Array.from({ length: times }, () => [
    `.limits[${name}]: Invalid value`,
    `.requests[${name}]: Invalid value`,
  ]).flat();
const PREFIX = "spec.containers[0].resources";

const LONG_DOMAIN = ["a", "b", "c"].map((letter) => letter.repeat(63)).join(".") +
  `.${"d".repeat(58)}`;

describeRules("validateResourceRequirements() names", PREFIX, limits, [
  ["resources of containers", { cpu: "1", memory: "1Gi", "ephemeral-storage": "1Gi" }],
  ["an extended resource", { "example.com/gpu": "1" }],
  ["huge pages", { cpu: "1", "hugepages-2Mi": "4Mi" }],
  ["an upper case resource, which is two mistakes", { CPU: "1" }, onBothSides("CPU", 2)],
  ["a resource of quotas", { pods: "1" }, onBothSides("pods")],
  ["a request as a resource", { "requests.cpu": "1" }, onBothSides("requests.cpu")],
  ["a resource of Kubernetes' domain", { "kubernetes.io/gpu": "1" }],
  [
    "requests of a domain, which is no extended resource",
    { "requests.example.com/gpu": "1" },
    onBothSides("requests.example.com/gpu"),
  ],
  [
    "a domain too long for a quota",
    { [`${LONG_DOMAIN}/gpu`]: "1" },
    onBothSides(`${LONG_DOMAIN}/gpu`),
  ],
  ["a name with a space, which is two mistakes", { "a b": "1" }, onBothSides("a b", 2)],
]);

describeRules("validateResourceRequirements() amounts", PREFIX, limits, [
  ["nothing", { cpu: "0" }],
  ["a negative amount", { cpu: "-1" }, onBothSides("cpu")],
  ["half a device", { "example.com/gpu": "500m" }, onBothSides("example.com/gpu")],
  ["a device in thousandths", { "example.com/gpu": "1000m" }],
  ["less than a thousandth less than two devices", { "example.com/gpu": "1.9999" }],
  [
    "less than a thousandth more than a device",
    { "example.com/gpu": "1.0001" },
    onBothSides("example.com/gpu"),
  ],
]);

describeRules("validateResourceRequirements() huge pages", PREFIX, limits, [
  ["whole pages", { memory: "1Gi", "hugepages-1Gi": "2Gi" }],
  ["half a page", { memory: "1Gi", "hugepages-2Mi": "1Mi" }, onBothSides("hugepages-2Mi")],
  ["no size of page", { memory: "1Gi", "hugepages-": "1Mi" }, onBothSides("hugepages-", 2)],
  ["pages of no size", { memory: "1Gi", "hugepages-0": "0" }, onBothSides("hugepages-0")],
  ["huge pages alone", { "hugepages-2Mi": "2Mi" }, [": Forbidden"]],
]);

describeRules("validateResourceRequirements() requests and limits", PREFIX, resources, [
  ["a request below its limit", { limits: { cpu: "1" }, requests: { cpu: "500m" } }],
  ["a request equal to its limit", { limits: { cpu: "1" }, requests: { cpu: "1000m" } }],
  ["a request without a limit", { requests: { cpu: "1" } }],
  [
    "a request above its limit, said of all requests",
    { limits: { memory: "1Gi" }, requests: { memory: "1025Mi" } },
    [".requests: Invalid value"],
  ],
  [
    "fewer devices than their limit",
    { limits: { "example.com/gpu": "2" }, requests: { "example.com/gpu": "1" } },
    [".requests: Invalid value"],
  ],
  ["devices without a limit", { requests: { "example.com/gpu": "1" } }, [
    ".limits: Required value",
  ]],
  [
    "huge pages without a limit",
    { requests: { "hugepages-2Mi": "2Mi", cpu: "1" } },
    [".limits: Required value"],
  ],
  [
    "huge pages with cpu only on the other side",
    { limits: { "hugepages-2Mi": "2Mi" }, requests: { "hugepages-2Mi": "2Mi", cpu: "1" } },
  ],
  ["a wrong name of a request", { requests: { disk: "1" } }, [
    ".requests[disk]: Invalid value",
    ".requests[disk]: Invalid value",
  ]],
]);

const claims = (part: JsonValue) => ({
  resourceClaims: [{ name: "gpu", resourceClaimName: "gpu" }, {
    name: "nic",
    resourceClaimTemplateName: "nic",
  }],
  ...resources({ claims: part }),
});

describeRules("validateResourceRequirements() claims", `${PREFIX}.claims`, claims, [
  ["claims", [{ name: "gpu" }, { name: "nic", request: "one" }, { name: "nic", request: "two" }]],
  ["no name", [{ request: "one" }], ["[0]: Required value"]],
  ["a claim that the pod has not", [{ name: "disk" }], ["[0]: Not found"]],
  ["a claim twice", [{ name: "gpu" }, { name: "gpu" }], ["[1]: Duplicate value"]],
  ["a request twice", [{ name: "gpu", request: "a" }, { name: "gpu", request: "a" }], [
    "[1]: Duplicate value",
  ]],
  ["a request after its claim", [{ name: "gpu" }, { name: "gpu", request: "a" }], [
    "[1]: Duplicate value",
  ]],
  [
    "a claim after two of its requests",
    [{ name: "gpu", request: "a" }, { name: "gpu", request: "b" }, { name: "gpu" }],
    ["[2]: Duplicate value", "[2]: Duplicate value"],
  ],
  ["an upper case request", [{ name: "gpu", request: "A" }], ["[0].request: Invalid value"]],
]);

const policies = (podPolicy: string) => (part: JsonValue) => ({
  restartPolicy: podPolicy,
  containers: [container({ resizePolicy: part })],
});
const RESIZE = "spec.containers[0].resizePolicy";
const cpu = (more: Json) => ({ resourceName: "cpu", restartPolicy: "NotRequired", ...more });

describeRules("validateResizePolicy()", RESIZE, policies("Always"), [
  ["a policy each", [cpu({}), { resourceName: "memory", restartPolicy: "RestartContainer" }]],
  ["one resource twice", [cpu({}), cpu({})], ["[1]: Duplicate value"]],
  ["no resource, said of the list", [cpu({ resourceName: "" })], [": Required value"]],
  ["another resource", [cpu({ resourceName: "storage" })], [": Unsupported value"]],
  ["no policy, said of the list", [cpu({ restartPolicy: "" })], [": Required value"]],
  ["an unknown policy", [cpu({ restartPolicy: "Restart" })], [": Unsupported value"]],
]);
describeRules("validateResizePolicy() of a pod that never restarts", RESIZE, policies("Never"), [
  ["no restart", [cpu({})]],
  ["a restart", [cpu({ restartPolicy: "RestartContainer" })], [": Invalid value"]],
]);
