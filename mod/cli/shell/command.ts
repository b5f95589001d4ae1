import {
  type BaseArgs,
  type BaseFlags,
  buildCommand,
  type Command,
  type CommandBuilderArguments,
  type CommandFunction,
} from "@stricli/core";
import type { CliContext } from "./context.ts";
import { helpOf } from "./help_text.ts";
import type { NodesOptions } from "./nodes_policy.ts";

/** A real command line and what it does. */
export type Example = readonly [commandLine: string, effect: string];

/** What is special about the arguments of a command. */
export interface Traits {
  /** Its arguments are pods: `-n` says their namespace. See `podReference`. */
  readonly takesPods: boolean;
  /** What follows `--` is a command of its own. */
  readonly commandFollows: boolean;
}

const NO_TRAITS: Traits = { takesPods: false, commandFollows: false };
const TRAITS = new WeakMap<object, Traits>();
const EXAMPLES = new WeakMap<object, readonly Example[]>();

/** A command of podstead: stricli's, with the examples that end its help. */
export function defineCommand<
  const Flags extends Readonly<Partial<Record<keyof Flags, unknown>>> = BaseFlags,
  const Args extends BaseArgs = [],
>(
  builder: CommandBuilderArguments<Flags, Args, CliContext> & {
    readonly examples: readonly [Example, ...Example[]];
    /** Default: `here`. */
    readonly nodes?: NodesOptions;
    /** Whether arguments of any number must nevertheless be there; for the help. */
    readonly needsArguments?: boolean;
    readonly traits?: Partial<Traits>;
  },
): Command<CliContext> {
  const built = buildCommand<Flags, Args, CliContext>(
    "func" in builder ? { ...builder, func: onNamedNodes(builder) } : builder,
  );
  const command = {
    ...built,
    ...helpOf({
      parameters: built.parameters,
      text: built.fullDescription ?? built.brief,
      needsArguments: builder.needsArguments ?? false,
      takesPods: builder.traits?.takesPods ?? false,
    }),
  };
  EXAMPLES.set(command, builder.examples);
  TRAITS.set(command, { ...NO_TRAITS, ...builder.traits });
  return command;
}

/** The command's own function, run on each node if some are named. */
function onNamedNodes<
  Flags extends Readonly<Partial<Record<keyof Flags, unknown>>>,
  Args extends BaseArgs,
>(
  { func, nodes = { policy: "here" } }: {
    readonly func: CommandFunction<Flags, Args, CliContext>;
    readonly nodes?: NodesOptions;
  },
): CommandFunction<Flags, Args, CliContext> {
  return async function (this: CliContext, flags: Flags, ...args: Args) {
    if (this.globals.nodes === undefined || nodes.policy === "own") {
      return await func.call(this, flags, ...args);
    }
    const { runOnNodes } = await import("./many/run.ts"); // most commands are about one node
    await runOnNodes(this, { ...nodes, flags }, async (context) => {
      const result = await func.call(context, flags, ...args);
      if (result instanceof Error) throw result;
    });
  };
}

/** The examples of a command; none for a group of commands. */
export function examplesOf(target: object): readonly Example[] {
  return EXAMPLES.get(target) ?? [];
}

/** What is special about the arguments of a command. */
export function traitsOf(target: object): Traits {
  return TRAITS.get(target) ?? NO_TRAITS;
}
