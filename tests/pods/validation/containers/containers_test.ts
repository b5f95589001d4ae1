import type { JsonValue } from "../../../../mod/core/mod.ts";
import { container, describeRules } from "../found.ts";
import type { Json } from "../found.ts";

const containers = (part: JsonValue) => ({ containers: part });
const one = (part: JsonValue) => containers([container(part as Json)]);

describeRules("validateContainers()", "spec.containers", containers, [
  ["two containers", [container(), container({ name: "b" })]],
  ["no containers", [], [": Required value"]],
  ["null", null, [": Required value"]],
  ["one name twice", [container(), container()], ["[1].name: Duplicate value"]],
  [
    "no name twice",
    [container({ name: "" }), container({ name: "" })],
    ["[0].name: Required value", "[1].name: Required value", "[1].name: Duplicate value"],
  ],
]);

describeRules("validateAnyContainer() names", "spec.containers[0]", one, [
  ["a name of 63 letters", { name: "a".repeat(63) }],
  ["a name of 64 letters", { name: "a".repeat(64) }, [".name: Invalid value"]],
  ["a dotted name", { name: "a.b" }, [".name: Invalid value"]],
  ["an underscore", { name: "a_b" }, [".name: Invalid value"]],
]);

describeRules("validateAnyContainer() images", "spec.containers[0]", one, [
  ["any image without a space", { image: ":::" }],
  ["a space inside", { image: "a b" }],
  ["no image", { image: "" }, [".image: Required value"]],
  ["a space alone", { image: " " }, [".image: Invalid value"]],
  ["a line break at the end", { image: "app:1\n" }, [".image: Invalid value"]],
  ["a next line before, which Go takes for white space", { image: "\u0085app:1" }, [
    ".image: Invalid value",
  ]],
  ["a byte order mark, which Go takes for none", { image: "\ufeffapp:1" }],
  ["a pull policy", { imagePullPolicy: "IfNotPresent" }],
  ["a lower case pull policy", { imagePullPolicy: "never" }, [
    ".imagePullPolicy: Unsupported value",
  ]],
]);

describeRules("validateAnyContainer() terminals and messages", "spec.containers[0]", one, [
  ["a terminal without input", { tty: true }],
  ["any path of a message", { terminationMessagePath: "relative" }],
  ["logs as a message", { terminationMessagePolicy: "FallbackToLogsOnError" }],
  ["an unknown policy of messages", { terminationMessagePolicy: "Logs" }, [
    ".terminationMessagePolicy: Unsupported value",
  ]],
]);

describeRules("validateSpecContainers() on init containers", "spec.", (part) => part as never, [
  [
    "the same rules",
    { initContainers: [container({ name: "A", image: " ", imagePullPolicy: "no" })] },
    [
      "initContainers[0].name: Invalid value",
      "initContainers[0].image: Invalid value",
      "initContainers[0].imagePullPolicy: Unsupported value",
    ],
  ],
]);
