import type { JsonValue } from "../../../../mod/core/mod.ts";
import { container, describeRules } from "../found.ts";
import type { Case, Json } from "../found.ts";

/** A new pod may have none at all; what else is wrong is said too. */
const refused = (cases: readonly Case[]): readonly Case[] =>
  cases.map(([name, part, issues = []]) => [name, part, [": Forbidden", ...issues]]);
const ephemeral = (part: JsonValue) => ({
  initContainers: [container({ name: "setup" })],
  volumes: [{ name: "data", emptyDir: {} }],
  ephemeralContainers: part,
});
const one = (part: JsonValue) => ephemeral([container({ name: "debug", ...part as Json })]);
const PREFIX = "spec.ephemeralContainers";

describeRules(
  "validateEphemeralContainers() names",
  PREFIX,
  ephemeral,
  refused([
    ["names of their own", [container({ name: "a" }), container({ name: "b" })]],
    ["the name of a container", [container()], ["[0].name: Duplicate value"]],
    ["the name of an init container", [container({ name: "setup" })], [
      "[0].name: Duplicate value",
    ]],
    ["one name twice", [container({ name: "a" }), container({ name: "a" })], [
      "[1].name: Duplicate value",
    ]],
    ["no image", [{ name: "a" }], ["[0].image: Required value"]],
  ]),
);

describeRules("validateEphemeralContainers() none", PREFIX, ephemeral, [["an empty list", []]]);

describeRules(
  "validateEphemeralContainers() fields",
  PREFIX,
  one,
  refused([
    ["a target", { targetContainerName: "setup" }],
    ["a target that is not there", { targetContainerName: "debug" }, [
      "[0].targetContainerName: Not found",
    ]],
    ["an empty list of ports", { ports: [] }, ["[0].ports: Forbidden"]],
    ["null for ports", { ports: null }],
    ["no resources", { resources: {} }],
    ["empty limits", { resources: { limits: {} } }, ["[0].resources: Forbidden"]],
    ["a resize policy", {
      resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }],
    }, ["[0].resizePolicy: Forbidden"]],
    ["restarts", { restartPolicy: "Always", restartPolicyRules: [] }, [
      "[0].restartPolicy: Forbidden",
      "[0].restartPolicyRules: Forbidden",
    ]],
    ["hooks and probes", {
      lifecycle: {},
      livenessProbe: {},
      readinessProbe: {},
      startupProbe: {},
    }, [
      "[0].lifecycle: Forbidden",
      "[0].livenessProbe: Forbidden",
      "[0].readinessProbe: Forbidden",
      "[0].startupProbe: Forbidden",
    ]],
    ["a mount", { volumeMounts: [{ name: "data", mountPath: "/a" }] }],
    ["a sub path", { volumeMounts: [{ name: "data", mountPath: "/a", subPath: "b" }] }, [
      "[0].volumeMounts[0].subPath: Forbidden",
    ]],
    ["an expression", { volumeMounts: [{ name: "data", mountPath: "/a", subPathExpr: "b" }] }, [
      "[0].volumeMounts[0].subPathExpr: Forbidden",
    ]],
  ]),
);
