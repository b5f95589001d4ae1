import type { OtherContainers } from "../../../api/contract/mod.ts";
import { type Column, formatAge } from "../../../text/mod.ts";

type Container = OtherContainers["containers"][number];

/** Which of the runtime's other containers are wanted. */
export interface OtherFilter {
  readonly namespace?: string | undefined;
  /** The end of containerd's name of the state, in lower case. */
  readonly state?: string | undefined;
  readonly image?: string | undefined;
}

/** The containers that pass the filter. A state `exited` is containerd's `STOPPED`. */
export function filterOthers(
  containers: readonly Container[],
  { namespace, state, image }: OtherFilter,
): readonly Container[] {
  const status = state === "exited" ? "STOPPED" : state?.toUpperCase();
  return containers.filter((container) =>
    (namespace === undefined || container.namespace === namespace) &&
    (status === undefined || container.status === status) &&
    (image === undefined || container.image.includes(image))
  );
}

/** The columns of containers that are not Kubernetes'. */
export function otherColumns(node: string, nowMs: number): readonly Column<Container>[] {
  const created = ({ createdAt }: Container) =>
    createdAt === undefined ? undefined : Date.parse(createdAt);
  return [
    { header: "NODE", cell: () => node },
    { header: "NAMESPACE", cell: ({ namespace }) => namespace },
    { header: "ID", cell: ({ id }) => id },
    { header: "IMAGE", cell: ({ image }) => image, cut: "start", yields: true },
    { header: "PID", cell: ({ pid }) => pid?.toString() ?? "" },
    {
      header: "STATUS",
      cell: ({ status }) => status,
      look: ({ status }) => status === "RUNNING" ? "green" : "yellow",
    },
    {
      header: "AGE",
      cell: (container) => formatAge(created(container), nowMs),
      sortValue: (container) => nowMs - (created(container) ?? nowMs),
      wide: true,
    },
  ];
}
