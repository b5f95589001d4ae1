import type { ReloadOutcome } from "../agent/mod.ts";

/** Why not all of the config is in use after a reload; undefined if it is. */
export function refusalOf({ result, problems, pods }: ReloadOutcome): string | undefined {
  if (result === "applied" || result === "unchanged") return undefined;
  const problem = problems.find(({ severity }) => severity === "error");
  if (problem !== undefined) {
    const line = problem.position === undefined ? "" : `:${problem.position.line}`;
    return `${problem.file}${line}: ${problem.message}`;
  }
  const refused = pods.find(({ state }) => state !== undefined && state !== "Served");
  return refused === undefined ? result : `${refused.id} is ${refused.state}`;
}
