import { formatBytes, formatContainer } from "../../../core/mod.ts";
import type { NodeUsage } from "../../../api/contract/mod.ts";
import type { Column, Look } from "../../../text/mod.ts";

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

/** The rows of one measurement, as the node has them. */
export function statsRows(usage: NodeUsage): readonly Row[] {
  return usage.containers.map((container) => rowOf(container, usage));
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

/** Who uses the most comes first; who uses nothing that is known, last. */
const mostFirst = (use: (row: Row) => number | undefined) => (row: Row) => -(use(row) ?? -1);

/** Its columns. */
export const STATS_COLUMNS: readonly Column<Row>[] = [
  { header: "NODE", cell: ({ node }) => node },
  { header: "NAMESPACE", cell: () => "k8s.io" },
  {
    header: "ID",
    cell: ({ namespace, pod, container, containerId }) =>
      formatContainer({ namespace, name: pod }, { name: container, id: containerId }),
  },
  {
    header: "CPU",
    cell: ({ cpuCores }) => cpuCores?.toFixed(3) ?? "-",
    sortValue: mostFirst(({ cpuCores }) => cpuCores),
  },
  {
    header: "CPU%",
    cell: ({ cpuShare }) => percent(cpuShare),
    sortValue: mostFirst(({ cpuShare }) => cpuShare),
    look: ({ cpuShare }) => look(cpuShare),
  },
  {
    header: "CPU LIMIT",
    cell: ({ cpuLimitCores }) => cpuLimitCores?.toString() ?? "-",
    wide: true,
  },
  {
    header: "MEMORY",
    cell: ({ memoryBytes }) => bytes(memoryBytes),
    sortValue: mostFirst(({ memoryBytes }) => memoryBytes),
  },
  { header: "LIMIT", cell: ({ memoryLimitBytes }) => bytes(memoryLimitBytes) },
  {
    header: "MEM%",
    cell: ({ memoryShare }) => percent(memoryShare),
    sortValue: mostFirst(({ memoryShare }) => memoryShare),
    look: ({ memoryShare }) => look(memoryShare),
  },
  {
    header: "RX/s",
    cell: ({ network }) => bytes(network?.receivedBytesPerSecond),
    sortValue: mostFirst(({ network }) => network?.receivedBytesPerSecond),
  },
  {
    header: "TX/s",
    cell: ({ network }) => bytes(network?.sentBytesPerSecond),
    sortValue: mostFirst(({ network }) => network?.sentBytesPerSecond),
  },
  {
    header: "DISK",
    cell: ({ writableBytes }) => bytes(writableBytes),
    sortValue: mostFirst(({ writableBytes }) => writableBytes),
    wide: true,
  },
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
