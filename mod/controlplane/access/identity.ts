/** As whom the components run when they do not run as root. */
import type { Component } from "../plan.ts";

/**
 * User and group of each component. Talos uses 65534 to 65536, but it has the
 * node to itself: elsewhere 65534 is `nobody`, under which other daemons run,
 * and they could then read the cluster's keys. The numbers from 65537 to 99999
 * are unassigned by convention (systemd: "Users, Groups, UIDs and GIDs").
 *
 * etcd stays root, because the data directory of an existing member is root's.
 */
const USER_IDS: Readonly<Record<Component, number>> = {
  "etcd": 0,
  "kube-apiserver": 65601,
  "kube-controller-manager": 65602,
  "kube-scheduler": 65603,
};

/** The user, and the group of the same number, of a component; 0 is root. */
export function userId(component: Component, runAsNonRoot: boolean): number {
  return runAsNonRoot ? USER_IDS[component] : 0;
}
