/** Which version of Kubernetes or etcd an image or a setting stands for. */

import type { DefaultsRevision } from "./defaults.ts";

/** A version as far as rendering depends on it. */
export interface ComponentVersion {
  /** With its `v`: `v1.36.2`. */
  readonly text: string;
  readonly minor: number;
  readonly patch: number;
}

/** The Kubernetes minors whose flags, ports and config kinds podstead was checked against. */
export const CHECKED_MINORS: readonly number[] = [33, 34, 35, 36, 37];

/** Reads `v1.36.2` or `1.36.2`, also with a suffix; undefined for anything else. */
export function parseKubernetesVersion(text: string): ComponentVersion | undefined {
  const match = /^v?1\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(text);
  if (match === null) return undefined;
  return {
    text: text.startsWith("v") ? text : `v${text}`,
    minor: Number(match[1]),
    patch: Number(match[2]),
  };
}

/** Reads etcd's `3.6.6`, `v3.6.6` or `3.6.6-0`; undefined for anything else. */
export function parseEtcdVersion(text: string): ComponentVersion | undefined {
  const match = /^v?3\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(text);
  if (match === null) return undefined;
  return { text, minor: Number(match[1]), patch: Number(match[2]) };
}

/** The tag of an image reference, without a digest; undefined if it has none. */
export function imageTag(image: string): string | undefined {
  const reference = image.split("@", 1)[0] ?? "";
  const lastSegment = reference.slice(reference.lastIndexOf("/") + 1);
  const colon = lastSegment.indexOf(":");
  return colon === -1 ? undefined : lastSegment.slice(colon + 1);
}

/**
 * The etcd image kubeadm pairs with a Kubernetes minor; for a minor that is
 * not listed, that of the nearest one.
 *
 * Source: kubernetes cmd/kubeadm/app/constants `SupportedEtcdVersion`, at the
 * patch releases of each minor up to 1.36.3, and the release notes of 1.37.0.
 *
 * @param defaults the time of the choice; see `DefaultsRevision`
 */
export function defaultEtcdTag(minor: number, defaults: DefaultsRevision): string {
  if (minor <= 33) return "3.5.24-0";
  if (defaults >= 2) return minor <= 36 ? "3.6.8-0" : "3.7.0-0";
  return minor === 34 ? "3.6.5-0" : "3.6.6-0";
}
