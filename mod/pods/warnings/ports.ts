/**
 * Ports of containers that stand twice.
 *
 * Source: kubernetes pkg/api/pod/warnings.go.
 */
import { FieldPath } from "../issue.ts";
import { hostPortsOf } from "../host_ports.ts";
import type { ContainerPort, PodSpec } from "../types/mod.ts";
import { allContainers } from "../validation/containers/visit_containers.ts";
import type { WarningRule } from "./rule.ts";

const SPEC = FieldPath.root("spec");

interface PlacedPort {
  readonly port: ContainerPort;
  readonly path: FieldPath;
}

function portsOf(spec: PodSpec): readonly PlacedPort[] {
  return allContainers(spec, SPEC).flatMap(({ container, path }) =>
    container.ports.map((port, at) => ({ port, path: path.child("ports").index(at) }))
  );
}

/** Rules on ports. */
export const PORT_RULES: readonly WarningRule[] = [
  {
    name: "port-twice",
    type: "Discouraged",
    fields: ["spec.containers.ports"],
    about: "A port of one protocol that stands twice in a pod, or with and without a host port.",
    hint: "Remove one of the two",
    find({ pod: { spec } }, report) {
      const seen = new Map<string, PlacedPort[]>();
      for (const placed of portsOf(spec)) {
        const { containerPort, protocol } = placed.port;
        const key = `${containerPort}/${protocol || "TCP"}`;
        const others = seen.get(key) ?? [];
        const place = placed.path.child("containerPort");
        const other = others.find((one) => overlap(placed.port, one.port));
        if (other !== undefined) report(place, `${key} stands already at ${other.path}`);
        seen.set(key, [...others, placed]);
      }
    },
  },
  {
    name: "port-name-twice",
    type: "Discouraged",
    fields: ["spec.containers.ports.name"],
    about:
      "A port's name that another container of the pod has too: services and probes that go by it get " +
      "the first.",
    hint: "Rename one of the two",
    find({ pod: { spec } }, report) {
      const seen = new Map<string, FieldPath>();
      for (const { port: { name }, path } of portsOf(spec)) {
        if (name === "") continue;
        const first = seen.get(name);
        if (first === undefined) seen.set(name, path);
        else report(path.child("name"), `"${name}" is also the name of ${first}, which wins`);
      }
    },
  },
  {
    name: "host-port-used",
    type: "Discouraged",
    fields: ["spec.containers.ports.hostPort"],
    about: "A port of the node that another pod or the node's own program has already.",
    hint: "Use another port, or stop what has it",
    find({ pod: { spec }, facts }, report) {
      for (const { protocol, port, path } of hostPortsOf(spec)) {
        const holder = facts.usedHostPorts?.get(`${protocol}/${port}`);
        if (holder !== undefined) report(path, portTakenDetail(port, holder));
      }
    },
  },
];

/** Whether two ports of one number and protocol get in each other's way. */
function overlap(left: ContainerPort, right: ContainerPort): boolean {
  if (left.hostPort === 0 || right.hostPort === 0) return true;
  return left.hostPort === right.hostPort &&
    (left.hostIP === right.hostIP || left.hostIP === "" || right.hostIP === "");
}

/** Says who has a port of the node already. */
export function portTakenDetail(port: number, holder: string): string {
  return `host port ${port} is already used by ${holder}`;
}
