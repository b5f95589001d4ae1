/** From what was typed to the line that is run: habits of other tools, short options, `-n`. */
import type { Command, RouteMap } from "@stricli/core";
import { UsageError } from "../../../core/mod.ts";
import { traitsOf } from "../command.ts";
import type { CliContext, Routes } from "../context.ts";
import { bareValue, exactFlagHabit, type FlagHabit } from "./flag_habits.ts";
import { findHabit } from "./habits.ts";
import { isTableOutput } from "../shared_flags.ts";

type Target = Command<CliContext> | RouteMap<CliContext>;
type Parameters = Command<CliContext>["parameters"];

/** A line that is run. */
export interface CommandLine {
  readonly line: readonly string[];
  /** `-n` of a command of which the arguments are pods. */
  readonly namespace: string | undefined;
}

/** What reading a line needs to know of the commands. */
export interface KnownCommands {
  /** Whether it is the name or an alias of a command. */
  readonly isCommand: (word: string) => boolean;
  readonly load: (word: string) => Promise<Routes>;
}

const OTHER_TOOL = /^(?:kubectl|crictl|talosctl|podman|docker|nerdctl|systemctl|k)$/;

/** One resource, as listings name it with `-o name`. */
const RESOURCE = /^(?:pods?|po|sps?|staticpods?|staticpodstatus|configmaps?|cm|secrets?)\/./;

/**
 * The line that is meant.
 *
 * @param typed what was typed, without the global options
 * @throws {UsageError} for a word or an option of another tool, with what to do instead
 */
export async function readCommandLine(
  typed: readonly string[],
  commands: KnownCommands,
): Promise<CommandLine> {
  const [first] = typed;
  if (first !== undefined && /^(-n|--namespace)(=|$)/.test(first)) {
    throw new UsageError("-n is the namespace, as in kubectl, and stands after the command", {
      hint: "Other nodes are named with -N: podstead -N a,b get staticpods",
    });
  }
  // Not stricli's default command: that would take every mistyped command for its argument.
  if (first === undefined || /^(-o|--output)/.test(first)) {
    return await readOptions(["overview", ...typed], commands);
  }
  if (first === "help" && typed[1] !== undefined && !typed[1].startsWith("-")) {
    const asked = findHabit(typed.slice(1), commands.isCommand)?.habit;
    const name = asked !== undefined && "runs" in asked ? asked.runs.split(" ")[0] : typed[1];
    if (name !== undefined && commands.isCommand(name)) {
      const more = name === typed[1] ? typed.slice(2) : [];
      return { line: [name, ...more, "--help"], namespace: undefined };
    }
  }
  if (OTHER_TOOL.test(first)) {
    throw new UsageError(`podstead takes the words without "${first}"`, {
      hint: ["podstead", ...typed.slice(1)].join(" "),
    });
  }
  if (RESOURCE.test(first)) return await readOptions(["get", ...typed], commands);
  const found = findHabit(typed, commands.isCommand);
  if (found === undefined) return await readOptions(typed, commands);
  const { habit, length } = found;
  if ("says" in habit) {
    throw new UsageError(`There is no "${typed.slice(0, length).join(" ")}"; ${habit.says}`);
  }
  return await readOptions([...habit.runs.split(" "), ...typed.slice(length)], commands);
}

async function readOptions(
  words: readonly string[],
  commands: KnownCommands,
): Promise<CommandLine> {
  const [first = ""] = words;
  if (!commands.isCommand(first)) return { line: words, namespace: undefined };
  const { commands: loaded, aliases } = await commands.load(first);
  let name = Object.hasOwn(loaded, first) ? first : aliases[first] ?? first;
  let target: Target | undefined = loaded[name];
  let depth = 1;
  while (target !== undefined && "getRoutingTargetForInput" in target) {
    name = words[depth] ?? "";
    target = target.getRoutingTargetForInput(name);
    depth += 1;
  }
  if (target === undefined) return { line: words, namespace: undefined };
  const reader = new OptionReader(name, target, words.slice(depth));
  return {
    line: [...words.slice(0, depth), ...reader.read()],
    namespace: reader.namespace,
  };
}

/**
 * The words of `exec`: what is run there follows `--`, or its options would be ours.
 *
 * @throws {UsageError} with the line that is meant
 */
function withDashes(command: string, words: readonly string[]): readonly string[] {
  if (words.includes("--") || words.some((word) => /^(-h|--help)$/.test(word))) return words;
  const first = words.findIndex((word, at) =>
    !word.startsWith("-") &&
    !/^(-c|-n|--container|--namespace|--timeout)$/.test(words[at - 1] ?? "")
  );
  if (first < 0 || first === words.length - 1) return words;
  const meant = [...words.slice(0, first + 1), "--", ...words.slice(first + 1)].join(" ");
  throw new UsageError("The command to run stands behind --", {
    hint: `podstead ${command} ${meant}`,
  });
}

/** The words of `set image` as kubectl has them: `pod/web app=nginx:2` is `web:app=nginx:2`. */
function withPod(words: readonly string[]): readonly string[] {
  const [pod = "", ...more] = words;
  if (pod.startsWith("-") || pod.includes("=") || !more[0]?.includes("=")) return words;
  const name = pod.replace(/^(?:pods?|po|sp)\//, "");
  return more.map((word) => !word.startsWith("-") && word.includes("=") ? `${name}:${word}` : word);
}

/** Reads the options of one command; lives for one line. */
class OptionReader {
  readonly #command: string;
  readonly #parameters: Parameters;
  readonly #takesPods: boolean;
  readonly #words: readonly string[];
  readonly #read: string[] = [];
  #at = 0;
  namespace: string | undefined;

  constructor(command: string, target: Command<CliContext>, words: readonly string[]) {
    this.#command = command;
    this.#parameters = target.parameters;
    this.#takesPods = traitsOf(target).takesPods && !Object.hasOwn(this.#flags, "namespace");
    this.#words = traitsOf(target).commandFollows
      ? withDashes(command, words)
      : command === "image"
      ? withPod(words)
      : words;
  }

  get #flags(): NonNullable<Parameters["flags"]> {
    return this.#parameters.flags ?? {};
  }

  /** `apply web.yaml` for `apply -f web.yaml`: it takes nothing else. */
  get #takesFiles(): boolean {
    return Object.hasOwn(this.#flags, "filename") && this.#parameters.positional === undefined;
  }

  read(): readonly string[] {
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at] ?? "";
      this.#at += 1;
      if (word === "--") {
        this.#read.push(...this.#words.slice(this.#at - 1));
        break;
      }
      if (word.startsWith("--")) this.#long(word);
      else if (/^-[a-z]/i.test(word)) this.#short(word);
      else if (this.#takesFiles) this.#read.push("--filename", word);
      else this.#read.push(word);
    }
    return this.#read;
  }

  #long(word: string): void {
    const [, name = "", value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    // A value that only other tools know, of an option that is ours too: `--dry-run=client`.
    const exact = value === undefined ? undefined : exactFlagHabit(this.#command, word);
    if (exact !== undefined) return this.#follow(exact, word, undefined);
    const flag = this.#flagNamed(name);
    if (flag !== undefined) {
      if (value === undefined && this.#takesValue(flag)) this.#value(flag, word);
      else this.#read.push(word);
    } else if (name === "namespace" && this.#takesPods) this.#takeNamespace(value);
    else this.#foreign(word);
  }

  /** `-ojson` is `-o json`, `-itc web` is `-it -c web`. */
  #short(word: string): void {
    const letters = word.slice(1);
    for (let at = 0; at < letters.length; at += 1) {
      const letter = letters[at] ?? "";
      const flag = this.#aliasOf(letter);
      const rest = letters.slice(at + 1).replace(/^=/, "");
      if (flag === undefined) {
        if (at > 0) break; // stricli says which of them it does not know
        if (letter === "n" && this.#takesPods) return this.#takeNamespace(rest || undefined);
        return this.#foreign(word);
      }
      if (!this.#takesValue(flag)) continue;
      if (at > 0) this.#read.push(`-${letters.slice(0, at)}`);
      if (rest === "") return this.#value(flag, `-${letter}`);
      this.#read.push(`-${letter}`, rest);
      return;
    }
    this.#read.push(word);
  }

  /** An option and the word after it, or the value that it means without one. */
  #value(flag: string, word: string): void {
    const next = this.#words[this.#at];
    const bare = bareValue(this.#command, flag, next, this.#parameters);
    if (bare !== undefined) {
      this.#read.push(`--${flag}=${bare}`);
      return;
    }
    this.#read.push(word);
    if (next === undefined || this.#infersEmpty(flag)) return;
    this.#read.push(next);
    this.#at += 1;
  }

  /** An option that this command does not have. */
  #foreign(word: string): void {
    if (/^(-v|--verbose|--?v=?\d+)$/.test(word)) return this.#verbose();
    const [name = "", ...rest] = word.split("=");
    const habit = exactFlagHabit(this.#command, name);
    if (habit === undefined) this.#read.push(word);
    else this.#follow(habit, name, rest.length === 0 ? undefined : rest.join("="));
  }

  #follow(habit: FlagHabit, name: string, value: string | undefined): void {
    if ("says" in habit) {
      throw new UsageError(`podstead ${this.#command} has no ${name}; ${habit.says}`);
    }
    const values = habit.takesValue === true ? [value ?? this.#words[this.#at++] ?? ""] : [];
    if ("becomes" in habit) this.#read.push(...habit.becomes, ...values);
  }

  /** More of what there is: other commands have nothing more to say. */
  #verbose(): void {
    const asked = this.#words.some((word) => /^(-o|--output)/.test(word));
    if (!asked && isTableOutput(this.#flags["output"])) this.#read.push("--output", "wide");
  }

  #takeNamespace(value: string | undefined): void {
    const text = value ?? this.#words[this.#at++] ?? "";
    if (text === "") throw new UsageError('Option "-n" needs a namespace');
    if (this.#command === "logs" && /^\d+$/.test(text)) {
      throw new UsageError("-n is the namespace of the pod", {
        hint: `The last lines: --tail ${text}`,
      });
    }
    this.namespace = text;
  }

  #flagNamed(name: string): string | undefined {
    const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return [name, camel].find((one) => Object.hasOwn(this.#flags, one)) ??
      (name.startsWith("no-") ? this.#flagNamed(name.slice(3)) : undefined);
  }

  #aliasOf(letter: string): string | undefined {
    const aliases: Readonly<Record<string, string>> = this.#parameters.aliases ?? {};
    return letter === "h" ? undefined : aliases[letter];
  }

  #takesValue(flag: string): boolean {
    const kind = this.#flags[flag]?.kind;
    return kind === "parsed" || kind === "enum";
  }

  #infersEmpty(flag: string): boolean {
    const definition = this.#flags[flag];
    return definition?.kind === "parsed" && definition.inferEmpty === true;
  }
}
