/** Options of other tools, and what they become here; only if a command has no such option. */
import type { Command } from "@stricli/core";

type Parameters = Command<never>["parameters"];

/** What happens to an option of another tool. */
export type FlagHabit =
  & {
    /** As they are written, with `=VALUE` where only that value is meant. */
    readonly flags: readonly string[];
    /** The commands that it is about; all of them if it is left out. */
    readonly on?: readonly string[];
    /** Whether a value follows. */
    readonly takesValue?: true;
  }
  & (
    /** What takes its place, before its value if it has one; nothing: the value alone stays. */
    | { readonly becomes: readonly string[] }
    /** It goes, with its value. */
    | { readonly ignored: true }
    /** What to do instead; the end of a sentence. */
    | { readonly says: string }
  );

/** The table of options. */
export const FLAG_HABITS: readonly FlagHabit[] = [
  { flags: ["--since-time"], on: ["logs"], takesValue: true, becomes: ["--since"] },
  { flags: ["--lines"], on: ["logs"], takesValue: true, becomes: ["--tail"] },
  { flags: ["--tail=-1", "--timestamps=false", "--ignore-errors", "--prefix"], ignored: true },
  { flags: ["--timestamps=true"], on: ["logs"], becomes: ["--timestamps=utc"] },
  { flags: ["--max-log-requests", "--pod-running-timeout"], takesValue: true, ignored: true },
  { flags: ["--selector"], takesValue: true, becomes: ["--label"] },
  { flags: ["--sort"], on: ["stats"], takesValue: true, becomes: ["--sort-by"] },
  { flags: ["--no-stream", "--containers"], on: ["stats"], ignored: true },
  { flags: ["--name"], on: ["get"], takesValue: true, becomes: [] },
  { flags: ["-p", "--name"], on: ["containers"], takesValue: true, becomes: ["--pod"] },
  { flags: ["-A", "--all-namespaces"], on: ["services", "list", "members"], ignored: true },
  {
    flags: ["-f", "--filename"],
    on: ["validate", "render", "add"],
    takesValue: true,
    becomes: [],
  },
  { flags: ["-R", "--recursive"], ignored: true },
  { flags: ["--dry-run=client", "--dry-run=server"], becomes: ["--dry-run"] },
  { flags: ["--watch-only"], becomes: ["--watch"] },
  { flags: ["--json"], becomes: ["--output", "json"] },
  { flags: ["--wide"], becomes: ["--output", "wide"] },
  { flags: ["--no-pager", "--no-trunc"], ignored: true },
  {
    flags: ["--format", "--template"],
    takesValue: true,
    says: "one field of the data: -o jsonpath=TEMPLATE, or a table: -o custom-columns=NAME:PATH",
  },
  {
    flags: ["--kubeconfig", "--context", "--cluster", "--server", "--talosconfig", "--endpoints"],
    takesValue: true,
    says: "podstead asks this node's agent and needs no API server; leave it out",
  },
  {
    flags: ["--runtime-endpoint", "--image-endpoint"],
    takesValue: true,
    says: "the runtime's socket is agent.runtime.endpoint in the node config",
  },
  {
    flags: ["-n", "--namespace"],
    on: ["services", "list", "members", "check"],
    takesValue: true,
    says: "there are no namespaces here; leave it out",
  },
  { flags: ["--show-labels"], says: "labels are shown with -o yaml, and chosen by with -l" },
  {
    flags: ["--field-selector", "--for"],
    on: ["events"],
    takesValue: true,
    says: "the events of one pod: podstead events POD",
  },
  { flags: ["--field-selector"], takesValue: true, says: "sift with -o jsonpath='{.items[?(…)]}'" },
];

/** The habit that is about an option as it is written. */
export function exactFlagHabit(command: string, flag: string): FlagHabit | undefined {
  return FLAG_HABITS.find(({ flags, on }) =>
    flags.includes(flag) && (on === undefined || on.includes(command))
  );
}

/** Options that mean one of their values when none follows: `--timestamps`, `-t`. */
const BARE_VALUES: readonly {
  readonly command: string;
  readonly flag: string;
  readonly value: string;
}[] = [{ command: "logs", flag: "timestamps", value: "utc" }];

/** The value that an option without one means; undefined if the next word is its value. */
export function bareValue(
  command: string,
  flag: string,
  next: string | undefined,
  { flags = {} }: Parameters,
): string | undefined {
  const found = BARE_VALUES.find((one) => one.command === command && one.flag === flag);
  if (found === undefined) return undefined;
  const definition = flags[flag];
  const values = definition?.kind === "enum" ? definition.values : [];
  return next !== undefined && values.includes(next) ? undefined : found.value;
}
