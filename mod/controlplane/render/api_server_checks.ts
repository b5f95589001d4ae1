/** Settings of kube-apiserver that render well and run badly. */
import { REMOVED_API_SERVER_FLAGS } from "./argument_policy.ts";
import { type Arguments, argumentValue } from "./arguments.ts";
import type { ComponentProblem, RenderContext } from "../context.ts";

/** Flags that the version does not have, and probes that would be refused. */
export function checkApiServer(
  context: RenderContext,
  args: Arguments,
  minor: number,
): readonly ComponentProblem[] {
  const problems: ComponentProblem[] = [];
  const { cluster } = context;
  for (const [flag, since] of Object.entries(REMOVED_API_SERVER_FLAGS)) {
    if (minor < since || !Object.hasOwn(args, flag)) continue;
    problems.push({
      severity: "error",
      code: "argument-removed",
      setting: ["extraArgs", flag],
      message: `kube-apiserver has no flag "${flag}" since 1.${since} and would not start with it`,
      hint: "Remove it",
    });
  }
  const anonymous = cluster.apiServer.authenticationConfig?.["anonymous"];
  const refused = argumentValue(args, "anonymous-auth") === "false" ||
    (typeof anonymous === "object" && anonymous !== null && "enabled" in anonymous &&
      anonymous["enabled"] === false);
  if (refused) {
    problems.push({
      severity: "warning",
      code: "probes-refused",
      setting: argumentValue(args, "anonymous-auth") === "false"
        ? ["extraArgs", "anonymous-auth"]
        : ["authenticationConfig", "anonymous"],
      message: "Without anonymous requests the API server refuses the kubelet's probes, " +
        "and the kubelet restarts it again and again",
      hint:
        "Allow anonymous requests for /livez and /readyz in authenticationConfig.anonymous.conditions",
    });
  }
  return problems;
}
