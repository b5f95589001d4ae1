/** The minors of Kubernetes 1.x whose rules podstead tells apart. */

/** All of them, oldest first. With one more here the compiler asks for the state of each feature gate in it. */
export const KNOWN_MINORS = [31, 32, 33, 34, 35, 36, 37] as const;
/** The newest one whose rules are known. */
export const NEWEST_MINOR: number = Math.max(...KNOWN_MINORS);
/** The oldest one that is told apart from those before it. */
export const OLDEST_MINOR: number = KNOWN_MINORS[0];

/**
 * The minor of a version such as `1.34`, `v1.34.2` or `1.34.2-k3s1`; undefined
 * for a text that is no version, or not one of Kubernetes 1.
 */
export function minorOf(version: string): number | undefined {
  const match = /^v?1\.(\d{1,3})(?:[.+-].*)?$/.exec(version.trim());
  return match === null ? undefined : Number(match[1]);
}
