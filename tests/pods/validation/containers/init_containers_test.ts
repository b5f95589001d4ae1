import type { JsonValue } from "../../../../mod/core/mod.ts";
import { container, describeRules } from "../found.ts";
import type { Json } from "../found.ts";

const init = (part: JsonValue) => ({ initContainers: part });
const one = (part: JsonValue) => init([container({ name: "setup", ...part as Json })]);
const sidecar = (part: JsonValue) => one({ restartPolicy: "Always", ...part as Json });
const PREFIX = "spec.initContainers[0]";

describeRules("validateInitContainers() names", "spec.initContainers", init, [
  ["names of their own", [container({ name: "a" }), container({ name: "b" })]],
  ["the name of a container", [container()], ["[0].name: Duplicate value"]],
  ["one name twice", [container({ name: "a" }), container({ name: "a" })], [
    "[1].name: Duplicate value",
  ]],
  ["no name twice", [container({ name: "" }), container({ name: "" })], [
    "[0].name: Required value",
    "[1].name: Required value",
  ]],
]);

const HOOKS = {
  lifecycle: {},
  livenessProbe: { tcpSocket: { port: 80 } },
  readinessProbe: { tcpSocket: { port: 80 } },
  startupProbe: { tcpSocket: { port: 80 } },
};

describeRules("validateInitContainers() without restarts", PREFIX, one, [
  ["an ordinary one", {}],
  ["hooks and probes", HOOKS, [
    ".lifecycle: Forbidden",
    ".livenessProbe: Forbidden",
    ".readinessProbe: Forbidden",
    ".startupProbe: Forbidden",
  ]],
  ["a probe without judging it", { livenessProbe: {} }, [".livenessProbe: Forbidden"]],
]);

describeRules("validateInitContainers() as sidecars", PREFIX, sidecar, [
  ["hooks and probes", HOOKS],
  ["a wrong probe", { livenessProbe: {} }, [".livenessProbe: Required value"]],
  ["a wrong hook", { lifecycle: { preStop: {} } }, [".lifecycle.preStop: Required value"]],
]);

const resize = (restartPolicy: string) => ({
  resizePolicy: [{ resourceName: "cpu", restartPolicy }],
});

describeRules("validateInitContainers() resize policy", PREFIX, one, [
  ["a resize without a restart", resize("NotRequired")],
  ["a resize with a restart", resize("RestartContainer"), [
    ".resizePolicy[0].restartPolicy: Invalid value",
  ]],
]);
describeRules("validateInitContainers() resize policy of a sidecar", PREFIX, sidecar, [
  ["a resize with a restart", resize("RestartContainer")],
]);
describeRules("validateInitContainers() resize policy on 1.34", PREFIX, sidecar, [
  ["a resize", resize("NotRequired"), [".resizePolicy: Invalid value"]],
], 34);
describeRules("validateInitContainers() resize policy on 1.35", PREFIX, one, [
  ["a resize with a restart", resize("RestartContainer")],
], 35);
describeRules("validateInitContainers() resize policy without restarts on 1.34", PREFIX, one, [
  ["a resize with a restart, once", resize("RestartContainer"), [
    ".resizePolicy: Invalid value",
  ]],
], 34);
