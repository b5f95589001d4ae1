import { AgentUnreachable } from "../../../core/mod.ts";
import type { InputOf, Resource } from "../../../api/contract/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import type { CliContext } from "../../shell/context.ts";
import { isChosen, type ListFlags, type PodFlags } from "../../shell/listing.ts";
import { podOf } from "./pod_view.ts";
import type { ColumnPlace, ResourceView } from "./resource_types.ts";

/** The flags of `get`. */
export interface GetFlags extends ListFlags, PodFlags {
  readonly watch: boolean;
  readonly showSecrets: boolean;
}

/** Whether a resource is one of those that `-n` and `-l` are about. */
export function isWanted(flags: PodFlags, resource: Resource): boolean {
  return isChosen(flags, podOf(resource));
}

/** What columns depend on, of a command's flags. */
export function placeOf(
  { world: { clock } }: CliContext,
  { namespace, allNamespaces }: PodFlags,
): ColumnPlace {
  return {
    namespace: allNamespaces ? undefined : namespace,
    allNamespaces,
    nowMs: clock.now(),
  };
}

/** What is requested from the agent. */
export function queryOf(
  { type }: ResourceView,
  { showSecrets }: { readonly showSecrets: boolean },
): InputOf<"resources"> {
  return { type, ...(showSecrets ? { showSecrets } : {}) };
}

/**
 * The resources of a view: the agent's, or those pods that the container runtime shows
 * while no agent answers.
 *
 * @throws {PodsteadError} if neither answers
 */
export async function resourcesOf(
  context: CliContext,
  view: ResourceView,
  flags: { readonly showSecrets: boolean },
): Promise<readonly Resource[]> {
  try {
    const agent = await agentOf(context);
    return (await agent.resources(queryOf(view, flags))).items;
  } catch (error) {
    const isHere = error instanceof AgentUnreachable && context.node === undefined;
    if (!isHere || view.kind !== "PodStatus") throw error;
    context.world.stderr.write(`${error.message}; asking the container runtime directly\n`);
    const { podsOfRuntime } = await import("./overview_direct.ts");
    return await podsOfRuntime(context);
  }
}
