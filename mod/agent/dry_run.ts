/** A reload that is only planned. */
import type { LoadedConfig } from "../config/mod.ts";
import type { ReloadOutcome } from "./outcome.ts";
import type { Proposal } from "./proposal.ts";
import type { Proposer, ReloadBasis } from "./proposer.ts";
import { outcomeOf } from "./reload.ts";

/** What is planned, and from where. */
export interface DryRunRequest {
  /** The files' content, if the caller has just read it. */
  readonly loaded?: LoadedConfig;
  /** Where it starts: the pods of this config, or none; default: what is served now. */
  readonly from?: LoadedConfig | "none";
  /** Whether pods that may only be out of sight are given up: the caller means it. */
  readonly allowRemovals?: boolean;
}

/** What a reload of this config would do; changes nothing. */
export async function proposeDryRun(
  proposer: Proposer,
  loaded: LoadedConfig,
  { from, allowRemovals = false }: Omit<DryRunRequest, "loaded">,
  now: ReloadBasis,
): Promise<Proposal> {
  const propose = (config: LoadedConfig, basis: ReloadBasis) =>
    proposer.propose(config, basis, {
      dryRun: true,
      retry: true,
      supposed: from !== undefined,
      allowRemovals,
    });
  if (from === undefined) return await propose(loaded, now);
  // An agent that has nothing but the config that the plan starts from.
  const { lastReload: _, ...state } = now.state;
  const empty = { ...state, pods: [], objects: [], stops: [] };
  if (from === "none") return await propose(loaded, { ...now, state: empty });
  const { plan, objects, stops } = await propose(from, { ...now, state: empty });
  const before = { ...empty, pods: plan.pods, objects: objects.objects, stops };
  return await propose(loaded, { ...now, state: before });
}

/**
 * The report that the reload would give.
 *
 * @param revision the one before it
 */
export function dryRunOutcome(
  proposal: Proposal,
  { revision, ...times }: {
    readonly revision: number;
    readonly startedMs: number;
    readonly durationMs: number;
  },
): ReloadOutcome {
  const { result, plan, manifest } = proposal;
  return outcomeOf(proposal, {
    result,
    trigger: "request",
    revision: revision + (plan.changed ? 1 : 0),
    ...times,
    needRestart: [],
    manifest,
  });
}
