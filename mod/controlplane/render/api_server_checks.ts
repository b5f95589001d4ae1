/** Settings of kube-apiserver that render well and run badly. */
import { type Arguments, argumentValue } from "./arguments.ts";
import type { ComponentProblem, RenderContext } from "../context.ts";

/** Probes that would be refused. */
export function checkApiServer(
  context: RenderContext,
  args: Arguments,
): readonly ComponentProblem[] {
  const problems: ComponentProblem[] = [];
  const { cluster } = context;
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
