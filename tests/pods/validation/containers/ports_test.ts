import type { JsonValue } from "../../../../mod/core/mod.ts";
import { container, describeRules } from "../found.ts";

const ports = (part: JsonValue) => ({ containers: [container({ ports: part })] });
const PREFIX = "spec.containers[0].ports";

describeRules("validateContainerPorts()", PREFIX, ports, [
  ["a port", [{ containerPort: 80 }]],
  ["the last port of each protocol", [
    { containerPort: 65535, protocol: "TCP" },
    { containerPort: 65535, protocol: "UDP" },
    { containerPort: 65535, protocol: "SCTP" },
  ]],
  ["one port twice", [{ containerPort: 80 }, { containerPort: 80 }]],
  ["no port", [{ name: "http" }], ["[0].containerPort: Required value"]],
  ["port 65536", [{ containerPort: 65536 }], ["[0].containerPort: Invalid value"]],
  ["a negative port", [{ containerPort: -1 }], ["[0].containerPort: Invalid value"]],
  ["host port 65536", [{ containerPort: 80, hostPort: 65536 }], ["[0].hostPort: Invalid value"]],
  ["an unknown protocol", [{ containerPort: 80, protocol: "tcp" }], [
    "[0].protocol: Unsupported value",
  ]],
  ["any host address", [{ containerPort: 80, hostIP: "nowhere" }]],
  ["a name", [{ containerPort: 80, name: "http-2" }]],
  ["a name of 16 letters", [{ containerPort: 80, name: "a".repeat(16) }], [
    "[0].name: Invalid value",
  ]],
  ["a name without a letter", [{ containerPort: 80, name: "80" }], ["[0].name: Invalid value"]],
  ["an upper case name, which is two mistakes", [{ containerPort: 80, name: "HTTP" }], [
    "[0].name: Invalid value",
    "[0].name: Invalid value",
  ]],
  ["two hyphens", [{ containerPort: 80, name: "a--b" }], ["[0].name: Invalid value"]],
  ["a hyphen at the end", [{ containerPort: 80, name: "a-" }], ["[0].name: Invalid value"]],
  [
    "one name twice",
    [{ containerPort: 80, name: "http" }, { containerPort: 81, name: "http" }],
    ["[1].name: Duplicate value"],
  ],
]);

const published = { containerPort: 80, hostPort: 8080 };

describeRules("validateUniqueHostPorts()", "spec.", (part) => part as never, [
  [
    "one host port of two protocols",
    { containers: [container({ ports: [published, { ...published, protocol: "UDP" }] })] },
  ],
  [
    "one host port of two addresses",
    { containers: [container({ ports: [published, { ...published, hostIP: "127.0.0.1" }] })] },
  ],
  [
    "one host port twice in a container",
    { containers: [container({ ports: [published, published] })] },
    ["containers[0].ports[1].hostPort: Duplicate value"],
  ],
  [
    "one host port in two containers",
    {
      containers: [container({ ports: [published] }), container({ name: "b", ports: [published] })],
    },
    ["containers[1].ports[0].hostPort: Duplicate value"],
  ],
  [
    "one host port in an init container and a container",
    {
      initContainers: [container({ name: "a", ports: [published] })],
      containers: [container({ ports: [published] })],
    },
  ],
  [
    "one host port twice in the second init container, which the kubelet calls the first",
    {
      initContainers: [
        container({ name: "a" }),
        container({ name: "b", ports: [published, published] }),
      ],
    },
    ["initContainers[0].ports[1].hostPort: Duplicate value"],
  ],
]);

describeRules(
  "validateHostNetworkPorts()",
  PREFIX,
  (part) => ({ hostNetwork: true, ...ports(part) }),
  [
    ["a port without a host port", [{ containerPort: 80 }]],
    ["the same host port", [{ containerPort: 80, hostPort: 80 }]],
    ["another host port", [{ containerPort: 80, hostPort: 8080 }], ["[0].hostPort: Invalid value"]],
  ],
);
