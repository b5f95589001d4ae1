/** Health probes, with kubeadm's numbers. */
import type { JsonObject } from "../../core/mod.ts";
import type { DefaultsRevision } from "../defaults.ts";
import { type Arguments, argumentValue } from "./arguments.ts";

/** Where a component answers. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  readonly scheme: "HTTP" | "HTTPS";
}

const httpGet = (target: ProbeTarget, path: string): JsonObject => ({
  host: target.host,
  path,
  port: target.port,
  scheme: target.scheme,
});

/** Restarts the component after 80 s without an answer. */
export function livenessProbe(target: ProbeTarget, path: string): JsonObject {
  return {
    httpGet: httpGet(target, path),
    initialDelaySeconds: 10,
    periodSeconds: 10,
    timeoutSeconds: 15,
    failureThreshold: 8,
  };
}

/** Says every second whether the component is ready. */
export function readinessProbe(target: ProbeTarget, path: string): JsonObject {
  return {
    httpGet: httpGet(target, path),
    periodSeconds: 1,
    timeoutSeconds: 15,
    failureThreshold: 3,
  };
}

/**
 * Gives the component 4 minutes to start before the liveness probe counts. It
 * is asked each second, because a pod is ready only after it; kubeadm's asks
 * after 10 s, which was podstead's first choice.
 */
export function startupProbe(
  target: ProbeTarget,
  path: string,
  defaults: DefaultsRevision,
): JsonObject {
  if (defaults >= 2) {
    return {
      httpGet: httpGet(target, path),
      periodSeconds: 1,
      timeoutSeconds: 15,
      failureThreshold: 240,
    };
  }
  return {
    httpGet: httpGet(target, path),
    initialDelaySeconds: 10,
    periodSeconds: 10,
    timeoutSeconds: 15,
    failureThreshold: 24,
  };
}

/** Where a component serves by its flags `bind-address` and `secure-port`. */
export function secureTarget(
  args: Arguments,
  defaults: { readonly bindAddress?: string; readonly port: number },
): ProbeTarget {
  return {
    host: probeHost(argumentValue(args, "bind-address") ?? defaults.bindAddress ?? ""),
    port: Number(argumentValue(args, "secure-port") ?? defaults.port),
    scheme: "HTTPS",
  };
}

/**
 * The address under which the node reaches a component that binds to
 * `bindAddress`: the loopback of the family where it binds to all.
 */
function probeHost(bindAddress: string): string {
  if (bindAddress === "0.0.0.0" || bindAddress === "") return "127.0.0.1";
  return bindAddress === "::" ? "::1" : bindAddress;
}
