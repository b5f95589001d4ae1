import {
  type BaseArgs,
  type BaseFlags,
  buildCommand,
  type Command,
  type CommandBuilderArguments,
} from "@stricli/core";
import type { CliContext } from "./context.ts";
import { helpOf } from "./help_text.ts";

/** A real command line and what it does. */
export type Example = readonly [commandLine: string, effect: string];

const EXAMPLES = new WeakMap<object, readonly Example[]>();

/** A command of podstead: stricli's, with the examples that end its help. */
export function defineCommand<
  const Flags extends Readonly<Partial<Record<keyof Flags, unknown>>> = BaseFlags,
  const Args extends BaseArgs = [],
>(
  builder: CommandBuilderArguments<Flags, Args, CliContext> & {
    readonly examples: readonly [Example, ...Example[]];
    /** Whether arguments of any number must nevertheless be there; for the help. */
    readonly needsArguments?: boolean;
  },
): Command<CliContext> {
  const built = buildCommand<Flags, Args, CliContext>(builder);
  const command = {
    ...built,
    ...helpOf({
      parameters: built.parameters,
      text: built.fullDescription ?? built.brief,
      needsArguments: builder.needsArguments ?? false,
    }),
  };
  EXAMPLES.set(command, builder.examples);
  return command;
}

/** The examples of a command; none for a group of commands. */
export function examplesOf(target: object): readonly Example[] {
  return EXAMPLES.get(target) ?? [];
}
