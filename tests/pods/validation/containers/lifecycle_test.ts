import type { JsonValue } from "../../../../mod/core/mod.ts";
import { container, describeRules } from "../found.ts";
import type { Json } from "../found.ts";

const lifecycle = (part: JsonValue) => ({ containers: [container({ lifecycle: part })] });
const PREFIX = "spec.containers[0].lifecycle";

describeRules("validateLifecycle()", PREFIX, lifecycle, [
  ["nothing", {}],
  ["both hooks", {
    postStart: { exec: { command: ["true"] } },
    preStop: { httpGet: { port: "http" } },
  }],
  ["a hook without a handler", { postStart: {} }, [".postStart: Required value"]],
  [
    "a hook with two handlers",
    { preStop: { exec: { command: ["true"] }, sleep: { seconds: 1 } } },
    [
      ".preStop.sleep: Forbidden",
    ],
  ],
  ["a wrong handler", { preStop: { tcpSocket: { port: 0 } } }, [
    ".preStop.tcpSocket.port: Invalid value",
  ]],
]);

const sleep = (part: JsonValue) => ({
  terminationGracePeriodSeconds: 10,
  ...lifecycle({ preStop: { sleep: part } }),
});

describeRules("validateHandler() sleep", `${PREFIX}.preStop.sleep`, sleep, [
  ["no time", { seconds: 0 }],
  ["the whole grace period", { seconds: 10 }],
  ["more than the grace period", { seconds: 11 }, [": Invalid value"]],
  ["a negative time", { seconds: -1 }, [": Invalid value"]],
]);

describeRules("validateHandler() sleep on 1.34", `${PREFIX}.preStop.sleep`, sleep, [
  ["a second", { seconds: 1 }],
  ["no time", { seconds: 0 }, [": Invalid value"]],
], 34);

const signal = (os: Json | undefined) => (part: JsonValue) => ({
  ...(os === undefined ? {} : { os }),
  ...lifecycle({ stopSignal: part }),
});

describeRules("validateLifecycle() stopSignal", `${PREFIX}.stopSignal`, signal(undefined), [
  ["a signal without an operating system", "SIGTERM", [": Forbidden"]],
]);
describeRules("validateLifecycle() of Linux", `${PREFIX}.stopSignal`, signal({ name: "linux" }), [
  ["a signal", "SIGUSR1"],
  ["the first and the last real-time signals", "SIGRTMIN"],
  ["a real-time signal from the first", "SIGRTMIN+15"],
  ["a real-time signal from the last", "SIGRTMAX-14"],
  ["one too far from the first", "SIGRTMIN+16", [": Unsupported value"]],
  ["one too far from the last", "SIGRTMAX-15", [": Unsupported value"]],
  ["a signal without SIG", "TERM", [": Unsupported value"]],
]);
describeRules(
  "validateLifecycle() of Windows",
  `${PREFIX}.stopSignal`,
  signal({ name: "windows" }),
  [["SIGTERM", "SIGTERM"], ["SIGKILL", "SIGKILL"], ["SIGHUP", "SIGHUP", [": Unsupported value"]]],
);
