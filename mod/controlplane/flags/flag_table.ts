/** Which flags a component has in a minor, and which had or will have it. */

/** The flags of one component, as tables.ts holds them. */
export interface FlagTable {
  /** The minors that were read, ascending. */
  readonly minors: readonly number[];
  /** Words: `name`, or `name@33-35` for a flag that only these minors have. */
  readonly flags: string;
  readonly deprecated: string;
}

/** What is known of a flag in a minor. */
export type FlagVerdict =
  | { readonly kind: "known" }
  | { readonly kind: "deprecated" }
  /** It went with the minor `since`. */
  | { readonly kind: "removed"; readonly since: number }
  /** It comes with the minor `since`. */
  | { readonly kind: "later"; readonly since: number }
  | { readonly kind: "unknown"; readonly names: readonly string[] };

/**
 * Judges a flag. A minor beyond the table's is judged by the nearest.
 */
export function judgeFlag(table: FlagTable, flag: string, minor: number): FlagVerdict {
  const nearest = nearestMinor(table, minor);
  const flags = parseWords(table, table.flags);
  const range = flags.get(flag);
  if (range === undefined) {
    return { kind: "unknown", names: [...flagsOfMinor(table, nearest).flags] };
  }
  if (nearest > range.last) return { kind: "removed", since: range.last + 1 };
  if (nearest < range.first) return { kind: "later", since: range.first };
  const deprecated = parseWords(table, table.deprecated).get(flag);
  return deprecated !== undefined && isIn(deprecated, nearest)
    ? { kind: "deprecated" }
    : { kind: "known" };
}

/** All flags of a minor that the table was made for. */
export function flagsOfMinor(
  table: FlagTable,
  minor: number,
): { readonly flags: Set<string>; readonly deprecated: Set<string> } {
  const having = (words: string) =>
    [...parseWords(table, words)].filter(([, range]) => isIn(range, minor)).map(([name]) => name);
  return { flags: new Set(having(table.flags)), deprecated: new Set(having(table.deprecated)) };
}

/** Whether the table was made for a minor, so that an unknown flag is surely one. */
export function coversMinor(table: FlagTable, minor: number): boolean {
  return table.minors.includes(minor);
}

function nearestMinor({ minors }: FlagTable, minor: number): number {
  const [first = minor, last = minor] = [minors[0], minors.at(-1)];
  return Math.min(Math.max(minor, first), last);
}

interface Range {
  readonly first: number;
  readonly last: number;
}

function isIn({ first, last }: Range, minor: number): boolean {
  return first <= minor && minor <= last;
}

function parseWords({ minors }: FlagTable, words: string): ReadonlyMap<string, Range> {
  const all = { first: minors[0] ?? 0, last: minors.at(-1) ?? 0 };
  return new Map(
    words.split(/\s+/).filter((word) => word !== "").map((word) => {
      const [name = "", range] = word.split("@");
      const [first, last] = range?.split("-").map(Number) ?? [];
      return [name, { first: first ?? all.first, last: last ?? all.last }];
    }),
  );
}
