import { formatContainer, formatPod } from "../../../core/mod.ts";
import type { NodePods } from "../../../api/contract/mod.ts";
import { type Column, formatAge, type Look, type Table } from "../../../text/mod.ts";

type Pod = NodePods["pods"][number];
type Container = Pod["containers"][number];

/** One line of the table: a sandbox, or a container under it. */
interface Row {
  readonly node: string;
  readonly pod: Pod;
  readonly container?: Container;
  /** Whether no other container of the sandbox follows. */
  readonly last: boolean;
}

/** The table of the documentation page: sandboxes with their containers under them. */
export function containersTable(answer: NodePods, nowMs: number): Table<Row> {
  const { node } = answer;
  const rows = answer.pods.flatMap((pod): readonly Row[] => [
    { node, pod, last: false },
    ...pod.containers.map((container, at) => ({
      node,
      pod,
      container,
      last: at === pod.containers.length - 1,
    })),
  ]);
  return { columns: columns(nowMs), rows };
}

/** The columns by which the pods of that table can be sorted: those of their sandboxes' lines. */
export function podColumns(node: string, nowMs: number): readonly Column<Pod>[] {
  const restarts = ({ containers }: Pod) =>
    containers.reduce((sum, { restartCount }) => sum + restartCount, 0);
  return columns(nowMs).map(({ header, cell, sortValue }) => ({
    header,
    cell: (pod) => cell({ node, pod, last: false }),
    sortValue: (pod) =>
      header === "RESTARTS" ? restarts(pod) : (sortValue ?? cell)({ node, pod, last: false }),
  }));
}

function columns(nowMs: number): readonly Column<Row>[] {
  return [
    { header: "NODE", cell: (row) => row.node },
    { header: "NAMESPACE", cell: () => "k8s.io" },
    { header: "ID", cell: idCell },
    {
      header: "IMAGE",
      cell: ({ pod, container }) => (container ?? pod).image ?? "",
      cut: "start",
      yields: true,
    },
    { header: "PID", cell: ({ pod, container }) => (container ?? pod).pid?.toString() ?? "" },
    { header: "STATUS", cell: ({ pod, container }) => (container ?? pod).state, look: stateLook },
    {
      ...wide(
        "AGE",
        ({ pod, container }) => formatAge(time((container ?? pod).createdAt), nowMs),
      ),
      sortValue: ({ pod, container }) => nowMs - (time((container ?? pod).createdAt) ?? nowMs),
    },
    wide("RESTARTS", ({ container }) => container?.restartCount.toString() ?? ""),
    wide("EXIT", ({ container }) => exitCell(container)),
    wide("POD UID", ({ pod, container }) => container === undefined ? pod.uid : ""),
    wide("SOURCE", ({ pod, container }) => container === undefined ? sourceCell(pod) : ""),
  ];
}

function idCell({ pod, container, last }: Row): string {
  if (container === undefined) return formatPod(pod);
  return `${last ? "└─" : "├─"} ${formatContainer(pod, container)}`;
}

function exitCell(container: Container | undefined): string {
  const status = container?.status;
  if (status?.exitCode === undefined) return "";
  const reason = status.reason === "" || status.reason === "Completed" ? "" : ` (${status.reason})`;
  return `${status.exitCode}${reason}`;
}

/** Where the kubelet has the pod from; `http` is podstead's endpoint, or another's. */
function sourceCell(pod: Pod): string {
  return pod.isStatic ? `static (${pod.source})` : pod.source ?? "";
}

function stateLook({ pod, container }: Row): Look {
  const { state } = container ?? pod;
  if (state === "SANDBOX_READY" || state === "CONTAINER_RUNNING") return "green";
  return state === "CONTAINER_EXITED" && container?.status?.exitCode === 0 ? "dim" : "yellow";
}

function time(iso: string | undefined): number | undefined {
  return iso === undefined ? undefined : Date.parse(iso);
}

function wide(header: string, cell: (row: Row) => string): Column<Row> {
  return { header, cell, wide: true };
}
