/** The flags of every command that changes what the node declares. */
import { UsageError } from "../../../core/mod.ts";
import type { TrialRequest } from "../../../api/contract/mod.ts";
import type { Output } from "../../output/mod.ts";
import { durationOf } from "../../shell/parsers.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";

/** How a change is made, whatever it changes. */
export interface ChangeFlags {
  readonly output: Output<"text">;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly exitCode: boolean;
  readonly partial: boolean;
  readonly ifRevision?: number;
  readonly message?: string;
  readonly mode: "direct" | "try";
  readonly try: boolean;
  readonly confirm: "auto" | "manual";
  /** Milliseconds. */
  readonly timeout: number;
  readonly replaceTry: boolean;
  /** Milliseconds. */
  readonly wait: number;
  readonly noWait: boolean;
  /** Milliseconds; undefined for the default of the mode. */
  readonly settle?: number;
}

const DEFAULT_SETTLE_MS = { direct: 5_000, try: 30_000 } as const;

/** Those flags, in stricli's terms. */
export const CHANGE_FLAGS = {
  output: proseOutputFlag,
  yes: { kind: "boolean", default: false, withNegated: false, brief: "Do not ask" },
  dryRun: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Only say what would change",
  },
  exitCode: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "With --dry-run: end with 2 if anything would change",
  },
  partial: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Leave refused pods out instead of refusing the change",
  },
  ifRevision: {
    kind: "parsed",
    parse: revisionOf,
    optional: true,
    brief: "Only if this revision is served now",
    placeholder: "N",
  },
  message: {
    kind: "parsed",
    parse: String,
    optional: true,
    brief: "Why, for the history",
    placeholder: "TEXT",
  },
  mode: {
    kind: "enum",
    values: ["direct", "try"],
    default: "direct",
    brief: "try: goes back by itself unless the changed pods become and stay ready",
  },
  try: { kind: "boolean", default: false, withNegated: false, brief: "Short for --mode=try" },
  confirm: {
    kind: "enum",
    values: ["auto", "manual"],
    default: "auto",
    brief: 'With --mode=try: whether "podstead confirm" must keep it',
  },
  timeout: {
    kind: "parsed",
    parse: durationOf("--timeout"),
    default: "5m",
    brief: "With --mode=try: how long it may take in all",
    placeholder: "DURATION",
  },
  replaceTry: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Replace a running trial; its way back stays",
  },
  wait: {
    kind: "parsed",
    parse: durationOf("--wait"),
    default: "60s",
    brief: "How long to wait until the changed pods are ready",
    placeholder: "DURATION",
  },
  noWait: {
    kind: "boolean",
    default: false,
    withNegated: false,
    brief: "Do not wait for the pods",
  },
  settle: {
    kind: "parsed",
    parse: durationOf("--settle"),
    optional: true,
    brief: "How long they must stay ready (5s; 30s on trial)",
    placeholder: "DURATION",
  },
} as const;

/** Short names of those flags. */
export const CHANGE_ALIASES = { o: "output", y: "yes", m: "message" } as const;

/** For how long the changed pods must stay ready, in milliseconds. */
export function settleMsOf(flags: Pick<ChangeFlags, "settle" | "mode" | "try">): number {
  return flags.settle ?? DEFAULT_SETTLE_MS[isTrial(flags) ? "try" : "direct"];
}

function isTrial(flags: Pick<ChangeFlags, "mode" | "try">): boolean {
  return flags.try || flags.mode === "try";
}

/** The trial that the flags ask for; undefined for a change without one. */
export function trialOf(
  flags: Pick<
    ChangeFlags,
    "mode" | "try" | "timeout" | "settle" | "confirm" | "replaceTry"
  >,
): TrialRequest | undefined {
  if (!isTrial(flags)) return undefined;
  return {
    timeoutMs: flags.timeout,
    settleMs: settleMsOf(flags),
    confirm: flags.confirm,
    ...(flags.replaceTry ? { replace: true } : {}),
  };
}

/** @throws {UsageError} for what is no number of a revision */
export function revisionOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`A revision is a number, current value is "${text}"`, {
    hint: 'List them: "podstead history"',
  });
}
