import type { ReloadResult } from "../agent/mod.ts";
import type { LoadedConfig, Settings } from "../config/mod.ts";
import type { Problem } from "../core/mod.ts";
import { findJudgedBy, type JudgedBy } from "../kubelet/mod.ts";
import {
  assumedGates,
  gateProblems,
  gateProblemText,
  judge,
  type JudgeOptions,
  minorOf,
  NEWEST_MINOR,
  podKey,
} from "../pods/mod.ts";

/** Finds by which kubelet pods are judged. */
export type FindJudgedBy = (settings: Pick<Settings, "kubelet" | "node">) => Promise<JudgedBy>;

const ofThisNode: FindJudgedBy = ({ kubelet, node }) =>
  findJudgedBy({ ...kubelet, nodeName: node.name }, kubelet.featureGates);

/**
 * Knows by which kubelet pods are judged, which may be upgraded or given other gates while
 * the agent runs, and says what that changes.
 */
export class JudgingKubelet {
  readonly #find: FindJudgedBy;
  #current: JudgedBy | undefined;
  /** What the verdicts of the last reload were made by. */
  #applied: JudgedBy | undefined;

  constructor(find: FindJudgedBy = ofThisNode) {
    this.#find = find;
  }

  /** As it was last looked at. */
  get current(): JudgedBy | undefined {
    return this.#current;
  }

  /**
   * Looks at the kubelet again, and judges a config by it.
   *
   * @returns what is noteworthy: that it has changed since the last reload and which
   * verdicts that changed, and gates of the config that it does not know
   */
  async look(
    settings: Pick<Settings, "kubelet" | "node">,
    config: Pick<LoadedConfig, "path" | "entries">,
  ): Promise<readonly Problem[]> {
    this.#current = await this.#find(settings);
    const minor = minorIn(this.#current);
    const texts = [
      ...gateProblems(minor, settings.kubelet.featureGates)
        .filter(({ kind }) => kind !== "unknown")
        .map((problem) => `agent.kubelet.featureGates: ${gateProblemText(problem, minor)}`),
      ...this.#whatChanged(settings, config),
    ];
    return texts.map((message) => ({
      severity: "warning",
      code: "kubelet-rules",
      file: config.path,
      path: [],
      message,
    }));
  }

  /** Called after each reload: one that could be made has applied the verdicts. */
  reloaded(result: ReloadResult): void {
    if (result !== "rejected" && result !== "failed") this.#applied = this.#current;
  }

  /** What pods are judged with. */
  options({ node, kubelet }: Pick<Settings, "kubelet" | "node">): JudgeOptions {
    return judgeOptions(this.#current, { node, kubelet });
  }

  #whatChanged(
    settings: Pick<Settings, "kubelet" | "node">,
    { entries }: Pick<LoadedConfig, "entries">,
  ): readonly string[] {
    const [before, now] = [this.#applied, this.#current];
    if (before === undefined || now === undefined) return [];
    const changes = changesBetween(before, now);
    if (changes.length === 0) return [];
    const verdictOf = (by: JudgedBy) => {
      const options = judgeOptions(by, settings);
      return entries.map(({ pod }) => judge(pod, options).valid);
    };
    const [then, today] = [verdictOf(before), verdictOf(now)];
    const names = (isValid: boolean) =>
      entries.filter((_, at) => then[at] !== today[at] && today[at] === isValid)
        .map(({ pod }) => podKey(pod))
        .map((key) => key === undefined ? "a pod without a name" : `${key.namespace}/${key.name}`);
    const verdicts = [
      ...(names(false).length === 0 ? [] : [`it refuses ${names(false).join(", ")} now`]),
      ...(names(true).length === 0 ? [] : [`it takes ${names(true).join(", ")} now`]),
    ];
    const effect = verdicts.length === 0 ? "no verdict changed" : verdicts.join("; ");
    return [
      `The kubelet has changed: ${changes.join(", ")}. All pods were judged again: ${effect}`,
    ];
  }
}

function judgeOptions(
  by: JudgedBy | undefined,
  { node, kubelet }: Pick<Settings, "kubelet" | "node">,
): JudgeOptions {
  return {
    nodeName: node.name,
    kubeletVersion: by?.version,
    featureGates: by?.gates,
    unknownFields: kubelet.unknownFields,
  };
}

function minorIn({ version }: JudgedBy): number {
  return minorOf(version ?? "") ?? NEWEST_MINOR;
}

function changesBetween(before: JudgedBy, now: JudgedBy): readonly string[] {
  const version = (by: JudgedBy) => by.version ?? "of no known version";
  const upgrade = before.version === now.version
    ? []
    : [`it is ${version(now)}, before it was ${version(before)}`];
  const gates = new Map(
    assumedGates(minorIn(before), before.gates).map(({ name, enabled }) => [name, enabled]),
  );
  const switched = assumedGates(minorIn(now), now.gates)
    .filter(({ name, enabled }) => gates.has(name) && gates.get(name) !== enabled)
    .map(({ name, enabled }) => `${name} is ${enabled ? "on" : "off"}`);
  return [...upgrade, ...switched];
}
