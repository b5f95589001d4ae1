/** One reload, from the files to the new list: read → judge → plan → persist → swap → report. */
import { createHash } from "node:crypto";
import { errorText, formatBytes, PodsteadError, type Problem } from "../core/mod.ts";
import {
  declarePods,
  formatKey,
  MAX_MANIFEST_BYTES,
  renderManifest,
  stampPod,
} from "../pods/mod.ts";
import type { JsonObject } from "../core/mod.ts";
import type { LoadedConfig } from "../config/mod.ts";
import { type ControlPlanePods, joinDeclared } from "../controlplane/mod.ts";
import { type ChangeVerdict, judgeOrder, type PlannedChange } from "../rollout/mod.ts";
import type {
  PodOutcome,
  PodState,
  ReloadOutcome,
  ReloadResult,
  ReloadTrigger,
} from "./outcome.ts";
import { type JudgedPod, type Plan, planReload, type PodVerdict } from "./plan.ts";
import { unhealthySources } from "./source_health.ts";
import type { ServedPod } from "./state.ts";

/** The list as it is served, with what it consists of. */
export interface Manifest {
  readonly bytes: Uint8Array;
  /** Strong entity tag, quoted: the SHA-256 of the bytes. */
  readonly etag: string;
  readonly pods: number;
}

/** Nothing is served yet. */
export const NO_MANIFEST: Manifest = { bytes: new Uint8Array(), etag: "", pods: 0 };

/** Renders the list that the kubelet is to see. */
export function manifestOf(pods: readonly ServedPod[]): Manifest {
  const bytes = renderManifest(pods.map((pod) => stampPod(pod.pod, pod.hash)));
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  return { bytes, etag: `"${digest}"`, pods: pods.length };
}

/** `manifestOf` that remembers its last answer: most reloads change nothing, and ask twice. */
export function manifestRenderer(): typeof manifestOf {
  let last: { readonly pods: readonly ServedPod[]; readonly manifest: Manifest } | undefined;
  return (pods) => {
    const known = last !== undefined && last.pods.length === pods.length &&
      last.pods.every(({ pod }, at) => pod === pods[at]?.pod);
    if (last === undefined || !known) last = { pods, manifest: manifestOf(pods) };
    return last.manifest;
  };
}

/** What a loaded config asks for, before anything of it is done. */
export interface Proposal {
  readonly plan: Plan;
  readonly manifest: Manifest;
  readonly problems: readonly Problem[];
  /** Every pod of the config that has an identity, by ID, valid or not. */
  readonly declared: ReadonlyMap<string, JsonObject>;
  /** `rejected` where the config cannot be used as a whole. */
  readonly result: Exclude<ReloadResult, "failed">;
}

/** What `proposeReload` looks at. */
export interface ProposalInput {
  readonly loaded: LoadedConfig;
  /** The control plane that the config asks for, rendered. */
  readonly controlPlane: ControlPlanePods;
  readonly previous: readonly ServedPod[];
  /** The verdicts of the reload before, which hold on where nothing can be judged. */
  readonly lastOutcomes: readonly PodOutcome[];
  readonly revision: number;
  readonly nowMs: number;
  readonly judge: (pods: readonly JsonObject[]) => readonly PodVerdict[];
  /** Default: `manifestOf`. */
  readonly render?: typeof manifestOf;
  /** What the rollout said of the changes, when it was asked. */
  readonly verdicts?: ReadonlyMap<string, ChangeVerdict>;
}

/** Judges every declared pod and plans the list; changes nothing. */
export function proposeReload(input: ProposalInput): Proposal {
  const { loaded, previous } = input;
  const { controlPlane, render = manifestOf } = input;
  const own = joinDeclared(declarePods(loaded.entries), controlPlane);
  const problems = [...loaded.problems, ...own.problems, ...controlPlane.problems];
  const declared = [...controlPlane.pods, ...own.pods.map((pod) => ({ declared: pod }))];
  const byId = new Map(declared.map(({ declared: pod }) => [pod.id, pod.pod]));
  const unusable = loaded.settings === undefined;
  const asBefore = keepAll(previous, input.lastOutcomes);
  const failedIds: ReadonlySet<string> = new Set(controlPlane.failed);
  const verdicts = unusable ? [] : input.judge(declared.map(({ declared: { pod } }) => pod));
  const byKubelet = declared.map((pod, at) => {
    const { errors = [], warnings = [] } = verdicts[at] ?? {};
    return { ...pod, errors, warnings };
  });
  const healthOf = (judged: readonly JudgedPod[]) =>
    unhealthySources({
      files: loaded.files,
      unidentified: own.problems,
      judged,
      previous,
      lastOutcomes: input.lastOutcomes,
    });
  // A pod may come after one that is kept.
  const kept = healthOf(byKubelet);
  const order = judgeOrder(
    declared.map(({ declared: { key, pod } }) => ({ key: formatKey(key), pod })),
    new Set(
      previous.filter(({ id, source }) => failedIds.has(id) || kept.has(source.file))
        .map(formatKey),
    ),
  );
  const judged = byKubelet.map((pod) => ({
    ...pod,
    errors: [...pod.errors, ...order.get(formatKey(pod.declared.key)) ?? []],
  }));
  const plan = unusable ? asBefore : planReload({
    previous,
    judged,
    unhealthy: healthOf(judged),
    failedIds,
    ...(input.verdicts === undefined ? {} : { verdicts: input.verdicts }),
    nextRevision: input.revision + 1,
    nowMs: input.nowMs,
  });
  const manifest = render(plan.pods);
  if (manifest.bytes.byteLength > MAX_MANIFEST_BYTES) {
    problems.push(manifestTooLarge(manifest));
    return {
      plan: asBefore,
      manifest: render(previous),
      problems,
      declared: byId,
      result: "rejected",
    };
  }
  return { plan, manifest, problems, declared: byId, result: resultOf(plan, problems, unusable) };
}

/** The pods that a plan would add or change. */
export function changesOf(
  previous: readonly ServedPod[],
  plan: Plan,
): readonly PlannedChange[] {
  const before = new Map(previous.map((pod) => [formatKey(pod), pod]));
  return plan.pods.map((after) => ({ before: before.get(formatKey(after)), after }))
    .filter(({ before, after }) => before?.hash !== after.hash);
}

/** A proposal, or what became of it, as the report that is logged, kept and returned. */
export function outcomeOf(
  proposal: Pick<Proposal, "plan" | "problems">,
  facts: {
    readonly result: ReloadResult;
    readonly trigger: ReloadTrigger;
    readonly revision: number;
    readonly startedMs: number;
    readonly durationMs: number;
    readonly needRestart: readonly string[];
    readonly manifest: Manifest;
  },
): ReloadOutcome {
  return {
    result: facts.result,
    trigger: facts.trigger,
    revision: facts.revision,
    at: new Date(facts.startedMs).toISOString(),
    durationMs: Math.round(facts.durationMs * 100) / 100,
    pods: proposal.plan.outcomes,
    problems: proposal.problems,
    needRestart: facts.needRestart,
    served: {
      pods: facts.manifest.pods,
      bytes: facts.manifest.bytes.byteLength,
      etag: facts.manifest.etag,
    },
  };
}

/** A problem of podstead itself, not of a file that a person wrote. */
export function internalProblem(thrown: unknown, file: string): Problem {
  const hint = thrown instanceof PodsteadError ? thrown.hint : undefined;
  return {
    severity: "error",
    code: "failed",
    file,
    path: [],
    message: errorText(thrown),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The plan that changes nothing: every pod as it is, with the verdict that it had. */
export function keepAll(pods: readonly ServedPod[], lastOutcomes: readonly PodOutcome[]): Plan {
  const outcomes = lastOutcomes.filter((pod) => pod.state !== undefined)
    .map((pod): PodOutcome => ({ ...pod, change: pod.change === "none" ? "none" : "unchanged" }));
  return { pods, outcomes, changed: false };
}

/** Nothing is wrong with a pod that is only on its way. */
const GOOD_STATES: ReadonlySet<PodState> = new Set(["Served", "Replacing", "Waiting"]);

function resultOf(
  plan: Plan,
  problems: readonly Problem[],
  unusable: boolean,
): Proposal["result"] {
  if (unusable) return "rejected";
  const wrong = problems.some((problem) => problem.severity === "error") ||
    plan.outcomes.some(({ state }) => state !== undefined && !GOOD_STATES.has(state));
  if (wrong) return "partial";
  const underWay = plan.outcomes.some(({ state }) => state === "Replacing");
  return plan.changed || underWay ? "applied" : "unchanged";
}

function manifestTooLarge(manifest: Manifest): Problem {
  return {
    severity: "error",
    code: "manifest-too-large",
    file: "",
    path: [],
    message: `The list of ${manifest.pods} pods would have ${
      formatBytes(manifest.bytes.byteLength)
    }; the kubelet takes at most ${formatBytes(MAX_MANIFEST_BYTES)}`,
    hint: "Move large values (scripts, certificates) into files that the pods mount",
  };
}
