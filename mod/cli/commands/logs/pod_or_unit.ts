/** Whether a name given to `logs` is a pod's or a unit's. */
import { PodsteadError } from "../../../core/mod.ts";
import type { NodePods } from "../../../api/contract/mod.ts";
import type { NodeReader } from "../../../node/mod.ts";

/** Names that are a service's for sure, and those that only the node can tell. */
export interface SortedNames {
  readonly services: readonly string[];
  readonly undecided: readonly string[];
}

/** What can be said of names without asking the node: pods are meant by -k, -c, -l, `/` and `:`. */
export async function sortNames(
  flags: {
    readonly kubernetes: boolean;
    readonly allContainers: boolean;
    readonly container?: string;
    readonly label?: unknown;
  },
  names: readonly string[],
): Promise<SortedNames> {
  const pods = flags.kubernetes || flags.allContainers || flags.container !== undefined ||
    flags.label !== undefined;
  const bare = pods ? [] : names.filter((name) => !/[/:]/.test(name));
  if (bare.length === 0) return { services: [], undecided: [] };
  const { isUsualService } = await import("../../../services/mod.ts");
  return {
    services: bare.filter(isUsualService),
    undecided: bare.filter((name) => !isUsualService(name)),
  };
}

/** Those of the names that are units and no pods; a pod's beginning is less than a whole unit. */
export async function unitsAmong(
  node: NodeReader,
  names: readonly string[],
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const { hasUnit } = await import("../../../services/mod.ts");
  const pods = await node.pods({ labels: false }).catch((error: unknown) => {
    if (error instanceof PodsteadError) return undefined; // a journal can still be read
    throw error;
  });
  const units: string[] = [];
  for (const name of names) {
    if ((pods === undefined || !isPod(pods, name)) && await hasUnit(name)) units.push(name);
  }
  return units;
}

function isPod({ pods, nodeName }: NodePods, text: string): boolean {
  return pods.some(({ namespace, name }) =>
    [name, `${namespace}-${name}`].some((one) => one === text || one === `${text}-${nodeName}`)
  );
}

/** An error that names both, for a name that is neither a pod's nor a unit's. */
export function notEither(error: unknown, undecided: readonly string[]): unknown {
  const isNeither = error instanceof PodsteadError && error.code === "not-found" &&
    undecided.some((name) => error.message === `No pod or container "${name}"`);
  if (!isNeither) return error;
  return new PodsteadError(
    "not-found",
    error.message.replace("No pod or container", "There is no pod and no service"),
    { cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) },
  );
}
