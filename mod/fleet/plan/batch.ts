import { UsageError } from "../../core/mod.ts";

/** How many nodes one batch has: a count, or a share of all nodes of the roll-out in percent. */
export type BatchSize =
  | { readonly kind: "nodes"; readonly count: number }
  | { readonly kind: "percent"; readonly percent: number };

const WANTED = "counts and shares of the nodes, such as 1,10%,100%";

/**
 * Reads `1,10%,100%`. Each is the size of one batch; the last one is repeated until every node
 * had its turn, as Ansible's `serial` has it.
 *
 * @throws {UsageError} for anything else, for 0, and for more than 100 %
 */
export function parseBatches(text: string): readonly BatchSize[] {
  return text.split(",").map((part) => {
    const [, digits = "", share] = /^([1-9]\d{0,5})(%?)$/.exec(part.trim()) ?? [];
    const number = Number(digits);
    if (digits !== "" && share === "") return { kind: "nodes", count: number };
    if (digits !== "" && number <= 100) return { kind: "percent", percent: number };
    throw new UsageError(`Batches must be ${WANTED}, current value is "${text}"`, {
      hint: 'The first batch is the test: "1" lets one node try before the others',
    });
  });
}

/** Writes batches as {@linkcode parseBatches} reads them. */
export function formatBatches(sizes: readonly BatchSize[]): string {
  return sizes.map((size) => size.kind === "nodes" ? `${size.count}` : `${size.percent}%`)
    .join(",");
}

/**
 * Puts nodes into batches, in their order. A share is rounded down, and is at least one node.
 *
 * @param nodes those that take part
 * @param total of which a share is taken: all nodes of the roll-out
 * @returns each batch has at least one node; none for no nodes
 */
export function splitIntoBatches(
  nodes: readonly string[],
  sizes: readonly BatchSize[],
  total: number,
): readonly (readonly string[])[] {
  const batches: (readonly string[])[] = [];
  for (let at = 0; at < nodes.length;) {
    const size = sizes[Math.min(batches.length, sizes.length - 1)];
    const count = size === undefined ? nodes.length : countOf(size, total);
    batches.push(nodes.slice(at, at + count));
    at += count;
  }
  return batches;
}

function countOf(size: BatchSize, total: number): number {
  return size.kind === "nodes" ? size.count : Math.max(1, Math.floor(total * size.percent / 100));
}
