import type { KubeletNow, ReloadResult } from "../../agent/mod.ts";
import type { LoadedConfig, Settings } from "../../config/mod.ts";
import { isJsonObject, type JsonObject, type Problem } from "../../core/mod.ts";
import { findJudgedBy, type JudgedBy, type JudgedByNode } from "../../kubelet/mod.ts";
import { judgeResolved, objectSource } from "../../materialize/mod.ts";
import {
  assumedGates,
  declareObjects,
  gateProblems,
  gateProblemText,
  isNewerThanKnown,
  judge,
  type JudgeOptions,
  judgeServed,
  minorOf,
  NEWEST_MINOR,
  podKey,
} from "../../pods/mod.ts";

/** What a person must know of pods that were good for the kubelet before. */
const STILL_SERVED =
  "Correct or remove them: while such a pod is served, this kubelet refuses the whole list";

/** The same of pods that it takes, and panics at. */
const STILL_PANICS =
  "Correct or remove them: while such a pod is served, this kubelet panics, again and again";

type Finding = Pick<Problem, "message" | "hint">;

/** The config whose pods are judged. */
type JudgedConfig = Pick<LoadedConfig, "path" | "entries"> & Partial<Pick<LoadedConfig, "objects">>;

/** Finds by which kubelet pods are judged. */
export type FindJudgedBy = (
  settings: Pick<Settings, "kubelet" | "node">,
) => Promise<KnownKubelet>;

/** The kubelet, and the API server that it belongs to if that is known. */
export type KnownKubelet = JudgedBy & Partial<Pick<JudgedByNode, "apiServer" | "seen">>;

/** A look that was begun ahead. */
interface BegunLook {
  /** As text. */
  readonly settings: string;
  readonly found: Promise<KnownKubelet>;
}

function textOf({ kubelet, node }: Pick<Settings, "kubelet" | "node">): string {
  return JSON.stringify([kubelet, node]);
}

const ofThisNode: FindJudgedBy = ({ kubelet, node }) =>
  findJudgedBy({ ...kubelet, nodeName: node.name }, kubelet.featureGates);

/**
 * Knows by which kubelet pods are judged, which may be upgraded or given other gates while
 * the agent runs, and says what that changes.
 */
export class JudgingKubelet {
  readonly #find: FindJudgedBy;
  readonly #boot: string | undefined;
  #current: KnownKubelet | undefined;
  #begun: BegunLook | undefined;
  /** What the verdicts of the last reload were made by. */
  #applied: JudgedBy | undefined;

  /** @param boot the ID of the kernel's present boot; undefined if it is not known */
  constructor(find: FindJudgedBy = ofThisNode, boot?: string) {
    this.#find = find;
    this.#boot = boot;
  }

  /** As it was last looked at. */
  get current(): KnownKubelet | undefined {
    return this.#current;
  }

  /**
   * Begins the next look with the settings that it will most likely have: a reload reads its
   * files meanwhile.
   */
  begin(settings: Pick<Settings, "kubelet" | "node">): void {
    const found = this.#find(settings);
    found.catch(() => undefined); // the look that takes it hears of it
    this.#begun = { settings: textOf(settings), found };
  }

  /**
   * Looks at the kubelet again, and judges a config by it.
   *
   * @returns what is noteworthy: that it has changed since the last reload and which
   * verdicts that changed, and gates of the config that it does not know
   */
  async look(
    settings: Pick<Settings, "kubelet" | "node">,
    config: JudgedConfig,
  ): Promise<readonly Problem[]> {
    const begun = this.#begun;
    this.#begun = undefined;
    const isSame = begun?.settings === textOf(settings);
    const found = await (isSame ? begun.found : this.#find(settings));
    this.#current = withKnown(found, this.#current, settings.kubelet.featureGates);
    const minor = minorIn(this.#current);
    const findings: readonly Finding[] = [
      ...gateProblems(minor, settings.kubelet.featureGates)
        .filter(({ kind }) => kind !== "unknown")
        .map((problem) => ({
          message: `agent.kubelet.featureGates: ${gateProblemText(problem, minor)}`,
        })),
      ...this.#whatChanged(settings, config),
    ];
    return findings.map((finding) => ({
      severity: "warning",
      code: "kubelet-rules",
      file: config.path,
      path: [],
      ...finding,
    }));
  }

  /** Called after each reload: one that could be made has applied the verdicts. */
  reloaded(result: ReloadResult): void {
    if (result !== "rejected" && result !== "failed") this.#applied = this.#current;
  }

  /**
   * What the node itself showed of its kubelet last, if podstead knows the rules of it: it refuses
   * a pod if it does both by what the node shows and by what settings say.
   */
  now(settings: Pick<Settings, "kubelet" | "node">): KubeletNow {
    const seen = this.#current?.seen;
    const version = isNewerThanKnown(seen?.version) ? undefined : seen?.version;
    return { boot: this.#boot, version, refuses: (pod) => this.#refuses(pod, settings) };
  }

  #refuses(pod: JsonObject, settings: Pick<Settings, "kubelet" | "node">): boolean {
    const seen = this.#current?.seen;
    if (seen === undefined || isNewerThanKnown(seen.version)) return false;
    // One that a kubelet without an API server panics at is in a list that it takes.
    const own = { ...this.options(settings), standAlone: false };
    const shown = { ...own, kubeletVersion: seen.version, featureGates: seen.gates };
    return [own, shown].every((options) => !judgeServed(pod, options).valid);
  }

  /** What pods are judged with. */
  options({ node, kubelet }: Pick<Settings, "kubelet" | "node">): JudgeOptions {
    return judgeOptions(this.#current, { node, kubelet });
  }

  #whatChanged(
    settings: Pick<Settings, "kubelet" | "node">,
    { entries, objects = [] }: JudgedConfig,
  ): readonly Finding[] {
    const [before, now] = [this.#applied, this.#current];
    if (before === undefined || now === undefined) return [];
    const changes = changesBetween(before, now);
    if (changes.length === 0) return [];
    const verdictOf = (by: JudgedBy) => {
      const options = judgeOptions(by, settings);
      return judgeResolved(
        entries.map(({ pod }) => isJsonObject(pod) ? pod : {}),
        {
          objects: objectSource(declareObjects(objects).objects.map(({ object }) => object)),
          nodeName: options.nodeName,
          // Which directory it is does not matter to the verdict.
          volumesDirectory: "/run/podstead/volumes",
        },
        (pods) => pods.map((pod) => judge(pod, options)),
      ).map(({ errors }) => errors.length === 0);
    };
    const [then, today] = [verdictOf(before), verdictOf(now)];
    const names = (isValid: boolean) =>
      entries.filter((_, at) => then[at] !== today[at] && today[at] === isValid)
        .map(({ pod }) => podKey(pod))
        .map((key) => key === undefined ? "a pod without a name" : `${key.namespace}/${key.name}`);
    const [refused, taken] = [names(false), names(true)];
    const verdicts = [
      ...(refused.length === 0 ? [] : [`it refuses ${refused.join(", ")} now`]),
      ...(taken.length === 0 ? [] : [`it takes ${taken.join(", ")} now`]),
    ];
    const effect = verdicts.length === 0 ? "no verdict changed" : verdicts.join("; ");
    return [{
      message: `The kubelet has changed: ${
        changes.join(", ")
      }. All pods were judged again: ${effect}`,
      // The last good version stays in the list, but it was good for another kubelet.
      ...(refused.length === 0
        ? {}
        : { hint: now.standAlone && !before.standAlone ? STILL_PANICS : STILL_SERVED }),
    }];
  }
}

/**
 * A kubelet that cannot be looked at now, because it is being restarted perhaps, is taken
 * for the one that was seen before: verdicts must not change for that.
 */
function withKnown(
  found: KnownKubelet,
  before: KnownKubelet | undefined,
  own: Settings["kubelet"]["featureGates"],
): KnownKubelet {
  if (before === undefined) return found;
  const isUnseen = found.from === "defaults";
  const gates = isUnseen
    ? { gates: { ...before.gates, ...own }, from: before.from }
    : { gates: found.gates, from: found.from };
  const isNamed = found.apiServer !== undefined && found.apiServer.kind !== "none";
  const apiServer = isUnseen && !isNamed ? before.apiServer : found.apiServer;
  const standAlone = isUnseen && !isNamed ? before.standAlone : found.standAlone;
  return {
    seen: found.seen,
    version: found.version ?? before.version,
    ...gates,
    ...(apiServer === undefined ? {} : { apiServer }),
    ...(standAlone === undefined ? {} : { standAlone }),
  };
}

function judgeOptions(
  by: JudgedBy | undefined,
  { node, kubelet }: Pick<Settings, "kubelet" | "node">,
): JudgeOptions {
  return {
    nodeName: node.name,
    kubeletVersion: by?.version,
    featureGates: by?.gates,
    standAlone: by?.standAlone,
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
  const alone = before.standAlone === now.standAlone ? [] : [
    now.standAlone
      ? "it runs without an API server"
      : "it is not seen to run without an API server",
  ];
  return [...upgrade, ...switched, ...alone];
}
