/** The help of a command, made from its definition: usage, what it does, flags, arguments. */
import type { Command } from "@stricli/core";
import { wrapText } from "../../text/mod.ts";

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
  /** Whether `-n` says the namespace of its arguments. */
  readonly takesPods: boolean;
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
        ...reflow(subject.text),
        ...(aliases.length === 0
          ? []
          : ["", headers.aliases, ...aliases.map((alias) => `  ${parents} ${alias}`)]),
        "",
        headers.flags,
        ...aligned(flagRows(subject, args)),
        ...(positional.length === 0 ? [] : ["", headers.arguments, ...aligned(positional)]),
        "",
      ].join("\n");
    },
  };
}

/** A group of commands whose help is written as that of a command. */
export function inColumns<Group extends Pick<Documented, "formatHelp">>(group: Group): Group {
  return {
    ...group,
    formatHelp: (args: HelpArguments) =>
      group.formatHelp(args)
        .replace(/^ {2}-h --help/m, "  -h, --help")
        .replace(/^ {5}-- /m, "      -- ")
        .split("\n").flatMap(shortened).join("\n"),
  };
}

/** A line in 80 columns; the second column of a list continues below itself. */
function shortened(line: string): readonly string[] {
  if (line.length <= MAX_COLUMNS) return [line];
  const [, head = "", rest = line] = /^( {2}\S+ {2,})(.*)$/.exec(line) ?? [];
  const [first = "", ...more] = wrapText(rest, MAX_COLUMNS, head.length, Infinity);
  return [`${head}${first}`, ...more.map((text) => `${" ".repeat(head.length)}${text}`)];
}

function usageLine(prefix: readonly string[], subject: HelpSubject): string {
  const required = Object.entries(subject.parameters.flags ?? {})
    .filter(([, flag]) => isRequired(flag))
    .map(([name, flag]) => `--${flagName(name, flag)}`);
  return [...prefix, ...required, ...positionalRows(subject).map(([name]) => name)].join(" ");
}

export type Row = readonly [name: string, brief: string];

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

function flagRows(
  { parameters: { flags = {}, aliases = {} }, takesPods }: HelpSubject,
  args: HelpArguments,
): readonly Row[] {
  const own = Object.entries(flags)
    .filter(([, { hidden }]) => hidden !== true || args.includeHidden)
    .map(([name, flag]): Row => {
      const short = Object.entries(aliases).find(([, long]) => long === name)?.[0];
      return [withShort(short, flagName(name, flag)), `${flag.brief}${defaultText(flag)}`];
    });
  const namespace: readonly Row[] = takesPods && !Object.hasOwn(flags, "namespace")
    ? [[withShort("n", "namespace NAME"), "Namespace of the pod, where its name leaves it out"]]
    : [];
  const additional = args.additionalFlags
    .filter(({ hidden }) => hidden !== true || args.includeHidden)
    .map(({ name, aliases: [short] = [], brief }): Row => [withShort(short, kebab(name)), brief]);
  const escape: readonly Row[] = args.includeArgumentEscapeSequenceFlag
    ? [[withShort(undefined, ""), args.text.briefs.argumentEscapeSequence]]
    : [];
  return [...own, ...namespace, ...additional, ...escape];
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

/** The default of a flag; for a switch, off needs no mention. */
function defaultText(flag: Flag): string {
  if (flag.kind === "counter" || flag.default === undefined || flag.default === false) return "";
  const text = flag.default === true ? "on" : String(flag.default);
  return text === "" ? "" : ` (default: ${text})`;
}

/** `dryRun` as it is typed: `dry-run`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What a text console has. */
const MAX_COLUMNS = 80;

/** A name beyond it has its brief on the next line, so that it does not push all others away. */
const MAX_NAME_WIDTH = 30;

/**
 * Rows in two columns; a brief that is too long continues below itself.
 *
 * @param width of the first column, where it is not that of these rows alone
 */
export function aligned(rows: readonly Row[], width = nameWidth(rows)): readonly string[] {
  return rows.flatMap(([name, brief]) => {
    const [first = "", ...more] = wrapText(brief, MAX_COLUMNS, width + 4, Infinity);
    const below = (text: string) => `${" ".repeat(width + 4)}${text}`;
    return name.length > MAX_NAME_WIDTH
      ? [`  ${name}`, below(first), ...more.map(below)]
      : [`  ${name.padEnd(width)}  ${first}`.trimEnd(), ...more.map(below)];
  });
}

export function nameWidth(rows: readonly Row[]): number {
  const widths = rows.map(([name]) => name.length).filter((width) => width <= MAX_NAME_WIDTH);
  return Math.max(0, ...widths);
}

/** Command lines, each with its effect below it. */
export function exampleLines(
  examples: readonly (readonly [line: string, effect: string])[],
): readonly string[] {
  return examples.flatMap(([line, effect]) => [
    ...continued(line),
    ...wrapText(effect, MAX_COLUMNS, 6, Infinity).map((text) => `      ${text}`),
  ]);
}

/** A command line as a shell takes it over several lines, if it is too long for one. */
function continued(line: string): readonly string[] {
  const room = MAX_COLUMNS - 4;
  if (line.length <= room) return [`  ${line}`];
  const cut = Math.max(line.lastIndexOf(" --", room), line.lastIndexOf(" | ", room));
  const at = cut > 0 ? cut : line.lastIndexOf(" ", room);
  if (at <= 0) return [`  ${line}`];
  return [`  ${line.slice(0, at)} \\`, ...continued(`  ${line.slice(at + 1)}`)];
}

/**
 * A text in lines of at most 80 columns: a paragraph is broken again, an indented line is one of
 * its own.
 */
export function reflow(text: string): readonly string[] {
  const paragraphs: string[] = [];
  let joins = false;
  for (const line of text.split("\n")) {
    const isProse = /^\S/.test(line);
    if (isProse && joins) paragraphs.push(`${paragraphs.pop()} ${line}`);
    else paragraphs.push(line);
    joins = isProse;
  }
  return paragraphs.flatMap((paragraph) => {
    const indent = /^ */.exec(paragraph)?.[0] ?? "";
    return wrapText(paragraph.trimStart(), MAX_COLUMNS, indent.length, Infinity)
      .map((line) => `${indent}${line}`.trimEnd());
  });
}
