/** Which pods a trial is about, and by which rules it is made. */
import type { PodOutcome } from "../agent/mod.ts";
import type { Revision, Trial, TrialPod } from "../change/mod.ts";
import { formatKey } from "../pods/mod.ts";
import { refusedKey } from "./refusals.ts";
import type { TrialOptions } from "./request.ts";

/** The trial of a change that asked for none: as long as one is by default. */
export const UNASKED_TRIAL = { timeoutMs: 300_000, settleMs: 30_000, confirm: "auto" } as const;

/**
 * The rules of a change that joins a trial. Those of the running trial stay, for the change asked
 * for no others; but a trial that was asked for comes before one that was not.
 */
export function joined<T extends TrialOptions>(running: Trial | undefined, options: T): T | Trial {
  if (running === undefined || options.replace === true) return options;
  if (running.guards === undefined) return running;
  if (options.guards === undefined) return options;
  return { ...options, guards: [...new Set([...running.guards, ...options.guards])] };
}

/**
 * The pods that differ between a revision and what is declared now.
 *
 * @param refusedBefore refused pods that are no fault of what came since
 */
export function podsSince(
  revision: Revision,
  { refusedBefore = [], guards }: Pick<Trial, "refusedBefore" | "guards">,
  declared: readonly PodOutcome[],
): readonly TrialPod[] {
  const before = new Map(
    revision.pods.filter(({ change }) => change !== "removed")
      .map(({ key, hash }) => [key, hash]),
  );
  return declared.flatMap((pod): readonly TrialPod[] => {
    const { namespace, name, hash, change, state } = pod;
    if (guards !== undefined && !guards.includes(formatKey(pod))) return [];
    const isDown = change === "removed" || state === "Stopped";
    // What is taken away on purpose has nothing to come up.
    if (isDown && guards !== undefined) return [];
    if (isDown) return before.has(formatKey(pod)) ? [{ namespace, name }] : [];
    const isKnown = before.get(formatKey(pod)) === hash ||
      refusedBefore.includes(refusedKey(pod));
    return isKnown ? [] : [{ namespace, name, hash }];
  });
}
