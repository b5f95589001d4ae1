/** What every listing does with its rows: filter, sort, and write them as `-o` asks. */
import { type LabelSelector, selectsLabels, UsageError } from "../../core/mod.ts";
import type { Column } from "../../text/mod.ts";
import {
  customColumns,
  type Document,
  type ExtraOf,
  isDataOutput,
  type ListKinds,
  listOf,
  type ListOutput,
  parseJsonPath,
  textAt,
} from "../output/mod.ts";
import type { CliContext } from "./context.ts";
import type { Printer, TableLook } from "./printer.ts";

/** The flags of `LIST_FLAGS`. */
export interface ListFlags {
  readonly output: ListOutput;
  readonly noHeaders: boolean;
  readonly sortBy?: string;
  readonly quiet: boolean;
}

/** The flags of `POD_FLAGS`. */
export interface PodFlags {
  readonly namespace?: string;
  readonly allNamespaces: boolean;
  readonly label?: readonly LabelSelector[];
}

/** Something that can be listed. */
export interface Listing<Item, Kind extends keyof ListKinds = keyof ListKinds> {
  /** `kind` of the list as data, such as `PodList`. */
  readonly kind: Kind;
  readonly items: readonly Item[];
  /** An item as data. */
  readonly document: (item: Item) => ListKinds[Kind];
  /** For `-o name`, each with its type: `pod/default/nginx`. */
  readonly names: (item: Item) => readonly string[];
  /** For `-q`: names without their type, or IDs. */
  readonly ids: (item: Item) => readonly string[];
  /** The columns of the table, also for sorting. */
  readonly columns: readonly Column<Item>[];
  /** Prints a table with more than a line for an item, instead of one of those columns. */
  readonly table?: (items: readonly Item[], print: Printer, look: TableLook) => void;
  /** Whether one item was asked for by its name: then data is that item, not a list. */
  readonly single?: boolean;
  /** Members of the list as data besides its items. */
  readonly more?: ExtraOf<Kind>;
}

/**
 * Writes a listing as its flags ask.
 *
 * @throws {UsageError} for a column to sort by that there is not
 */
export async function writeListing<Item, Kind extends keyof ListKinds>(
  { world: { stdout }, print }: CliContext,
  flags: ListFlags,
  listing: Listing<Item, Kind>,
): Promise<void> {
  const { output } = flags;
  const items = sortItems(listing, flags.sortBy);
  const lines = (texts: readonly string[]) => texts.map((text) => `${text}\n`).join("");
  if (flags.quiet) return stdout.write(lines(items.flatMap(listing.ids)));
  if (output.kind === "name") return stdout.write(lines(items.flatMap(listing.names)));
  if (isDataOutput(output)) {
    const documents = items.map(listing.document);
    const [only] = documents;
    return await print.data(
      output,
      // A single item needs no name of its type.
      listing.single === true && only !== undefined
        ? only as Document
        : listOf(listing.kind, documents, listing.more),
    );
  }
  const look = { wide: output.kind === "wide", header: !flags.noHeaders };
  if (output.kind === "custom-columns") {
    print.table(customColumns(output.columns), items.map(listing.document), look);
  } else if (listing.table !== undefined) listing.table(items, print, look);
  else print.table(listing.columns, items, look);
}

/** Whether a pod is one of those that the flags are about. */
export function isChosen(
  { namespace, allNamespaces, label = [] }: PodFlags,
  pod: { readonly namespace: string; readonly labels: Readonly<Record<string, unknown>> },
): boolean {
  if (namespace !== undefined && !allNamespaces && pod.namespace !== namespace) return false;
  return selectsLabels(label.flat(), pod.labels);
}

type Sortable = string | number;

/**
 * The items in the order that `--sort-by` asks for.
 *
 * @throws {UsageError} for a column that there is not
 */
export function sortItems<Item>(
  { items, columns, document }: Pick<Listing<Item>, "items" | "columns"> & {
    readonly document: (item: Item) => unknown;
  },
  sortBy: string | undefined,
): readonly Item[] {
  if (sortBy === undefined) return items;
  const valueOf = /^[.{$[]/.test(sortBy) ? byPath(sortBy, document) : byColumn(sortBy, columns);
  return items.map((item) => ({ item, value: valueOf(item) }))
    .sort((left, right) => compare(left.value, right.value))
    .map(({ item }) => item);
}

function byPath<Item>(path: string, document: (item: Item) => unknown): (item: Item) => Sortable {
  const template = parseJsonPath(path);
  return (item) => textAt(template, document(item)) ?? "";
}

function byColumn<Item>(
  name: string,
  columns: readonly Column<Item>[],
): (item: Item) => Sortable {
  const column = columns.find(({ header }) => header.toLowerCase() === name.toLowerCase());
  if (column !== undefined) return column.sortValue ?? column.cell;
  throw new UsageError(`There is no column "${name}" to sort by`, {
    hint: `Columns: ${columns.map(({ header }) => header.toLowerCase()).join(", ")}; ` +
      "or a JSONPath such as .metadata.id",
  });
}

/** Numbers as numbers; what is not there comes last. */
function compare(left: Sortable, right: Sortable): number {
  if (left === "" || right === "") return Number(left === "") - Number(right === "");
  const [a, b] = [Number(left), Number(right)];
  if (!Number.isNaN(a) && !Number.isNaN(b)) return a - b;
  const [x, y] = [String(left), String(right)];
  return x < y ? -1 : x > y ? 1 : 0;
}
