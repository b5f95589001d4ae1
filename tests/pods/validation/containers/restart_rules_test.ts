import type { JsonValue } from "../../../../mod/core/mod.ts";
import { container, describeRules } from "../found.ts";
import type { Case, Json } from "../found.ts";

const ordinary = (part: JsonValue) => ({ containers: [container(part as Json)] });
const init = (part: JsonValue) => ({
  initContainers: [container({ name: "setup", ...part as Json })],
});
const rule = (more: Json = {}) => ({
  action: "Restart",
  exitCodes: { operator: "In", values: [42] },
  ...more,
});
const rules = (...restartPolicyRules: readonly Json[]) => ({
  restartPolicy: "Never",
  restartPolicyRules,
});

/** Lists that are too long, which the kubelet reports by another word up to 1.35. */
const tooLong = (word: string): readonly Case[] => [
  ["21 rules", rules(...Array.from({ length: 21 }, () => rule())), [
    `.restartPolicyRules: ${word}`,
  ]],
  [
    "256 exit codes",
    rules(rule({ exitCodes: { operator: "In", values: Array.from({ length: 256 }, () => 1) } })),
    [`.restartPolicyRules[0].exitCodes.values: ${word}`],
  ],
];

const CASES: readonly Case[] = [
  ["no policy", {}],
  ["a policy", { restartPolicy: "OnFailure" }],
  ["an unknown policy", { restartPolicy: "Sometimes" }, [".restartPolicy: Unsupported value"]],
  ["an empty policy", { restartPolicy: "" }, [".restartPolicy: Unsupported value"]],
  ["a rule", rules(rule())],
  ["rules without a policy", { restartPolicyRules: [rule()] }, [".restartPolicy: Required value"]],
  ["20 rules", rules(...Array.from({ length: 20 }, () => rule()))],
  ["an unknown action", rules(rule({ action: "Stop" })), [
    ".restartPolicyRules[0].action: Unsupported value",
  ]],
  ["no exit codes", rules({ action: "Restart" }), [
    ".restartPolicyRules[0].exitCodes: Required value",
  ]],
  ["an unknown operator", rules(rule({ exitCodes: { operator: "Is", values: [1] } })), [
    ".restartPolicyRules[0].exitCodes.operator: Unsupported value",
  ]],
  ["any exit codes", rules(rule({ exitCodes: { operator: "NotIn", values: [-1, 1, 1] } }))],
];
const ALL = rules(rule({ action: "RestartAllContainers" }));
const SIDECAR = { ...rules(rule()), restartPolicy: "Always" };

describeRules("validateRestartPolicy()", "spec.containers[0]", ordinary, [
  ...CASES,
  ...tooLong("Too many"),
  ["a restart of all containers", ALL],
  ["rules beside Always", SIDECAR],
]);
describeRules("validateInitRestartPolicy()", "spec.initContainers[0]", init, [
  ...CASES,
  ...tooLong("Too many"),
  ["a restart of all containers", ALL],
  ["rules beside Always", SIDECAR],
]);

describeRules("validateRestartPolicy() on 1.35", "spec.containers[0]", ordinary, [
  ...CASES,
  ...tooLong("Too long"),
  ["a restart of all containers", ALL, [".restartPolicyRules[0].action: Unsupported value"]],
  ["rules beside Always", SIDECAR],
], 35);
describeRules("validateInitRestartPolicy() on 1.35", "spec.initContainers[0]", init, [
  ["rules beside Always", SIDECAR, [".restartPolicyRules: Forbidden"]],
  ["Always alone", { restartPolicy: "Always" }],
], 35);

describeRules("validateRestartPolicy() on 1.34", "spec.containers[0]", ordinary, [
  ["no policy", {}],
  ["a policy", { restartPolicy: "Always" }, [".restartPolicy: Forbidden"]],
], 34);
describeRules("validateInitRestartPolicy() on 1.34", "spec.initContainers[0]", init, [
  ["Always", { restartPolicy: "Always" }],
  ["Never", { restartPolicy: "Never" }, [".restartPolicy: Unsupported value"]],
], 34);
