import { FieldPath } from "./issue.ts";
import type { PodSpec } from "./types/mod.ts";

/** A port of the node that a pod takes. */
export interface HostPort {
  readonly protocol: string;
  /** Empty for all addresses of the node. */
  readonly ip: string;
  readonly port: number;
  /** Where it is declared. */
  readonly path: FieldPath;
}

const SPEC = FieldPath.root("spec");

/** The ports of the node that a pod takes; on the host's network, all it names. */
export function hostPortsOf(spec: PodSpec): readonly HostPort[] {
  return (["initContainers", "containers"] as const).flatMap((list) =>
    spec[list].flatMap((container, at) =>
      container.ports.flatMap((port, index) => {
        const number = port.hostPort || (spec.hostNetwork ? port.containerPort : 0);
        if (number === 0) return [];
        const place = SPEC.child(list).index(at).child("ports").index(index);
        return [{
          protocol: port.protocol || "TCP",
          ip: ["0.0.0.0", "::"].includes(port.hostIP) ? "" : port.hostIP,
          port: number,
          path: place.child(port.hostPort === 0 ? "containerPort" : "hostPort"),
        }];
      })
    )
  );
}

/** Whether two ports conflict. */
export function clash(left: HostPort, right: HostPort): boolean {
  return left.port === right.port && left.protocol === right.protocol &&
    (left.ip === right.ip || left.ip === "" || right.ip === "");
}
