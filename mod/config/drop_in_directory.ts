/** Where files go that podstead writes itself. */
import { dirname, isAbsolute, join } from "node:path";

/** The directory into which new pods go: that of the first include pattern with a wildcard. */
export function dropInDirectory(main: string, include: readonly string[]): string {
  const pattern = include.find((one) => /\*\.yaml$/.test(one)) ?? "pods.d/*.yaml";
  const directory = dirname(pattern);
  return isAbsolute(directory) ? directory : join(dirname(main), directory);
}

/** The one file that a fleet writes on a node. */
export function fleetFile(main: string, include: readonly string[], fleet: string): string {
  return join(dropInDirectory(main, include), `fleet-${fleet}.yaml`);
}
