/**
 * Ports of containers.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `validateContainerPorts`,
 * `AccumulateUniqueHostPorts`, `validatePodHostNetworkDeps`.
 */
import { duplicate, invalid, notSupported, required } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { Container, ContainerPort } from "../../types/mod.ts";
import { portName, portNumber, pushInvalid } from "../names.ts";

const PROTOCOLS = ["SCTP", "TCP", "UDP"];

/** `ports` of one container, at `path`. */
export function validateContainerPorts(
  ports: readonly ContainerPort[],
  path: FieldPath,
  issues: PodIssue[],
): void {
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const place = (field: string) => path.index(index).child(field);
    const { name, containerPort, hostPort, protocol } = port;
    if (name !== "") {
      const reasons = portName(name);
      if (reasons.length > 0) pushInvalid(issues, place("name"), name, reasons);
      else if (names.has(name)) issues.push(duplicate(place("name"), name));
      else names.add(name);
    }
    if (containerPort === 0) issues.push(required(place("containerPort")));
    else {
      const reasons = portNumber(containerPort);
      if (reasons.length > 0) pushInvalid(issues, place("containerPort"), containerPort, reasons);
    }
    if (hostPort !== 0) {
      const reasons = portNumber(hostPort);
      if (reasons.length > 0) pushInvalid(issues, place("hostPort"), hostPort, reasons);
    }
    if (protocol === "") issues.push(required(place("protocol")));
    else if (!PROTOCOLS.includes(protocol)) {
      issues.push(notSupported(place("protocol"), protocol, PROTOCOLS));
    }
  }
}

/** No two of these containers, whose list is at `path`, ask for one port of the host. */
export function validateUniqueHostPorts(
  containers: readonly Container[],
  path: FieldPath,
  issues: PodIssue[],
): void {
  const taken = new Set<string>();
  for (const [container, { ports }] of containers.entries()) {
    for (const [index, port] of ports.entries()) {
      if (port.hostPort === 0) continue;
      const wanted = `${port.protocol}/${port.hostIP}/${port.hostPort}`;
      if (taken.has(wanted)) {
        const place = path.index(container).child("ports").index(index);
        issues.push(duplicate(place.child("hostPort"), wanted));
      } else taken.add(wanted);
    }
  }
}

/** In the host's network a container's port is the host's. `path` is the list of containers. */
export function validateHostNetworkPorts(
  containers: readonly Container[],
  path: FieldPath,
  issues: PodIssue[],
): void {
  for (const [container, { ports }] of containers.entries()) {
    for (const [index, { hostPort, containerPort }] of ports.entries()) {
      if (hostPort === 0 || hostPort === containerPort) continue;
      const place = path.index(container).child("ports").index(index).child("hostPort");
      const wanted = `must be ${containerPort} as containerPort, because hostNetwork is true`;
      issues.push(invalid(place, hostPort, wanted));
    }
  }
}
