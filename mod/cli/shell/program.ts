import {
  type Application,
  ArgumentParseError,
  buildApplication,
  buildRouteMap,
  help,
  type StricliIntegration,
  text_en,
} from "@stricli/core";
import { errorText, PodsteadError } from "../../core/mod.ts";
import { oneLine } from "../../text/mod.ts";
import { examplesOf } from "./command.ts";
import type { CliContext } from "./context.ts";
import { errorReport } from "./error_report.ts";
import { exitCodeOf } from "./exit_codes.ts";
import { GLOBAL_OPTIONS } from "./globals.ts";
import { aligned, exampleLines, kebab } from "./help_text.ts";
import { HIDDEN_COMMANDS, loadRoutes } from "./registry.ts";
import { withRootHelp } from "./root_help.ts";

/**
 * The command line of podstead: routes, help and how errors are shown.
 *
 * @param command the first word of the line: what is loaded, and whose help is pointed at
 */
export async function buildCli(command?: string): Promise<Application<CliContext>> {
  const { commands, aliases } = await loadRoutes(command);
  const root = withRootHelp(buildRouteMap<string, CliContext>({
    routes: commands,
    aliases,
    docs: { hideRoute: hiddenIn(commands), brief: "Static pods for any Linux node" },
  }));
  return buildApplication(root, {
    name: "podstead",
    determineExitCode: exitCodeOf,
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { caseStyle: "convert-camel-to-kebab", disableAnsiColor: true },
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: (thrown) => errorReport(thrown),
        exceptionWhileParsingArguments: (thrown) =>
          `${argumentReport(thrown)}\n  See "podstead ${command ?? "COMMAND"} --help"`,
        noCommandRegisteredForInput: ({ input, corrections }) => {
          // Below an existing command, a subcommand is missing.
          const words = command === undefined || command === input ? [] : [command];
          const line = (...more: readonly string[]) => ["podstead", ...words, ...more].join(" ");
          return `error: There is no command "${oneLine([...words, input].join(" "))}"\n  ${
            corrections[0] === undefined
              ? `See "${line("--help")}"`
              : `Did you mean "${line(corrections[0].replaceAll("`", ""))}"?`
          }`;
        },
      },
    },
  }, { help: helpWithExamples() });
}

/** Only loaded commands: stricli refuses to hide what is not there. */
function hiddenIn(commands: object): Readonly<Record<string, boolean>> {
  return Object.fromEntries(
    HIDDEN_COMMANDS.filter((name) => Object.hasOwn(commands, name)).map((name) => [name, true]),
  );
}

/**
 * A wrong argument: what our own parser says of it, or stricli's words. Stricli's
 * formatter is of no use: it goes by names of classes, which the executable has not.
 */
function argumentReport(thrown: unknown): string {
  if (!(thrown instanceof ArgumentParseError)) return optionsReport(errorReport(thrown));
  const { exception, externalFlagNameOrPlaceholder, input } = thrown;
  if (exception instanceof PodsteadError) return errorReport(exception);
  return `error: "${input}" cannot be read as ${externalFlagNameOrPlaceholder}: ${
    errorText(exception)
  }`;
}

/** Stricli's words for an option that there is not, in ours. */
function optionsReport(text: string): string {
  return text
    .replace(/No alias registered for (-\S+)/, "There is no option $1 here")
    .replace(/No flag registered for (--[^\s,]+)/, "There is no option $1 here")
    .replace(/, did you mean (.*)\?$/, (_, near: string) => `\n  Did you mean ${kebab(near)}?`);
}

/** Stricli's help, with the global options and the examples of the command at its end. */
function helpWithExamples(): StricliIntegration<CliContext> {
  const base = help<CliContext>({
    brief: "Print help and exit",
    defaultForRouteMap: true,
    formatting: {
      caseStyle: "convert-camel-to-kebab",
      useAliasInUsageLine: false,
      onlyRequiredInUsageLine: true,
    },
  });
  const flag = base.flag;
  if (flag === undefined) return base;
  return {
    ...base,
    flag: {
      ...flag,
      async run(app, args) {
        await flag.run.call(this, app, args);
        const options = aligned(GLOBAL_OPTIONS);
        const examples = exampleLines(examplesOf(args.result.target));
        const parts = [`\nGLOBAL OPTIONS\n${options.join("\n")}\n`];
        if (examples.length > 0) parts.push(`\nEXAMPLES\n${examples.join("\n")}\n`);
        this.process.stdout.write(parts.join(""));
      },
    },
  };
}
