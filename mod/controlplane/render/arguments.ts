/** Flags of a component: podstead's own, the user's, and which of the two wins. */
import type { ExtraArgs } from "../config.ts";

/** What a user's value of a flag does to podstead's own. A flag not named: it replaces it. */
export interface ArgumentPolicy {
  /** Flags podstead must set itself, with the reason or the setting to use instead. */
  readonly denied: Readonly<Record<string, string>>;
  /** Comma lists: the user's items come after podstead's, each once. */
  readonly additive: readonly string[];
  /** Flags that may be given several times: the user's come after podstead's. */
  readonly repeated: readonly string[];
}

/** A flag that the policy refuses. */
export interface DeniedArgument {
  readonly flag: string;
  readonly reason: string;
}

/** Flags by name. */
export type Arguments = Readonly<Record<string, string | readonly string[]>>;

/** Joins a user's flags with podstead's own by a policy. */
export function mergeArguments(
  own: Arguments,
  extra: ExtraArgs,
  policy: ArgumentPolicy,
): { readonly merged: Arguments; readonly denied: readonly DeniedArgument[] } {
  const merged = new Map<string, string | readonly string[]>(Object.entries(own));
  const denied: DeniedArgument[] = [];
  for (const [flag, value] of Object.entries(extra)) {
    const reason = Object.hasOwn(policy.denied, flag) ? policy.denied[flag] : undefined;
    const current = merged.get(flag);
    if (reason !== undefined) denied.push({ flag, reason });
    else if (policy.additive.includes(flag)) merged.set(flag, addItems(current, value));
    else if (policy.repeated.includes(flag)) {
      merged.set(flag, unique([...asList(current), ...asList(value)]));
    } else merged.set(flag, value);
  }
  return { merged: Object.fromEntries(merged), denied };
}

/** The flags as a command line, sorted by name: `--name=value`, one per value. */
export function formatArguments(args: Arguments): readonly string[] {
  return Object.keys(args).sort().flatMap((flag) =>
    asList(args[flag]).map((value) => `--${flag}=${value}`)
  );
}

/** The last value a flag has, which is the one that counts; undefined if it is absent. */
export function argumentValue(args: Arguments, flag: string): string | undefined {
  return asList(args[flag]).at(-1);
}

function addItems(
  current: string | readonly string[] | undefined,
  value: string | readonly string[],
): string {
  const items = [...asList(current), ...asList(value)].flatMap((text) => text.split(","));
  return unique(items.filter((item) => item !== "")).join(",");
}

function asList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

function unique(items: readonly string[]): readonly string[] {
  return [...new Set(items)];
}
