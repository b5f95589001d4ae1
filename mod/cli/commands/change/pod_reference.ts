import type { AgentClient } from "../../../api/client/mod.ts";
import type { PodName, PodOutcome, RevisionFiles } from "../../../api/contract/mod.ts";
import { nearest, PodsteadError } from "../../../core/mod.ts";

/** A declared pod, and the file that declares it. */
export type DeclaredPod = RevisionFiles["pods"][number];

/**
 * The declared pod that a person means: `web`, `default/web`, `default-web`, with
 * the node's name behind it or without.
 *
 * @throws {PodsteadError} if there is none, or there are several
 */
export async function declaredPod(agent: AgentClient, reference: string): Promise<DeclaredPod> {
  const [{ pods }, { node }] = await Promise.all([agent.revision({}), agent.agent({})]);
  return pick(pods, reference, node.name, `No file of the config declares the pod "${reference}"`);
}

/**
 * The same of every pod that podstead knows: also those of the control plane, which are
 * rendered from settings.
 *
 * @throws {PodsteadError} if there is none, or there are several
 */
export async function knownPod(agent: AgentClient, reference: string): Promise<PodOutcome> {
  const [{ pods }, { node }] = await Promise.all([agent.plan({}), agent.agent({})]);
  const declared = pods.filter(({ state }) => state !== undefined);
  return pick(declared, reference, node.name, `No pod "${reference}" is declared on this node`);
}

function pick<P extends PodName>(
  pods: readonly P[],
  reference: string,
  nodeName: string,
  absent: string,
): P {
  const wanted = reference.endsWith(`-${nodeName}`)
    ? [reference, reference.slice(0, -nodeName.length - 1)]
    : [reference];
  const namesOf = ({ namespace, name }: PodName) => [
    name,
    `${namespace}/${name}`,
    `${namespace}-${name}`,
  ];
  const found = pods.filter((pod) => namesOf(pod).some((name) => wanted.includes(name)));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const known = (found.length > 1 ? found : pods).map((pod) => `${pod.namespace}/${pod.name}`);
  if (found.length > 1) {
    throw new PodsteadError("ambiguous", `"${reference}" may be any of ${known.join(", ")}`, {
      hint: "Name it with its namespace",
    });
  }
  const near = nearest(reference, [...known, ...pods.map(({ name }) => name)]);
  throw new PodsteadError("not-found", absent, {
    hint: near === undefined ? 'See "podstead get staticpods"' : `Did you mean "${near}"?`,
  });
}
