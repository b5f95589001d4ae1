/** What a person sees of a fleet, and does with it. */
export { clientUrl, ETCD_PKI, type EtcdMember, etcdPod, type EtcdPodOptions } from "./etcd_pod.ts";
export { type FleetNode, type FleetOverview, readFleet } from "./overview.ts";
export { removeMember } from "./remove.ts";
export { fleetRoles, fleetUsers } from "./rights.ts";
export { beginRollout, commandRollout, listRollouts } from "./rollout.ts";
export type { BegunRollout, PastRollout, RolloutRequest } from "./rollout.ts";
