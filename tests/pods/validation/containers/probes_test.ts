import type { JsonValue } from "../../../../mod/core/mod.ts";
import { container, describeRules } from "../found.ts";
import type { Json } from "../found.ts";

const TCP = { tcpSocket: { port: 80 } };
const probe = (name: string) => (part: JsonValue) => ({
  containers: [container({ [name]: part })],
});
const PREFIX = "spec.containers[0]";

describeRules("validateHandler() of a probe", `${PREFIX}.livenessProbe`, probe("livenessProbe"), [
  ["a command", { exec: { command: ["true"] } }],
  ["no command", { exec: {} }, [".exec.command: Required value"]],
  ["an empty word as a command", { exec: { command: [""] } }],
  ["no handler", { periodSeconds: 5 }, [": Required value"]],
  ["two handlers", { exec: { command: ["true"] }, ...TCP }, [".tcpSocket: Forbidden"]],
  ["a second handler without judging it", { exec: { command: ["true"] }, grpc: { port: 0 } }, [
    ".grpc: Forbidden",
  ]],
  ["a port", { tcpSocket: { port: 65535 } }],
  ["port 0", { tcpSocket: { port: 0 } }, [".tcpSocket.port: Invalid value"]],
  ["port 65536", { tcpSocket: { port: 65536 } }, [".tcpSocket.port: Invalid value"]],
  ["a named port, there or not", { tcpSocket: { port: "http" } }],
  ["a number as a name", { tcpSocket: { port: "80" } }, [".tcpSocket.port: Invalid value"]],
  ["an empty name, which is two mistakes", { tcpSocket: { port: "" } }, [
    ".tcpSocket.port: Invalid value",
    ".tcpSocket.port: Invalid value",
  ]],
  ["gRPC", { grpc: { port: 80, service: "a" } }],
  ["gRPC without a port", { grpc: {} }, [".grpc.port: Invalid value"]],
]);

const httpGet = (part: JsonValue) =>
  probe("readinessProbe")({ httpGet: { port: 80, ...part as Json } });

describeRules("validateHandler() of HTTP", `${PREFIX}.readinessProbe.httpGet`, httpGet, [
  ["no path, which is /", {}],
  ["any path", { path: "healthz?a b" }],
  ["no port", { port: 0 }, [".port: Invalid value"]],
  ["HTTPS", { scheme: "HTTPS" }],
  ["a lower case scheme", { scheme: "https" }, [".scheme: Unsupported value"]],
  ["a header", { httpHeaders: [{ name: "X-Probe", value: "any: thing" }] }],
  ["a header with an underscore", { httpHeaders: [{ name: "X_Probe" }] }, [
    ".httpHeaders: Invalid value",
  ]],
  ["no name of a header", { httpHeaders: [{ value: "a" }] }, [".httpHeaders: Invalid value"]],
]);

const times = (part: JsonValue) => ({ ...TCP, ...part as Json });

for (const name of ["livenessProbe", "readinessProbe", "startupProbe"]) {
  describeRules(
    `validateProbes() ${name}`,
    `${PREFIX}.${name}`,
    (part) => probe(name)(times(part)),
    [
      ["zeros, which are the defaults", { initialDelaySeconds: 0, periodSeconds: 0 }],
      ["a negative delay", { initialDelaySeconds: -1 }, [".initialDelaySeconds: Invalid value"]],
      ["a negative timeout", { timeoutSeconds: -1 }, [".timeoutSeconds: Invalid value"]],
      ["a negative period", { periodSeconds: -1 }, [".periodSeconds: Invalid value"]],
      ["a negative threshold", { failureThreshold: -1 }, [".failureThreshold: Invalid value"]],
    ],
  );
}

for (const name of ["livenessProbe", "startupProbe"]) {
  describeRules(
    `validateProbes() ${name}`,
    `${PREFIX}.${name}`,
    (part) => probe(name)(times(part)),
    [
      ["one success", { successThreshold: 1 }],
      ["two successes", { successThreshold: 2 }, [".successThreshold: Invalid value"]],
      ["a negative number of successes", { successThreshold: -1 }, [
        ".successThreshold: Invalid value",
        ".successThreshold: Invalid value",
      ]],
      ["a grace period", { terminationGracePeriodSeconds: 1 }],
      ["no grace", { terminationGracePeriodSeconds: 0 }, [
        ".terminationGracePeriodSeconds: Invalid value",
      ]],
    ],
  );
}

describeRules(
  "validateProbes() readinessProbe",
  `${PREFIX}.readinessProbe`,
  (part) => probe("readinessProbe")(times(part)),
  [
    ["two successes", { successThreshold: 2 }],
    ["a negative number of successes", { successThreshold: -1 }, [
      ".successThreshold: Invalid value",
    ]],
    ["a grace period", { terminationGracePeriodSeconds: 1 }, [
      ".terminationGracePeriodSeconds: Invalid value",
    ]],
    ["no grace, which is two mistakes", { terminationGracePeriodSeconds: 0 }, [
      ".terminationGracePeriodSeconds: Invalid value",
      ".terminationGracePeriodSeconds: Invalid value",
    ]],
  ],
);
