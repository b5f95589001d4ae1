/** The help of a command, made from its definition: usage, what it does, flags, arguments. */
import type { Command } from "@stricli/core";

type Parameters = Command<never>["parameters"];
type Flag = NonNullable<Parameters["flags"]>[string];
type Documented = Pick<Command<never>, "formatUsageLine" | "formatHelp">;
type HelpArguments = globalThis.Parameters<Documented["formatHelp"]>[0];

/** What a help text needs to know of a command. */
export interface HelpSubject {
  readonly parameters: Parameters;
  readonly text: string;
  /** Whether arguments of any number must nevertheless be there. */
  readonly needsArguments: boolean;
}

/**
 * How a command documents itself. Unlike stricli's own text it names the value
 * that each flag takes (`-o, --output FORMAT`) and tells an argument that may be
 * left out (`[PATH...]`) from one that may not.
 */
export function helpOf(subject: HelpSubject): Documented {
  return {
    formatUsageLine: ({ prefix }) => usageLine(prefix, subject),
    formatHelp: (args) => {
      const { headers } = args.text;
      const { prefix, aliases = [] } = args;
      const positional = positionalRows(subject);
      const parents = prefix.slice(0, -1).join(" ");
      return [
        headers.usage,
        `  ${usageLine(prefix, subject)}`,
        "",
        subject.text,
        ...(aliases.length === 0
          ? []
          : ["", headers.aliases, ...aliases.map((alias) => `  ${parents} ${alias}`)]),
        "",
        headers.flags,
        ...aligned(flagRows(subject.parameters, args)),
        ...(positional.length === 0 ? [] : ["", headers.arguments, ...aligned(positional)]),
        "",
      ].join("\n");
    },
  };
}

/** A group of commands whose help writes its flags as that of a command does. */
export function withCommas<Group extends Pick<Documented, "formatHelp">>(group: Group): Group {
  return {
    ...group,
    formatHelp: (args: HelpArguments) =>
      group.formatHelp(args)
        .replace(/^ {2}-h --help/m, "  -h, --help")
        .replace(/^ {5}-- /m, "      -- "),
  };
}

function usageLine(prefix: readonly string[], subject: HelpSubject): string {
  const required = Object.entries(subject.parameters.flags ?? {})
    .filter(([, flag]) => isRequired(flag))
    .map(([name, flag]) => `--${flagName(name, flag)}`);
  return [...prefix, ...required, ...positionalRows(subject).map(([name]) => name)].join(" ");
}

type Row = readonly [name: string, brief: string];

function positionalRows({ parameters, needsArguments }: HelpSubject): readonly Row[] {
  const { positional } = parameters;
  if (positional === undefined) return [];
  if (positional.kind === "array") {
    const { parameter, minimum = 0 } = positional;
    const name = `${parameter.placeholder ?? "ARGUMENT"}...`;
    return [[needsArguments || minimum > 0 ? name : `[${name}]`, parameter.brief]];
  }
  return positional.parameters.map((parameter): Row => {
    const name = parameter.placeholder ?? "ARGUMENT";
    const given = parameter.default;
    const isOptional = parameter.optional === true || given !== undefined;
    const suffix = given === undefined ? "" : ` (default: ${given})`;
    return [isOptional ? `[${name}]` : name, `${parameter.brief}${suffix}`];
  });
}

function flagRows({ flags = {}, aliases = {} }: Parameters, args: HelpArguments): readonly Row[] {
  const own = Object.entries(flags)
    .filter(([, { hidden }]) => hidden !== true || args.includeHidden)
    .map(([name, flag]): Row => {
      const short = Object.entries(aliases).find(([, long]) => long === name)?.[0];
      return [withShort(short, flagName(name, flag)), `${flag.brief}${defaultText(flag)}`];
    });
  const additional = args.additionalFlags
    .filter(({ hidden }) => hidden !== true || args.includeHidden)
    .map(({ name, aliases: [short] = [], brief }): Row => [withShort(short, kebab(name)), brief]);
  const escape: readonly Row[] = args.includeArgumentEscapeSequenceFlag
    ? [[withShort(undefined, ""), args.text.briefs.argumentEscapeSequence]]
    : [];
  return [...own, ...additional, ...escape];
}

function withShort(short: string | undefined, long: string): string {
  return `${short === undefined ? "    " : `-${short}, `}--${long}`;
}

/** `output FORMAT`, `[no-]warnings`, `label KEY=VALUE...`. */
function flagName(name: string, flag: Flag): string {
  const long = kebab(name);
  switch (flag.kind) {
    case "boolean":
      return flag.default === false || flag.withNegated === false ? long : `[no-]${long}`;
    case "counter":
      return long;
    case "enum":
      return `${long} ${flag.placeholder ?? flag.values.join("|")}`;
    case "parsed":
      return `${long} ${flag.placeholder ?? "VALUE"}${flag.variadic === undefined ? "" : "..."}`;
  }
}

function isRequired(flag: Flag): boolean {
  return flag.kind !== "counter" && flag.optional !== true && flag.default === undefined;
}

/** What holds where the flag is left out; that a switch is off goes without saying. */
function defaultText(flag: Flag): string {
  if (flag.kind === "counter" || flag.default === undefined || flag.default === false) return "";
  const text = flag.default === true ? "on" : String(flag.default);
  return text === "" ? "" : ` (default: ${text})`;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A name beyond it has its brief on the next line, so that it does not push all others away. */
const MAX_NAME_WIDTH = 36;

function aligned(rows: readonly Row[]): readonly string[] {
  const widths = rows.map(([name]) => name.length).filter((width) => width <= MAX_NAME_WIDTH);
  const width = Math.max(0, ...widths);
  return rows.map(([name, brief]) =>
    name.length > MAX_NAME_WIDTH
      ? `  ${name}\n  ${" ".repeat(width)}  ${brief}`
      : `  ${name.padEnd(width)}  ${brief}`
  );
}
