/**
 * Served pods that the kubelet of today refuses: after an upgrade it refuses the whole list for
 * one of them. What runs keeps running, so the pod stays; after a reboot nothing of the node
 * would start any more, so the pod is withheld then, and the others start.
 */
import type { JsonObject, Problem } from "../../core/mod.ts";
import { formatKey, minorOf } from "../../pods/mod.ts";
import type { PodOutcome, PodState } from "../outcome.ts";
import type { Plan } from "../plan.ts";
import type { ServedPod, TakenList } from "./state.ts";

/** The kubelet that fetches the list, as far as the node itself shows it. */
export interface KubeletNow {
  /** Of the kernel's present boot; undefined if it cannot be read. */
  readonly boot: string | undefined;
  /** As its executable says; undefined if it was not asked, whatever a setting says. */
  readonly version: string | undefined;
  /** Whether it provably refuses a pod as it is served. */
  readonly refuses: (pod: JsonObject) => boolean;
}

/** What was known before. */
export interface TakenBefore {
  readonly taken: TakenList | undefined;
  readonly previous: readonly ServedPod[];
  /** By which version the pods were judged; of a state that has no `taken` yet. */
  readonly judgedBy: string | undefined;
}

/** States of pods that are on their way to a version which the kubelet takes. */
const UNDER_WAY: ReadonlySet<PodState | undefined> = new Set(["Replacing", "Waiting"]);

/**
 * Finds the pods of a plan that the kubelet refuses now. Nothing is withheld on a guess: neither
 * where the boot, the kubelet or its last one is unknown, nor where only podstead's rules changed.
 *
 * @returns what the state should remember; undefined as long as nothing is known
 */
export function takenNow(
  { pods, outcomes }: Plan,
  { taken, previous, judgedBy }: TakenBefore,
  { boot, version, refuses }: KubeletNow,
): TakenList | undefined {
  if (boot === undefined) return taken;
  const hashes = new Map(pods.map((pod) => [formatKey(pod), pod.hash]));
  const known = taken?.refused.filter(({ key, hash }) => hashes.get(key) === hash) ?? [];
  if (version === undefined) {
    // They may run in this boot: it cannot be said that they do not.
    const refused = known.map((pod) => pod.withheld ? pod : { ...pod, boot });
    return taken && { ...taken, boot, refused };
  }
  const before = new Map(previous.map((pod) => [formatKey(pod), pod.hash]));
  const byKey = new Map(known.map((pod) => [pod.key, pod]));
  // One that is served as declared was judged a moment ago.
  const good = new Set(outcomes.filter(({ state }) => state === "Served").map(formatKey));
  const refused = pods.flatMap((pod) => {
    const key = formatKey(pod);
    if (good.has(key) || before.get(key) !== pod.hash || !refuses(pod.pod)) return [];
    const last = byKey.get(key) ?? {
      key,
      hash: pod.hash,
      boot: taken?.boot ?? boot,
      version: taken?.version ?? judgedBy,
    };
    const isOther = minorOf(last.version ?? "") !== undefined &&
      minorOf(last.version ?? "") !== minorOf(version);
    return [last.boot !== boot && isOther ? { ...last, withheld: true as const } : last];
  });
  return { boot, version, refused };
}

/** Whether the list has a pod, according to what is remembered. */
export function inList(taken: TakenList | undefined): (pod: ServedPod) => boolean {
  const withheld = new Map(
    taken?.refused.filter((pod) => pod.withheld).map(({ key, hash }) => [key, hash]),
  );
  return (pod) => withheld.size === 0 || withheld.get(formatKey(pod)) !== pod.hash;
}

/** A plan that says which pods are withheld, and problems that say it of all that are refused. */
export function withRefused(
  plan: Plan,
  taken: TakenList | undefined,
): { readonly plan: Plan; readonly problems: readonly Problem[] } {
  if (taken === undefined || taken.refused.length === 0) return { plan, problems: [] };
  const refused = new Map(taken.refused.map((pod) => [pod.key, pod]));
  const reason = `the kubelet is ${taken.version} now and refuses it; ` +
    "withheld since the reboot so that the others start";
  const problems: Problem[] = [];
  const outcomes = plan.outcomes.map((outcome): PodOutcome => {
    const found = refused.get(formatKey(outcome));
    if (found === undefined || UNDER_WAY.has(outcome.state)) return outcome;
    problems.push({
      severity: "error",
      code: "kubelet-rules",
      file: outcome.source.file,
      path: [],
      message: found.withheld
        ? `Pod ${found.key}: ${reason}`
        : `Pod ${found.key}: the kubelet is ${taken.version} now and refuses the whole list for ` +
          "it: what runs keeps running, but no change reaches this node",
      hint: found.withheld
        ? "Correct or remove it; it is served again as soon as the kubelet takes it"
        : "Correct or remove it; after a reboot it is withheld, so that the others start",
    });
    if (!found.withheld) return outcome;
    const { servingRevision: _, ...rest } = outcome;
    return { ...rest, state: "Rejected", reasonCode: "kubelet-refuses", reason };
  });
  return { plan: { ...plan, outcomes }, problems };
}
