/**
 * Podstead's own choices of flags and images, by the time at which they were
 * made. An upgrade of podstead must restart no pod, so a component that was
 * rendered by earlier choices keeps them until something else of it changes.
 *
 * - 1: the first
 * - 2: the API server ends its watches after 2 s when it stops, startup probes
 *   ask each second from the start, and etcd's image is kubeadm's of August 2026
 */
export type DefaultsRevision = 1 | 2;

/** What is rendered now. */
export const CURRENT_DEFAULTS: DefaultsRevision = 2;
/** Those before, newest first. */
export const EARLIER_DEFAULTS: readonly DefaultsRevision[] = [1];
