import type { ServiceSight } from "../explain/mod.ts";
import { listServices } from "../services/mod.ts";

/** A unit as systemd has it; undefined if there is no such unit, or no systemd. */
export async function serviceSight(name: string): Promise<ServiceSight | undefined> {
  const [unit] = await listServices([name]).catch(() => []); // neither is a fault of the node
  if (unit === undefined) return undefined;
  const { state, subState, restarts, sinceMs, result } = unit;
  return {
    ...{ name, state, subState, restarts },
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(result === undefined ? {} : { result }),
  };
}

/** The unit of a runtime, by what its socket is called. */
export function runtimeUnit(endpoint: string): string {
  return /crio/.test(endpoint) ? "crio" : /k3s/.test(endpoint) ? "k3s" : "containerd";
}
