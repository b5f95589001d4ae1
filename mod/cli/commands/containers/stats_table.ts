import { formatBytes, formatContainer } from "../../../core/mod.ts";
import type { NodeUsage } from "../../../api/contract/mod.ts";
import type { Column, Look, Table } from "../../../text/mod.ts";

/** What the table may be sorted by. */
export const SORTS = ["name", "cpu", "memory"] as const;

/** One of `SORTS`. */
export type StatsSort = typeof SORTS[number];

type Usage = NodeUsage["containers"][number];

/** One container's use. */
export interface Row extends Usage {
  readonly node: string;
  /** 0–1 of the limit, or of the node. */
  readonly cpuShare: number | undefined;
  readonly memoryShare: number | undefined;
}

/** From this share on a row is marked: the kernel throttles or kills at 1. */
const HIGH_SHARE = 0.9;

/** The table of one measurement. */
export function statsTable(usage: NodeUsage, sort: StatsSort): Table<Row> {
  const rows = usage.containers.map((container) => rowOf(container, usage)).sort(ORDERS[sort]);
  return { columns: STATS_COLUMNS, rows };
}

function rowOf(usage: Usage, { node, cpus }: NodeUsage): Row {
  const { cpuCores, cpuLimitCores, memoryBytes, memoryLimitBytes } = usage;
  return {
    node,
    ...usage,
    cpuShare: cpuCores === undefined ? undefined : cpuCores / (cpuLimitCores ?? cpus),
    memoryShare: memoryBytes === undefined || memoryLimitBytes === undefined
      ? undefined
      : memoryBytes / memoryLimitBytes,
  };
}

const ORDERS: Readonly<Record<StatsSort, (left: Row, right: Row) => number>> = {
  name: () => 0, // as the node has them
  cpu: (left, right) => (right.cpuCores ?? 0) - (left.cpuCores ?? 0),
  memory: (left, right) => (right.memoryBytes ?? 0) - (left.memoryBytes ?? 0),
};

/** Its columns. */
export const STATS_COLUMNS: readonly Column<Row>[] = [
  { header: "NODE", cell: ({ node }) => node },
  { header: "NAMESPACE", cell: () => "k8s.io" },
  {
    header: "ID",
    cell: ({ namespace, pod, container, containerId }) =>
      formatContainer({ namespace, name: pod }, { name: container, id: containerId }),
  },
  { header: "CPU", cell: ({ cpuCores }) => cpuCores?.toFixed(3) ?? "-" },
  {
    header: "CPU%",
    cell: ({ cpuShare }) => percent(cpuShare),
    look: ({ cpuShare }) => look(cpuShare),
  },
  {
    header: "CPU LIMIT",
    cell: ({ cpuLimitCores }) => cpuLimitCores?.toString() ?? "-",
    wide: true,
  },
  { header: "MEMORY", cell: ({ memoryBytes }) => bytes(memoryBytes) },
  { header: "LIMIT", cell: ({ memoryLimitBytes }) => bytes(memoryLimitBytes) },
  {
    header: "MEM%",
    cell: ({ memoryShare }) => percent(memoryShare),
    look: ({ memoryShare }) => look(memoryShare),
  },
  { header: "RX/s", cell: ({ network }) => bytes(network?.receivedBytesPerSecond) },
  { header: "TX/s", cell: ({ network }) => bytes(network?.sentBytesPerSecond) },
  { header: "DISK", cell: ({ writableBytes }) => bytes(writableBytes), wide: true },
];

function percent(share: number | undefined): string {
  return share === undefined ? "-" : `${(share * 100).toFixed(1)}%`;
}

function bytes(count: number | undefined): string {
  return count === undefined ? "-" : formatBytes(count);
}

function look(share: number | undefined): Look | undefined {
  return share !== undefined && share >= HIGH_SHARE ? "yellow" : undefined;
}
