/** The command line of a component: its own flags, its config files', and the user's. */
import { withDenied } from "./argument_policy.ts";
import {
  type ArgumentPolicy,
  type Arguments,
  type DeniedArgument,
  mergeArguments,
} from "./arguments.ts";
import type { ExtraArgs } from "../config.ts";
import { checkFlags, type FlagRules } from "../flags/check_flags.ts";
import type { ConfigFile } from "./config_file.ts";
import type { ComponentProblem } from "../context.ts";

/** Joins the flags of a component; those that podstead must set itself are refused to the user. */
export function componentArguments(from: {
  readonly own: Arguments;
  readonly extraArgs: ExtraArgs;
  readonly policy: ArgumentPolicy;
  readonly rules: FlagRules;
  /** Each sets its flag, and takes it from the user. */
  readonly configFiles?: readonly ConfigFile[];
}): { readonly args: Arguments; readonly problems: readonly ComponentProblem[] } {
  const { configFiles = [] } = from;
  const own = {
    ...from.own,
    ...Object.fromEntries(configFiles.map((file) => [file.flag, file.path])),
  };
  const policy = withDenied(
    from.policy,
    Object.fromEntries(configFiles.map((file) => [file.flag, `set ${file.setting} instead`])),
  );
  const { merged, denied } = mergeArguments(own, from.extraArgs, policy);
  const refused = new Set(denied.map(({ flag }) => flag));
  const others = Object.entries(from.extraArgs).filter(([flag]) => !refused.has(flag));
  return {
    args: merged,
    problems: [
      ...denied.map(deniedProblem),
      ...checkFlags(Object.fromEntries(others), from.rules),
    ],
  };
}

function deniedProblem({ flag, reason }: DeniedArgument): ComponentProblem {
  return {
    severity: "error",
    code: "argument-denied",
    setting: ["extraArgs", flag],
    message: `Argument "${flag}" cannot be set here: ${reason}`,
    hint: `Remove "${flag}" from extraArgs`,
  };
}
