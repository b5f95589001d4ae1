import type { JsonValue } from "../../../../mod/core/mod.ts";
import { container, describeRules } from "../found.ts";
import type { Json } from "../found.ts";

const FIELD = { fieldRef: { fieldPath: "metadata.name" } };
const variables = (part: JsonValue) => ({ containers: [container({ env: part })] });
const variable = (part: JsonValue) => variables([{ name: "A", ...part as Json }]);
const valueFrom = (part: JsonValue) => variable({ valueFrom: part });
const PREFIX = "spec.containers[0].env[0]";

const NAMES = [
  ["an ordinary name", [{ name: "MY_VAR.name-1" }]],
  ["no name", [{ value: "a" }], [".name: Required value"]],
  ["an equals sign", [{ name: "A=B" }], [".name: Invalid value"]],
  ["one name twice, of which the last counts", [{ name: "A" }, { name: "A" }]],
] as const;

describeRules("validateEnv() names", PREFIX, variables, [
  ...NAMES,
  ["a name of any printable ASCII", [{ name: "1 a!~" }]],
  ["a letter that is not ASCII", [{ name: "Ä" }], [".name: Invalid value"]],
  ["a control character", [{ name: "A\n" }], [".name: Invalid value"]],
]);

describeRules("validateEnv() names on 1.34", PREFIX, variables, [
  ...NAMES,
  ["a name that begins with a digit", [{ name: "1A" }], [".name: Invalid value"]],
  ["a space", [{ name: "A B" }], [".name: Invalid value"]],
  ["a name that begins with two dots", [{ name: "..A" }], [".name: Invalid value"]],
], 34);

describeRules("validateEnv() sources", PREFIX, variable, [
  ["a value", { value: "a" }],
  ["a source", { valueFrom: FIELD }],
  ["a source beside an empty value", { value: "", valueFrom: FIELD }],
  ["a source beside a value", { value: "a", valueFrom: FIELD }, [".valueFrom: Invalid value"]],
  ["no source", { valueFrom: {} }, [".valueFrom: Invalid value"]],
  [
    "two sources",
    { valueFrom: { ...FIELD, resourceFieldRef: { resource: "limits.cpu" } } },
    [".valueFrom: Invalid value"],
  ],
]);

describeRules("validateEnv() keys", `${PREFIX}.valueFrom`, valueFrom, [
  ["a key of a config map", { configMapKeyRef: { name: "settings", key: "a.b_c-d" } }],
  ["no name, which is no name", { configMapKeyRef: { key: "a" } }, [
    ".configMapKeyRef.name: Invalid value",
  ]],
  ["no key", { configMapKeyRef: { name: "settings" } }, [".configMapKeyRef.key: Required value"]],
  ["a key with a slash", { configMapKeyRef: { name: "settings", key: "a/b" } }, [
    ".configMapKeyRef.key: Invalid value",
  ]],
  ["two dots as a key", { configMapKeyRef: { name: "settings", key: ".." } }, [
    ".configMapKeyRef.key: Invalid value",
  ]],
  ["a key of a secret", { secretKeyRef: { name: "key", key: "a" } }],
  ["an upper case secret", { secretKeyRef: { name: "Key", key: "a" } }, [
    ".secretKeyRef.name: Invalid value",
  ]],
  ["no key of a secret", { secretKeyRef: { name: "key" } }, [".secretKeyRef.key: Required value"]],
]);

describeRules("validateObjectFieldSelector() in variables", `${PREFIX}.valueFrom.fieldRef`, (
  part,
) => valueFrom({ fieldRef: part }), [
  ["a name", { fieldPath: "metadata.name" }],
  ["a namespace", { fieldPath: "metadata.namespace" }],
  ["a UID", { fieldPath: "metadata.uid" }],
  ["a node", { fieldPath: "spec.nodeName" }],
  ["an account", { fieldPath: "spec.serviceAccountName" }],
  ["an address", { fieldPath: "status.podIP" }],
  ["all addresses", { fieldPath: "status.podIPs" }],
  ["an address of the host", { fieldPath: "status.hostIP" }],
  ["all addresses of the host", { fieldPath: "status.hostIPs" }],
  ["an old name of the node", { fieldPath: "spec.host" }],
  ["one annotation, in any case", { fieldPath: "metadata.annotations['Example.com/A']" }],
  ["one label", { fieldPath: "metadata.labels['example.com/a']" }],
  ["an upper case domain of a label", { fieldPath: "metadata.labels['Example.com/a']" }, [
    ": Invalid value",
  ]],
  ["no label", { fieldPath: "metadata.labels['']" }, [": Invalid value", ": Invalid value"]],
  ["a key of something else", { fieldPath: "metadata.name['a']" }, [".fieldPath: Invalid value"]],
  ["no field", {}, [".fieldPath: Required value"]],
  ["an unknown field", { fieldPath: "metadata.uuid" }, [".fieldPath: Invalid value"]],
  ["a field that variables do not show", { fieldPath: "metadata.labels" }, [
    ".fieldPath: Unsupported value",
  ]],
  ["a field that nothing shows", { fieldPath: "spec.restartPolicy" }, [
    ".fieldPath: Unsupported value",
  ]],
  ["a phase, which nothing shows either", { fieldPath: "status.phase" }, [
    ".fieldPath: Unsupported value",
  ]],
  ["a scheduler, which nothing shows either", { fieldPath: "spec.schedulerName" }, [
    ".fieldPath: Unsupported value",
  ]],
  ["another version", { apiVersion: "v2", fieldPath: "metadata.name" }, [
    ".fieldPath: Invalid value",
  ]],
]);

describeRules(
  "validateResourceFieldSelector() in variables",
  `${PREFIX}.valueFrom.resourceFieldRef`,
  (part) => valueFrom({ resourceFieldRef: part }),
  [
    ["a limit of memory", { resource: "limits.memory" }],
    ["a request of memory", { resource: "requests.memory" }],
    ["a limit of storage", { resource: "limits.ephemeral-storage", divisor: "1Gi" }],
    ["a request of storage", { resource: "requests.ephemeral-storage", divisor: "1G" }],
    ["a request of cores", { resource: "requests.cpu", divisor: "1m" }],
    ["a resource of another container", { containerName: "b", resource: "limits.cpu" }],
    ["huge pages", { resource: "limits.hugepages-2Mi", divisor: "1Mi" }],
    ["no resource", {}, [".resource: Required value"]],
    ["a resource without its list", { resource: "cpu" }, [".resource: Unsupported value"]],
    ["a whole number of cores", { resource: "limits.cpu", divisor: "1" }],
    ["millicores", { resource: "limits.cpu", divisor: "1m" }],
    ["a core in millicores", { resource: "limits.cpu", divisor: "1000m" }],
    ["a core as 1.0", { resource: "limits.cpu", divisor: "1.0" }],
    ["no divisor", { resource: "limits.cpu", divisor: "0" }],
    ["a core as 01, which the kubelet reads to the letter", {
      resource: "limits.cpu",
      divisor: "01",
    }, [".divisor: Invalid value"]],
    ["a thousand cores", { resource: "limits.cpu", divisor: "1k" }, [".divisor: Invalid value"]],
    ["memory in Mi", { resource: "limits.memory", divisor: "1Mi" }],
    ["memory in Mi as 1024Ki", { resource: "limits.memory", divisor: "1024Ki" }],
    ["memory in M", { resource: "requests.memory", divisor: "1M" }],
    ["memory in bits", { resource: "limits.memory", divisor: "1m" }, [".divisor: Invalid value"]],
    ["memory in Mi as a number", { resource: "limits.memory", divisor: "1048576" }, [
      ".divisor: Invalid value",
    ]],
    ["memory with an exponent", { resource: "limits.memory", divisor: "1e3" }, [
      ".divisor: Invalid value",
    ]],
    ["ephemeral storage in two", { resource: "limits.ephemeral-storage", divisor: "2" }, [
      ".divisor: Invalid value",
    ]],
    ["huge pages in two", { resource: "requests.hugepages-2Mi", divisor: "2Mi" }, [
      ".divisor: Invalid value",
    ]],
  ],
);

const file = (part: JsonValue) => ({
  volumes: [{ name: "data", emptyDir: {} }, { name: "etc", hostPath: { path: "/etc" } }],
  ...valueFrom({
    fileKeyRef: { volumeName: "data", path: "a.env", key: "A", ...part as Json },
  }),
});

describeRules("validateEnv() files", `${PREFIX}.valueFrom.fileKeyRef`, file, [
  ["a key of a file", {}],
  ["a key of printable ASCII", { key: "1 a" }],
  ["no key", { key: "" }, [".key: Required value"]],
  ["an equals sign in a key", { key: "A=B" }, [".key: Invalid value"]],
  ["no path", { path: "" }, [".path: Required value"]],
  ["an absolute path", { path: "/a.env" }],
  ["a step back", { path: "../a.env" }, [".path: Invalid value"]],
  ["no volume", { volumeName: "" }, [".volumeName: Required value", ".volumeName: Not found"]],
  ["an upper case volume", { volumeName: "Data" }, [
    ".volumeName: Invalid value",
    ".volumeName: Not found",
  ]],
  ["a volume that is not there", { volumeName: "logs" }, [".volumeName: Not found"]],
  ["a volume of another type", { volumeName: "etc" }, [".volumeName: Invalid value"]],
]);

describeRules(
  "validateEnvFrom()",
  "spec.containers[0].envFrom",
  (part) => ({ containers: [container({ envFrom: part })] }),
  [
    ["a config map", [{ configMapRef: { name: "settings" } }]],
    ["a secret with a prefix", [{ prefix: "DB_", secretRef: { name: "key" } }]],
    ["a name with a hyphen at the end", [{ configMapRef: { name: "settings-" } }]],
    ["an equals sign in a prefix", [{ prefix: "A=", secretRef: { name: "key" } }], [
      "[0].prefix: Invalid value",
    ]],
    ["no source, said of the list", [{ prefix: "A" }], [": Invalid value"]],
    [
      "two sources, said of the list",
      [{ configMapRef: { name: "settings" }, secretRef: { name: "key" } }],
      [": Invalid value"],
    ],
    ["no name of a config map", [{ configMapRef: {} }], ["[0].configMapRef.name: Required value"]],
    ["no name of a secret", [{ secretRef: {} }], ["[0].secretRef.name: Required value"]],
    ["an upper case name", [{ secretRef: { name: "Key" } }], ["[0].secretRef.name: Invalid value"]],
  ],
);
